//! Deliveries of a webhook: listed, caused by a test, and repeated.

use crate::{
    api::Api,
    http::{
        caller::Caller,
        reply::{Reply, Result},
    },
    input::{Input, field::ById, page::PageQuery},
    openapi::{Routes, responses::NotOwnerForbidden},
    payload::{
        envelope::{Enveloped, EnvelopedNull},
        page::PagePayload,
        webhook::DeliveryPayload,
    },
};
use actix_web::{get, post, web::Data};
use fasttrack_app::webhook::{ListDeliveries, RetryDelivery, TestWebhook};
use fasttrack_domain::id::{DeliveryId, WebhookId};

pub fn configure(config: &mut Routes<'_>) {
    config.service(list).service(test).service(retry);
}

// @spec SPEC-025
/// List the deliveries of a webhook, the newest first.
///
/// For the project's owner and administrators. A delivery is kept for 30 days after it was delivered or given up.
#[utoipa::path(
    operation_id = "listWebhookDeliveries",
    tag = "webhooks",
    params(("id" = i64, Path, description = "The webhook"), PageQuery),
    responses(
        (status = 200, description = "A page of deliveries", body = Enveloped<PagePayload<DeliveryPayload>>),
        NotOwnerForbidden,
    ),
    security(("apiToken" = ["webhooks:read"]))
)]
#[get("/webhooks/{id}/deliveries")]
async fn list(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<WebhookId>, PageQuery>,
) -> Result<PagePayload<DeliveryPayload>> {
    let command = ListDeliveries { actor: caller.actor(), webhook_id: input.path.id.0, page: input.query.request() };
    Ok(Reply::ok(api.use_cases.webhooks.list_deliveries(command).await?.into()))
}

/// Send a test to a webhook.
///
/// For the project's owner and administrators. A request of type `ping` is sent, whatever types the webhook has; its
/// delivery shows what the receiver answered.
#[utoipa::path(
    operation_id = "testWebhook",
    tag = "webhooks",
    params(("id" = i64, Path, description = "The webhook")),
    responses(
        (status = 202, description = "A ping is sent", body = EnvelopedNull),
        NotOwnerForbidden,
        (
            status = 409,
            description = "`conflict`: the webhook is not active; `quota_exceeded`: as many pings wait as may"
        ),
    ),
    security(("apiToken" = ["webhooks:write"]))
)]
#[post("/webhooks/{id}/test")]
async fn test(api: Data<Api>, caller: Caller, input: Input<ById<WebhookId>>) -> Result<()> {
    let command = TestWebhook { actor: caller.actor(), id: input.path.id.0, origin: input.origin };
    api.use_cases.webhooks.test(command).await?;
    Ok(Reply::accepted(()))
}

/// Send a delivery again.
///
/// For the project's owner and administrators. The same request is sent now, with the same `webhook-id`, whether it was
/// delivered, given up or waits for its next attempt. Where it fails, it is tried again as if it were new.
#[utoipa::path(
    operation_id = "retryWebhookDelivery",
    tag = "webhooks",
    params(("id" = i64, Path, description = "The delivery")),
    responses(
        (status = 202, description = "It is sent again", body = EnvelopedNull),
        NotOwnerForbidden,
        (status = 409, description = "`conflict`: the webhook is not active"),
    ),
    security(("apiToken" = ["webhooks:write"]))
)]
#[post("/deliveries/{id}/retry")]
async fn retry(api: Data<Api>, caller: Caller, input: Input<ById<DeliveryId>>) -> Result<()> {
    let command = RetryDelivery { actor: caller.actor(), id: input.path.id.0, origin: input.origin };
    api.use_cases.webhooks.retry_delivery(command).await?;
    Ok(Reply::accepted(()))
}
