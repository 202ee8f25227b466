//! `/projects`

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
        idempotency::Keyed,
        page::{PageCursor, PageLimit, page},
    },
    openapi::{
        Routes,
        parameters::{ChangeConditions, DeleteConditions, IdempotencyKey, ReadConditions},
        responses::{IdempotencyKeyReused, NotMemberForbidden, NotModified, NotOwnerForbidden, PreconditionFailed},
    },
    payload::{envelope::Enveloped, page::PagePayload, project::ProjectPayload, word},
};
use actix_web::{delete, get, patch, post, web::Data};
use deserr::Deserr;
use fasttrack_app::{
    Creation,
    project::{CreateProject, DeleteProject, ListProjects, UpdateProject},
};
use fasttrack_domain::{
    id::ProjectId,
    membership::MemberRole,
    patch::Patch,
    project::{ProjectPatch, ProjectStatus},
    text::{Description, ProjectName},
};
use utoipa::{IntoParams, ToSchema};

pub fn configure(config: &mut Routes<'_>) {
    config.service(create).service(list).service(get).service(update).service(delete);
}

/// A new project.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"name": "Garden", "description": "Everything outside"}))]
pub struct CreateProjectBody {
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    name: ProjectName,
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 10_000)]
    description: Option<Description>,
}

/// Create a project.
///
/// For every user. The caller becomes the project's owner. With an `Idempotency-Key` the request may be sent again
/// without making a second project.
#[utoipa::path(
    operation_id = "createProject",
    tag = "projects",
    params(
        IdempotencyKey,
    ),
    request_body = CreateProjectBody,
    responses(
        (
            status = 201, description = "The project", body = Enveloped<ProjectPayload>,
            headers(
                ("Location", description = "Where it is"), ("ETag", description = "Its version"),
                ("Idempotency-Replayed", description = "`true` where this was done before, by the same key")
            )
        ),
        (status = 403, description = "`forbidden`: an API token that is limited to certain projects"),
        (status = 409, description = "`quota_exceeded`: you have as many projects as you may"),
        IdempotencyKeyReused,
    ),
    security(("apiToken" = ["projects:write"]))
)]
#[post("/projects")]
async fn create(
    api: Data<Api>,
    caller: Caller,
    input: Input<Nothing, Nothing, Keyed<CreateProjectBody>>,
) -> Result<ProjectPayload> {
    let Keyed { body: CreateProjectBody { name, description }, request } = input.body;
    let command = CreateProject { actor: caller.actor(), name, description, request };
    let Creation { entity: view, replayed } = api.use_cases.projects.create(command).await?;
    let (location, version) = (format!("/projects/{}", view.project.id), view.project.version);
    Ok(Reply::created(view.into()).at(location).version(version).replayed(replayed))
}

/// Which projects.
#[derive(Deserr, IntoParams)]
#[deserr(error = Faults)]
#[into_params(parameter_in = Query)]
pub struct ListProjectsQuery {
    #[deserr(default)]
    #[param(schema_with = word::member_role, required = false)]
    role: NonNull<MemberRole>,
    #[deserr(default)]
    #[param(schema_with = word::project_status, required = false)]
    status: NonNull<ProjectStatus>,
    /// Most items of the page.
    #[deserr(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100, default = 20)]
    limit: PageLimit,
    /// The `next_cursor` of the page before; opaque.
    #[deserr(default)]
    #[param(value_type = Option<String>, example = "eyJpZCI6IDQyfQ")]
    cursor: PageCursor,
}

/// List projects.
///
/// For every user: the projects that the caller is a member of; administrators get everybody's. Gives a page by ascending
/// id, archived ones included unless `status` says otherwise. With `role`, only those in which the caller has that role.
#[utoipa::path(
    operation_id = "listProjects",
    tag = "projects",
    params(ListProjectsQuery),
    responses((status = 200, description = "A page of projects", body = Enveloped<PagePayload<ProjectPayload>>)),
    security(("apiToken" = ["projects:read"]))
)]
#[get("/projects")]
async fn list(
    api: Data<Api>,
    caller: Caller,
    input: Input<Nothing, ListProjectsQuery>,
) -> Result<PagePayload<ProjectPayload>> {
    let ListProjectsQuery { role, status, limit, cursor } = input.query;
    let command = ListProjects { actor: caller.actor(), role: role.0, status: status.0, page: page(&limit, &cursor) };
    Ok(Reply::ok(api.use_cases.projects.list(command).await?.into()))
}

