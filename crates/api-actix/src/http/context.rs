//! The middleware around every route: it names the request, finds out who asks and in which representation, and
//! renders whatever error comes back, the framework's included.

use super::{
    admission, audit,
    caller::Authentication,
    drain,
    error::{ApiError, ErrorCode},
    limit::{self, Access},
    observe,
    repeats::Repeats,
    representation::Representation,
};
use actix_web::{
    Error, HttpMessage, HttpRequest, HttpResponse,
    body::{BodySize, BodyStream, BoxBody, MessageBody},
    dev::{RequestHead, ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        Method, StatusCode,
        header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, VARY},
    },
    middleware::Next,
    web::Bytes,
};
use futures_util::{FutureExt, stream};
use std::{panic::AssertUnwindSafe, rc::Rc, time::Instant};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What is known of a request before its route is.
#[derive(Clone, Debug)]
pub struct Context {
    /// Equals the `X-Request-Id` of the answer.
    pub request_id: Rc<str>,
    /// How the answer is wrapped.
    pub representation: Representation,
    /// Whether it came as HEAD, and is performed as GET.
    pub is_head: bool,
}

impl Context {
    /// The context of a request that went through the middleware.
    pub fn of(request: &HttpRequest) -> Self {
        request.extensions().get::<Self>().cloned().unwrap_or_else(|| Self::read(request.head()))
    }

    fn read(head: &RequestHead) -> Self {
        let headers = head.headers();
        let given = headers.get(X_REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|id| is_request_id(id));
        Self {
            request_id: given.map_or_else(|| uuid::Uuid::new_v4().to_string().into(), Rc::from),
            representation: Representation::negotiate(head.uri.path(), headers),
            is_head: head.method == Method::HEAD,
        }
    }
}

/// 1 to 128 visible ASCII characters: nothing that could forge a line in a log.
fn is_request_id(id: &str) -> bool {
    (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}

// @spec SPEC-009
// @decision DEC-013
/// The middleware itself.
pub async fn middleware(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let context = Context::read(request.head());
    // RFC 9110 section 9.3.2: HEAD is GET without the body, which the connection leaves out by itself.
    if context.is_head {
        request.head_mut().method = Method::GET;
    }
    request.extensions_mut().insert(context.clone());
    observe::note_context(&request, &context);
    if let Err(error) = admission::admit(&mut request).await {
        return Err(refuse(render(&error, &context), &context));
    }
    // What needs no token looks at none: whatever comes along costs nothing.
    let authentication = match limit::access(&request) {
        Access::Token => Authentication::of(&request).await,
        Access::Public | Access::Unlimited => Authentication::Missing,
    };
    observe::note_authentication(&request, &authentication);
    request.extensions_mut().insert(authentication);

    // A panicking handler costs its own request only.
    match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(Ok(response)) => {
            if let Some(error) = response.response().error().and_then(|error| error.as_error::<ApiError>()) {
                audit::note_refusal(response.request(), error);
            }
            let mut response = render_refusal(response.map_into_boxed_body(), &context);
            if context.is_head && response.response().body().size() == BodySize::Stream {
                // Of a body that goes on for ever the connection would wait for the end.
                response = response.map_body(|_, _| BodyStream::new(stream::empty::<Result<Bytes, Error>>()).boxed());
            }
            name(response.headers_mut(), &context);
            limit::tell(&mut response);
            drain::close_connection(&mut response);
            Ok(response)
        }
        Ok(Err(error)) => Err(refuse(render_foreign(&error, &context), &context)),
        Err(panic) => {
            let message =
                panic.downcast_ref::<&str>().map(ToString::to_string).or_else(|| panic.downcast_ref().cloned());
            let error = ApiError::internal(message.unwrap_or_else(|| "panic".to_owned()));
            Err(refuse(render(&error, &context), &context))
        }
    }
}

/// Tells the client what the request is called.
pub(super) fn name(headers: &mut HeaderMap, context: &Context) {
    if let Ok(value) = HeaderValue::from_str(&context.request_id) {
        headers.insert(X_REQUEST_ID, value);
    }
}

/// Without a request at hand (the route took it), a response travels as an error.
fn refuse(mut response: HttpResponse, context: &Context) -> Error {
    name(response.headers_mut(), context);
    InternalError::from_response("refused", response).into()
}

/// Renders what a handler, an extractor or the framework refused.
fn render_refusal(response: ServiceResponse<BoxBody>, context: &Context) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let rendered = match response.response().error() {
        Some(error) => render_foreign(error, context),
        None if status.is_client_error() || status.is_server_error() => match of_status(status) {
            Some(error) if !response.headers().contains_key(CONTENT_TYPE) => render(&error, context),
            _ => return response,
        },
        None => return response,
    };
    let (request, _) = response.into_parts();
    ServiceResponse::new(request, rendered)
}

fn render_foreign(error: &Error, context: &Context) -> HttpResponse {
    if let Some(error) = error.as_error::<ApiError>() {
        return render(error, context);
    }
    let status = error.as_response_error().status_code();
    render(&of_status(status).unwrap_or_else(|| ApiError::internal(error.to_string())), context)
}

/// The error behind a status that the framework gave by itself.
fn of_status(status: StatusCode) -> Option<ApiError> {
    match status {
        StatusCode::NOT_FOUND => Some(ApiError::not_found()),
        StatusCode::BAD_REQUEST => Some(ApiError::new(ErrorCode::ValidationFailed, "the request can't be understood")),
        StatusCode::PAYLOAD_TOO_LARGE => Some(ApiError::new(ErrorCode::PayloadTooLarge, "the body is too large")),
        _ => None,
    }
}

/// Why requests were refused as unavailable.
static UNAVAILABLE: Repeats = Repeats::new();

/// The response to an error. Internals are logged here, once, with the id that the client sees; what is unavailable to
/// all is logged once a minute.
fn render(error: &ApiError, context: &Context) -> HttpResponse {
    if let Some(cause) = &error.cause {
        let chain = Chain(&**cause);
        if error.code == ErrorCode::Unavailable {
            if let Some(unlogged) = UNAVAILABLE.count(&chain.root(), Instant::now()) {
                tracing::warn!(request_id = %context.request_id, cause = %chain, unlogged, "unavailable");
            }
        } else {
            tracing::error!(request_id = %context.request_id, cause = %chain, "internal error");
        }
    }
    let mut response = HttpResponse::build(error.code.status());
    if let Some(header) = &error.header {
        response.insert_header((**header).clone());
    }
    match context.representation.error(error, &context.request_id) {
        Ok((body, content_type)) => response
            .insert_header((CONTENT_TYPE, content_type))
            .insert_header((VARY, HeaderValue::from_static("Accept")))
            .body(body),
        Err(error) => {
            tracing::error!(request_id = %context.request_id, %error, "an error could not be written as JSON");
            response.finish()
        }
    }
}

/// An error with all that caused it, in one line.
struct Chain<'a>(&'a (dyn std::error::Error + Send + Sync));

impl Chain<'_> {
    /// What caused all of it.
    fn root(&self) -> String {
        let mut root: &dyn std::error::Error = self.0;
        while let Some(source) = root.source() {
            root = source;
        }
        root.to_string()
    }
}

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_is_visible_ascii_of_at_most_128_characters() {
        assert!(is_request_id("a-1") && is_request_id(&"x".repeat(128)));
        for wrong in ["", " ", "a b", "a\tb", "é", &"x".repeat(129)] {
            assert!(!is_request_id(wrong), "{wrong:?}");
        }
    }
}
