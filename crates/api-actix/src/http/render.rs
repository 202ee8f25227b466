//! Renders errors in the representation that the client accepts.

use super::{
    context::Context,
    error::{ApiError, ErrorCode},
    repeats::Repeats,
};
use actix_web::{
    Error, HttpResponse,
    body::BoxBody,
    dev::ServiceResponse,
    http::{
        StatusCode,
        header::{CONTENT_TYPE, HeaderValue, VARY},
    },
};
use fasttrack_domain::failure::chain;
use std::time::Instant;

/// Renders an error response of a handler, an extractor or the framework. Any other response stays as it is.
pub(super) fn render_error_response(response: ServiceResponse<BoxBody>, context: &Context) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let rendered = match response.response().error() {
        Some(error) => render_actix_error(error, context),
        None if status.is_client_error() || status.is_server_error() => match of_status(status) {
            Some(error) if !response.headers().contains_key(CONTENT_TYPE) => render(&error, context),
            _ => return response,
        },
        None => return response,
    };
    let (request, _) = response.into_parts();
    ServiceResponse::new(request, rendered)
}

/// Renders any error as one of ours.
pub(super) fn render_actix_error(error: &Error, context: &Context) -> HttpResponse {
    if let Some(error) = error.as_error::<ApiError>() {
        return render(error, context);
    }
    let status = error.as_response_error().status_code();
    render(&of_status(status).unwrap_or_else(|| ApiError::internal(error.to_string())), context)
}

/// Returns the error for a status that the framework set by itself; `None` for any other status, which is a defect.
fn of_status(status: StatusCode) -> Option<ApiError> {
    match status {
        StatusCode::NOT_FOUND => Some(ApiError::not_found()),
        StatusCode::BAD_REQUEST => Some(ApiError::new(ErrorCode::ValidationFailed, "the request can't be understood")),
        StatusCode::PAYLOAD_TOO_LARGE => Some(ApiError::new(ErrorCode::PayloadTooLarge, "the body is too large")),
        _ => None,
    }
}

/// Causes of 503 that were logged within the last minute, so that each is logged once a minute.
static UNAVAILABLE: Repeats = Repeats::new();

/// Renders an error. The cause of a 500 is logged here, once, with the request id that the client sees; that of a 503,
/// which many requests share, once a minute.
pub(super) fn render(error: &ApiError, context: &Context) -> HttpResponse {
    if let Some(cause) = &error.cause {
        let chain = chain(&**cause);
        if error.code == ErrorCode::Unavailable {
            if let Some(unlogged) = UNAVAILABLE.count(&root(&**cause), Instant::now()) {
                tracing::warn!(request_id = %context.request_id, cause = chain, unlogged, "unavailable");
            }
        } else {
            tracing::error!(request_id = %context.request_id, cause = chain, "internal error");
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

/// The innermost source of an error, or the error itself.
fn root(error: &(dyn std::error::Error + 'static)) -> String {
    std::iter::successors(Some(error), |error| error.source()).last().unwrap_or(error).to_string()
}
