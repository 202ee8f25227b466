//! The schema of bare errors for the OpenAPI document. Responses are written by
//! [`representation`](crate::http::representation).

use super::envelope::FieldDetail;
use serde::Serialize;
use utoipa::ToSchema;

/// What went wrong (RFC 9457).
#[derive(Serialize, ToSchema)]
pub struct Problem {
    /// The `code` tells problems apart.
    #[schema(example = "about:blank")]
    r#type: String,
    /// Of the status.
    #[schema(example = "Bad Request")]
    title: String,
    /// Of the response.
    #[schema(example = 400)]
    status: u16,
    /// For people.
    detail: String,
    /// For programs; never changes.
    #[schema(example = "validation_failed")]
    code: String,
    /// Equals the header `X-Request-Id`.
    #[schema(example = "7f9c")]
    request_id: String,
    /// Every offending field; empty where there is nothing to say.
    errors: Vec<FieldDetail>,
}
