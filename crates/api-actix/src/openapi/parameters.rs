//! Parameters that several operations have.

use utoipa::IntoParams;

/// `Idempotency-Key` of an operation that creates something.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IdempotencyKey {
    /// Do this once, however often it is asked for within 24 hours
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255, pattern = "^[!-~]+$")]
    pub key: Option<String>,
}

/// The conditions of an operation that reads one thing.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct ReadConditions {
    /// 304 where the version is one of these
    #[param(rename = "If-None-Match")]
    pub if_none_match: Option<String>,
    /// 412 where the version is none of these
    #[param(rename = "If-Match")]
    pub if_match: Option<String>,
}

/// The conditions of an operation that changes one thing.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct ChangeConditions {
    /// Change only one of these versions
    #[param(rename = "If-Match")]
    pub if_match: Option<String>,
    /// 412 where the version is one of these
    #[param(rename = "If-None-Match")]
    pub if_none_match: Option<String>,
}

/// The conditions of an operation that deletes one thing.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct DeleteConditions {
    /// Delete only one of these versions
    #[param(rename = "If-Match")]
    pub if_match: Option<String>,
    /// 412 where the version is one of these
    #[param(rename = "If-None-Match")]
    pub if_none_match: Option<String>,
}

/// `{user_id}` of the routes of todos.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct TodoOwner {
    /// The caller's own id: ours, or the `sub` of another issuer's token
    pub user_id: String,
}
