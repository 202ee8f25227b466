//! `/health`: for load balancers and orchestrators.

use crate::{
    api::Api,
    http::{
        config::HttpConfig,
        error::ApiError,
        reply::{Reply, Result},
    },
    openapi::Routes,
    payload::envelope::Enveloped,
};
use actix_web::{get, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

pub fn configure(config: &mut Routes<'_>) {
    config.service(live).service(ready);
}

/// The status of the server.
#[derive(Serialize, ToSchema)]
#[schema(as = Health, example = json!({"status": "ok"}))]
pub struct HealthPayload {
    /// Always `ok`; anything else is an error.
    status: &'static str,
}

/// Tell whether the process answers.
///
/// For everybody, without a token, and never limited. 200 means that the process serves requests; it says nothing
/// about the database.
#[utoipa::path(
    operation_id = "live",
    tag = "operations",
    responses((status = 200, description = "It does", body = Enveloped<HealthPayload>)),
    security(())
)]
#[get("/health/live")]
async fn live() -> Reply<HealthPayload> {
    Reply::ok(HealthPayload { status: "ok" }).uncached()
}

// @spec SPEC-012
/// Tell whether requests can be served.
///
/// For everybody, without a token, and never limited. 200 means that the database takes writes and has the schema of this
/// program, and that the server is not about to stop; anything else is 503, and load balancers send no requests
/// meanwhile. The database is asked at most once a second, however many ask here.
#[utoipa::path(
    operation_id = "ready",
    tag = "operations",
    responses((status = 200, description = "They can", body = Enveloped<HealthPayload>)),
    security(())
)]
#[get("/health/ready")]
async fn ready(api: Data<Api>, config: Data<HttpConfig>) -> Result<HealthPayload> {
    if config.shutdown.is_set() {
        return Err(ApiError::shutting_down());
    }
    api.readiness.check().await.map_err(ApiError::not_ready)?;
    Ok(Reply::ok(HealthPayload { status: "ok" }).uncached())
}
