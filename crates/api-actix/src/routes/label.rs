//! `/projects/{id}/labels`, and `/labels/{id}`.

use crate::{
    api::Api,
    http::{
        caller::Caller,
        error::ApiError,
        reply::{NoContent, Reply, Result},
    },
    input::{
        Input, Nothing,
        body::Json,
        fault::Faults,
        field::{ById, NonNull},
        page::PageQuery,
    },
    openapi::{
        Routes,
        responses::{NotEditorForbidden, NotMemberForbidden},
    },
    payload::{envelope::Enveloped, label::LabelPayload, page::PagePayload},
};
use actix_web::{delete, get, patch, post, web::Data};
use deserr::Deserr;
use fasttrack_app::label::{CreateLabel, DeleteLabel, ListLabels, UpdateLabel};
use fasttrack_domain::{
    id::{LabelId, ProjectId},
    label::{Color, LabelPatch},
    text::LabelName,
};
use utoipa::ToSchema;

pub fn configure(config: &mut Routes<'_>) {
    config.service(create).service(list).service(update).service(delete);
}

/// A new label.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"name": "Outdoors", "color": "#2e8b57"}))]
pub struct CreateLabelBody {
    /// Unique in the project, in any case of its letters.
    #[schema(value_type = String, min_length = 1, max_length = 50)]
    name: LabelName,
    /// `#808080` where absent.
    #[deserr(default)]
    #[schema(value_type = String, required = false, pattern = "^#[0-9A-Fa-f]{6}$")]
    color: NonNull<Color>,
}

/// Add a label to a project.
///
/// For the project's owner, editors, and administrators. The tasks of the project can have it from then on. An archived
/// project takes none (409 `conflict`).
#[utoipa::path(
    operation_id = "createLabel",
    tag = "labels",
    params(("id" = i64, Path, description = "The project")),
    request_body = CreateLabelBody,
    responses(
        (status = 201, description = "The label", body = Enveloped<LabelPayload>),
        NotEditorForbidden,
        (
            status = 409,
            description = "`conflict`: the project has a label with this name, or is archived; `quota_exceeded`: it has as many labels as it may"
        ),
    ),
    security(("apiToken" = ["projects:write"]))
)]
#[post("/projects/{id}/labels")]
async fn create(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<ProjectId>, Nothing, Json<CreateLabelBody>>,
) -> Result<LabelPayload> {
    let Json(CreateLabelBody { name, color }) = input.body;
    let command = CreateLabel {
        actor: caller.actor(),
        project_id: input.path.id.0,
        name,
        color: color.0.unwrap_or_default(),
        origin: input.origin,
    };
    let label = api.use_cases.labels.create(command).await?;
    Ok(Reply::created(label.into()))
}

/// List a project's labels.
///
/// For the project's members and administrators. Gives a page by ascending id.
#[utoipa::path(
    operation_id = "listLabels",
    tag = "labels",
    params(("id" = i64, Path, description = "The project"), PageQuery),
    responses(
        (status = 200, description = "A page of labels", body = Enveloped<PagePayload<LabelPayload>>),
        NotMemberForbidden,
    ),
    security(("apiToken" = ["projects:read"]))
)]
#[get("/projects/{id}/labels")]
async fn list(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<ProjectId>, PageQuery>,
) -> Result<PagePayload<LabelPayload>> {
    let command = ListLabels { actor: caller.actor(), project_id: input.path.id.0, page: input.query.request() };
    Ok(Reply::ok(api.use_cases.labels.list(command).await?.into()))
}

/// The fields to change; an absent one stays as it is.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"name": "Garden"}))]
pub struct PatchLabelBody {
    /// Unique in the project, in any case of its letters.
    #[deserr(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 50)]
    name: NonNull<LabelName>,
    #[deserr(default)]
    #[schema(value_type = String, required = false, pattern = "^#[0-9A-Fa-f]{6}$")]
    color: NonNull<Color>,
}

/// Change a label.
///
/// For the project's owner, editors, and administrators. The body is a JSON merge patch (RFC 7396): absent fields stay.
/// Tasks show the change without a new version.
#[utoipa::path(
    operation_id = "updateLabel",
    tag = "labels",
    params(("id" = i64, Path, description = "The label")),
    request_body = PatchLabelBody,
    responses(
        (status = 200, description = "The label", body = Enveloped<LabelPayload>),
        NotEditorForbidden,
        (status = 409, description = "`conflict`: the project has a label with this name"),
    ),
    security(("apiToken" = ["projects:write"]))
)]
#[patch("/labels/{id}")]
async fn update(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<LabelId>, Nothing, Json<PatchLabelBody>>,
) -> Result<LabelPayload> {
    let Json(PatchLabelBody { name, color }) = input.body;
    let command = UpdateLabel {
        actor: caller.actor(),
        id: input.path.id.0,
        patch: LabelPatch { name: name.0, color: color.0 },
        origin: input.origin,
    };
    Ok(Reply::ok(api.use_cases.labels.update(command).await?.into()))
}

/// Delete a label.
///
/// For the project's owner, editors, and administrators. It goes from every task, without a new version of these.
#[utoipa::path(
    operation_id = "deleteLabel",
    tag = "labels",
    params(("id" = i64, Path, description = "The label")),
    responses(
        (status = 204, description = "Deleted"),
        NotEditorForbidden,
    ),
    security(("apiToken" = ["projects:write"]))
)]
#[delete("/labels/{id}")]
async fn delete(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<LabelId>>,
) -> std::result::Result<NoContent, ApiError> {
    let command = DeleteLabel { actor: caller.actor(), id: input.path.id.0, origin: input.origin };
    api.use_cases.labels.delete(command).await?;
    Ok(NoContent)
}
