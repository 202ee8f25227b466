//! The schema of bare errors for the OpenAPI document. Responses are written by
//! [`representation`](crate::http::representation).

use super::envelope::FieldDetail;
use serde::Serialize;
use utoipa::ToSchema;

/// Problem details (RFC 9457).
#[derive(Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: `code` identifies the problem.
    #[schema(example = "about:blank")]
    r#type: String,
    /// The reason phrase of the status.
    #[schema(example = "Bad Request")]
    title: String,
    /// The status of the response.
    #[schema(example = 400)]
    status: u16,
    /// A human-readable message.
    detail: String,
    /// A stable code for programs.
    #[schema(example = "validation_failed")]
    code: String,
    /// Equals the header `X-Request-Id`.
    #[schema(example = "7f9c")]
    request_id: String,
    /// The faulty fields, if there are any.
    errors: Vec<FieldDetail>,
}
