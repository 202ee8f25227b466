//! `/projects/{id}/webhooks`, `/webhooks/{id}`, and the deliveries of a webhook.

mod body;
mod delivery;
#[cfg(test)]
mod tests;

use crate::{
    api::Api,
    http::{
        caller::Caller,
        error::ApiError,
        reply::{NoContent, Reply, Result},
    },
    input::{Input, Nothing, body::Json, field::ById, page::PageQuery},
    openapi::{Routes, responses::NotOwnerForbidden},
    payload::{
        envelope::Enveloped,
        page::PagePayload,
        webhook::{NewWebhookPayload, WebhookPayload, WebhookSecretPayload},
    },
};
use actix_web::{delete, get, patch, post, web::Data};
use body::{CreateWebhookBody, PatchWebhookBody};
use fasttrack_app::webhook::{CreateWebhook, DeleteWebhook, ListWebhooks, RotateWebhook, UpdateWebhook};
use fasttrack_domain::id::{ProjectId, WebhookId};

pub fn configure(config: &mut Routes<'_>) {
    config
        .service(create)
        .service(list)
        .service(get)
        .service(update)
        .service(delete)
        .service(rotate)
        .configure(delivery::configure);
}

// @spec SPEC-025
/// Add a webhook to a project.
///
/// For the project's owner and administrators. What happens in the project from then on is sent to its `url`, as
/// [Standard Webhooks](https://www.standardwebhooks.com) has it. The answer contains the `secret` that signs the
/// requests, this once.
#[utoipa::path(
    operation_id = "createWebhook",
    tag = "webhooks",
    params(("id" = i64, Path, description = "The project")),
    request_body = CreateWebhookBody,
    responses(
        (
            status = 201, description = "The webhook with its secret", body = Enveloped<NewWebhookPayload>,
            headers(("Location", description = "Where it is"))
        ),
        NotOwnerForbidden,
        (status = 409, description = "`quota_exceeded`: the project has as many webhooks as it may"),
    ),
    security(("apiToken" = ["webhooks:write"]))
)]
#[post("/projects/{id}/webhooks")]
async fn create(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<ProjectId>, Nothing, Json<CreateWebhookBody>>,
) -> Result<NewWebhookPayload> {
    let CreateWebhookBody { url, types } = input.body.0;
    let command =
        CreateWebhook { actor: caller.actor(), project_id: input.path.id.0, url, types: types.0, origin: input.origin };
    let created = api.use_cases.webhooks.create(command).await?;
    let location = format!("/webhooks/{}", created.webhook.id);
    Ok(Reply::created(created.into()).at(location).uncached())
}

/// List a project's webhooks.
///
/// For the project's owner and administrators. Gives a page by ascending id.
#[utoipa::path(
    operation_id = "listWebhooks",
    tag = "webhooks",
    params(("id" = i64, Path, description = "The project"), PageQuery),
    responses(
        (status = 200, description = "A page of webhooks", body = Enveloped<PagePayload<WebhookPayload>>),
        NotOwnerForbidden,
    ),
    security(("apiToken" = ["webhooks:read"]))
)]
#[get("/projects/{id}/webhooks")]
async fn list(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<ProjectId>, PageQuery>,
) -> Result<PagePayload<WebhookPayload>> {
    let command = ListWebhooks { actor: caller.actor(), project_id: input.path.id.0, page: input.query.request() };
    Ok(Reply::ok(api.use_cases.webhooks.list(command).await?.into()))
}

/// Show a webhook.
///
/// For the project's owner and administrators. Its secret is not shown: it was when the webhook was created.
#[utoipa::path(
    operation_id = "getWebhook",
    tag = "webhooks",
    params(("id" = i64, Path, description = "The webhook")),
    responses(
        (status = 200, description = "The webhook", body = Enveloped<WebhookPayload>),
        NotOwnerForbidden,
    ),
    security(("apiToken" = ["webhooks:read"]))
)]
#[get("/webhooks/{id}")]
async fn get(api: Data<Api>, caller: Caller, input: Input<ById<WebhookId>>) -> Result<WebhookPayload> {
    Ok(Reply::ok(api.use_cases.webhooks.get(caller.actor(), input.path.id.0).await?.into()))
}

/// Change a webhook.
///
/// For the project's owner and administrators. The body is a JSON merge patch (RFC 7396): absent fields stay. With
/// `is_active: false` nothing more is sent, and what waits is given up (`failed`); with `is_active: true`, also after
/// the webhook was ended, what happens from then on is sent.
#[utoipa::path(
    operation_id = "updateWebhook",
    tag = "webhooks",
    params(("id" = i64, Path, description = "The webhook")),
    request_body = PatchWebhookBody,
    responses(
        (status = 200, description = "The webhook", body = Enveloped<WebhookPayload>),
        NotOwnerForbidden,
    ),
    security(("apiToken" = ["webhooks:write"]))
)]
#[patch("/webhooks/{id}")]
async fn update(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<WebhookId>, Nothing, Json<PatchWebhookBody>>,
) -> Result<WebhookPayload> {
    let command =
        UpdateWebhook { actor: caller.actor(), id: input.path.id.0, patch: input.body.0.into(), origin: input.origin };
    Ok(Reply::ok(api.use_cases.webhooks.update(command).await?.into()))
}

/// Delete a webhook.
///
/// For the project's owner and administrators. Its deliveries are deleted with it; one that is being sent may still
/// arrive.
#[utoipa::path(
    operation_id = "deleteWebhook",
    tag = "webhooks",
    params(("id" = i64, Path, description = "The webhook")),
    responses(
        (status = 204, description = "Deleted"),
        NotOwnerForbidden,
    ),
    security(("apiToken" = ["webhooks:write"]))
)]
#[delete("/webhooks/{id}")]
async fn delete(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<WebhookId>>,
) -> std::result::Result<NoContent, ApiError> {
    let command = DeleteWebhook { actor: caller.actor(), id: input.path.id.0, origin: input.origin };
    api.use_cases.webhooks.delete(command).await?;
    Ok(NoContent)
}

/// Replace the secret of a webhook.
///
/// For the project's owner and administrators. Requests are signed with the new secret and, for 24 hours, with the one
/// before it too, so that a receiver misses none while it changes over. A further rotation ends the oldest at once.
#[utoipa::path(
    operation_id = "rotateWebhookSecret",
    tag = "webhooks",
    params(("id" = i64, Path, description = "The webhook")),
    responses(
        (status = 200, description = "The new secret, shown this once", body = Enveloped<WebhookSecretPayload>),
        NotOwnerForbidden,
    ),
    security(("apiToken" = ["webhooks:write"]))
)]
#[post("/webhooks/{id}/rotate")]
async fn rotate(api: Data<Api>, caller: Caller, input: Input<ById<WebhookId>>) -> Result<WebhookSecretPayload> {
    let command = RotateWebhook { actor: caller.actor(), id: input.path.id.0, origin: input.origin };
    Ok(Reply::ok(api.use_cases.webhooks.rotate(command).await?.into()).uncached())
}
