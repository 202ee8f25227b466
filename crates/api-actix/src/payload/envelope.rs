//! The schema of the envelope for the OpenAPI document. Responses are written by
//! [`representation`](crate::http::representation).

use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::{Object, ObjectBuilder, Type, schema::SchemaType},
};

/// A success in the envelope.
#[derive(Serialize, ToSchema)]
pub struct Enveloped<T> {
    data: T,
    /// Null in a success.
    #[schema(required)]
    error: Option<ErrorDetail>,
    meta: Meta,
}

/// A success without payload in the envelope.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"data": null, "error": null, "meta": {"request_id": "7f9c"}}))]
pub struct EnvelopedNull {
    #[schema(required, schema_with = null)]
    data: Option<()>,
    /// Null in a success.
    #[schema(required)]
    error: Option<ErrorDetail>,
    meta: Meta,
}

/// Metadata of the response.
#[derive(Serialize, ToSchema)]
pub struct Meta {
    /// Equals the header `X-Request-Id`.
    #[schema(example = "7f9c")]
    request_id: String,
}

/// An error in the envelope.
#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
pub struct ErrorEnvelope {
    #[schema(required, schema_with = null)]
    data: Option<()>,
    error: ErrorDetail,
    meta: Meta,
}

/// An error.
#[derive(Serialize, ToSchema)]
pub struct ErrorDetail {
    /// A stable code for programs.
    #[schema(example = "validation_failed")]
    code: String,
    /// A human-readable message.
    message: String,
    /// The faulty fields, if there are any.
    details: Vec<FieldDetail>,
}

/// A value that was refused.
#[derive(Serialize, ToSchema)]
pub struct FieldDetail {
    /// The dotted path of the value.
    #[schema(example = "query.limit")]
    field: String,
    /// A stable code for programs.
    #[schema(example = "out_of_range")]
    code: String,
    /// A human-readable message.
    #[schema(example = "must be between 1 and 100")]
    message: String,
}

/// The schema of null: a nullable string without characters, as some generators of clients fail on the type `null`
/// alone.
fn null() -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .max_length(Some(0))
        .description(Some("Always null."))
        .build()
}