/// Show a project.
///
/// For the project's members and administrators. The `ETag` of the answer is the version: sent as `If-None-Match` it
/// gives 304 while nothing has changed, sent as `If-Match` with a change it guards against overwriting somebody
/// else's. The caller's `role` is no part of the version.
#[utoipa::path(
    operation_id = "getProject",
    tag = "projects",
    params(
        ("id" = i64, Path, description = "The project"),
        ReadConditions,
    ),
    responses(
        (
            status = 200, description = "The project", body = Enveloped<ProjectPayload>,
            headers(("ETag", description = "Its version"))
        ),
        NotModified,
        NotMemberForbidden,
        PreconditionFailed,
    ),
    security(("apiToken" = ["projects:read"]))
)]
#[get("/projects/{id}")]
async fn get(api: Data<Api>, caller: Caller, input: Input<ById<ProjectId>>) -> Result<ProjectPayload> {
    let view = api.use_cases.projects.get(caller.actor(), input.path.id.0).await?;
    Ok(Reply::ok_version(view.project.version, view.into()))
}

/// The fields to change; an absent one stays as it is.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"description": null, "status": "archived"}))]
pub struct PatchProjectBody {
    #[deserr(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    name: NonNull<ProjectName>,
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 10_000)]
    description: Patch<Description>,
    #[deserr(default)]
    #[schema(schema_with = word::project_status, required = false)]
    status: NonNull<ProjectStatus>,
}

/// Change a project.
///
/// For the project's owner and administrators. The body is a JSON merge patch (RFC 7396): absent fields stay, `null`
/// clears `description`. An archived project takes no new tasks; those that it has can still be changed.
#[utoipa::path(
    operation_id = "updateProject",
    tag = "projects",
    params(
        ("id" = i64, Path, description = "The project"),
        ChangeConditions,
    ),
    request_body = PatchProjectBody,
    responses(
        (
            status = 200, description = "The project", body = Enveloped<ProjectPayload>,
            headers(("ETag", description = "Its version"))
        ),
        NotOwnerForbidden,
        PreconditionFailed,
    ),
    security(("apiToken" = ["projects:write"]))
)]
#[patch("/projects/{id}")]
async fn update(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<ProjectId>, Nothing, Json<PatchProjectBody>>,
) -> Result<ProjectPayload> {
    let PatchProjectBody { name, description, status } = input.body.0;
    let command = UpdateProject {
        actor: caller.actor(),
        id: input.path.id.0,
        patch: ProjectPatch { name: name.0, description, status: status.0 },
        precondition: input.precondition,
        origin: input.origin,
    };
    let view = api.use_cases.projects.update(command).await?;
    Ok(Reply::ok_version(view.project.version, view.into()))
}

/// Delete a project.
///
/// For the project's owner and administrators. Its tasks and their comments are deleted with it, for good.
#[utoipa::path(
    operation_id = "deleteProject",
    tag = "projects",
    params(
        ("id" = i64, Path, description = "The project"),
        DeleteConditions,
    ),
    responses(
        (status = 204, description = "Deleted"),
        NotOwnerForbidden,
        PreconditionFailed,
    ),
    security(("apiToken" = ["projects:write"]))
)]
#[delete("/projects/{id}")]
async fn delete(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<ProjectId>>,
) -> std::result::Result<NoContent, ApiError> {
    let command = DeleteProject {
        actor: caller.actor(),
        id: input.path.id.0,
        precondition: input.precondition,
        origin: input.origin,
    };
    api.use_cases.projects.delete(command).await?;
    Ok(NoContent)
}
