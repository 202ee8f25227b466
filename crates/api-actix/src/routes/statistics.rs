//! `/projects/{id}/stats`

use crate::{
    api::Api,
    http::{
        caller::Caller,
        reply::{Reply, Result},
    },
    input::{Input, field::ById},
    openapi::{Routes, responses::NotMemberForbidden},
    payload::{envelope::Enveloped, statistics::StatisticsPayload},
};
use actix_web::{get, web::Data};
use fasttrack_domain::id::ProjectId;

pub fn configure(config: &mut Routes<'_>) {
    config.service(get);
}

/// Count a project's tasks by status.
///
/// For the project's members and administrators. The numbers are kept by a background worker and are right within two
/// seconds of the last change.
#[utoipa::path(
    operation_id = "getProjectStatistics",
    tag = "projects",
    params(("id" = i64, Path, description = "The project")),
    responses(
        (status = 200, description = "The numbers", body = Enveloped<StatisticsPayload>),
        NotMemberForbidden,
    ),
    security(("apiToken" = ["projects:read"]))
)]
#[get("/projects/{id}/stats")]
async fn get(api: Data<Api>, caller: Caller, input: Input<ById<ProjectId>>) -> Result<StatisticsPayload> {
    Ok(Reply::ok(api.use_cases.statistics.get(caller.actor(), input.path.id.0).await?.into()))
}
