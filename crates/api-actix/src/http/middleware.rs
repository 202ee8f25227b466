//! The middleware around every route: it reads the context, sheds load, authenticates, and renders errors, the
//! framework's included.

use super::{
    audit, authenticate,
    caller::Authentication,
    config::HttpConfig,
    context::Context,
    error::ApiError,
    load_shedding, observe, rate_limit,
    render::{render, render_actix_error, render_error_response},
    route_index::Access,
};
use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BodySize, BodyStream, BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{ConnectionType, Method, StatusCode},
    middleware::Next,
    web::{Bytes, Data},
};
use futures_util::{FutureExt, stream};
use std::panic::AssertUnwindSafe;

// @spec SPEC-009
// @decision DEC-0024
/// Wraps every route, as the [module](self) says.
pub async fn middleware(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let context = Context::read(request.request());
    // RFC 9110 section 9.3.2: HEAD is GET without the body, which the connection leaves out by itself.
    if context.is_head {
        request.head_mut().method = Method::GET;
    }
    request.extensions_mut().insert(context.clone());
    observe::note_context(&request, &context);
    if let Err(error) = load_shedding::admit(&mut request).await {
        return Err(refuse(render(&error, &context), &context));
    }
    // A public operation ignores tokens, so that invalid ones cost nothing.
    let authentication = match rate_limit::access(&request) {
        Access::Token(_) => authenticate::bearer_of(&request).await,
        Access::Public | Access::Unlimited => Authentication::Missing,
    };
    observe::note_authentication(&request, &authentication);
    request.extensions_mut().insert(authentication);

    // A panicking handler costs its own request only.
    match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(Ok(response)) => {
            if let Some(error) = response.response().error().and_then(|error| error.as_error::<ApiError>()) {
                audit::record_refusal(response.request(), error);
            }
            let mut response = render_error_response(response.map_into_boxed_body(), &context);
            if context.is_head && response.response().body().size() == BodySize::Stream {
                // The connection would wait for the end of a body that has none.
                response = response.map_body(|_, _| BodyStream::new(stream::empty::<Result<Bytes, Error>>()).boxed());
            }
            context.insert_headers(response.headers_mut());
            rate_limit::insert_headers(&mut response);
            close_connection_on_shutdown(&mut response);
            Ok(response)
        }
        Ok(Err(error)) => Err(refuse(render_actix_error(&error, &context), &context)),
        Err(panic) => {
            let message =
                panic.downcast_ref::<&str>().map(ToString::to_string).or_else(|| panic.downcast_ref().cloned());
            let error = ApiError::internal(message.unwrap_or_else(|| "panic".to_owned()));
            Err(refuse(render(&error, &context), &context))
        }
    }
}

/// Returns the response as an error: the route has consumed the request, and without one there is no other way.
fn refuse(mut response: HttpResponse, context: &Context) -> Error {
    context.insert_headers(response.headers_mut());
    InternalError::from_response("refused", response).into()
}

/// During a graceful shutdown, lets the connection end with this response (RFC 9112 section 9.6). If it were closed
/// without notice, the client could not know whether its next request was read.
fn close_connection_on_shutdown<B>(response: &mut ServiceResponse<B>) {
    let shutting_down =
        response.request().app_data::<Data<HttpConfig>>().is_some_and(|config| config.shutdown.is_set());
    if shutting_down && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
}
