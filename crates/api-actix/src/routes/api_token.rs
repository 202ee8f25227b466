//! `/auth/tokens`: tokens for programs of a user.

use crate::{
    api::Api,
    http::{
        caller::Caller,
        error::ApiError,
        reply::{NoContent, Reply, Result},
    },
    input::{Input, Nothing, body::Json, fault::Faults, field::ById, page::PageQuery},
    openapi::Routes,
    payload::{
        api_token::{ApiTokenPayload, NewApiTokenPayload},
        envelope::Enveloped,
        page::PagePayload,
        word,
    },
};
use actix_web::{delete, get, post, web::Data};
use deserr::Deserr;
use fasttrack_app::api_token::{CreateApiToken, RevokeApiToken};
use fasttrack_domain::{
    Timestamp,
    api_token::{Scopes, TokenProjects},
    id::ApiTokenId,
    text::TokenName,
};
use utoipa::ToSchema;

pub fn configure(config: &mut Routes<'_>) {
    config.service(create).service(list).service(revoke);
}

/// A new API token.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({
    "name": "Nightly import", "scopes": ["projects:read", "tasks:write"], "project_ids": [1],
    "expires_at": "2999-12-01T09:30:00Z"
}))]
pub struct CreateApiTokenBody {
    /// What the user recognizes it by.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    name: TokenName,
    /// What it may be used for; a scope that ends in `:write` includes `:read`.
    #[schema(schema_with = word::scopes)]
    scopes: Scopes,
    /// Up to 100 different projects that it is limited to, not with scopes of notifications; all that the user may see
    /// where absent.
    #[deserr(default)]
    #[schema(value_type = Option<Vec<i64>>, min_items = 1)]
    project_ids: Option<TokenProjects>,
    /// An instant in the future; it doesn't expire where absent.
    #[deserr(default)]
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    expires_at: Option<Timestamp>,
}

/// Make an API token.
///
/// For every user who logged in; API tokens can't make others. The answer is the only one that has the token itself. It
/// goes into `Authorization: Bearer` like an access token, within its scopes and projects, and never may more than its
/// user. It ends when it expires or is revoked, and with a reset of the password.
#[utoipa::path(
    operation_id = "createApiToken",
    tag = "auth",
    request_body = CreateApiTokenBody,
    responses(
        (status = 201, description = "The token", body = Enveloped<NewApiTokenPayload>),
        (status = 409, description = "`quota_exceeded`: the user has as many tokens as it may"),
    )
)]
#[post("/auth/tokens")]
async fn create(
    api: Data<Api>,
    caller: Caller,
    input: Input<Nothing, Nothing, Json<CreateApiTokenBody>>,
) -> Result<NewApiTokenPayload> {
    let Json(CreateApiTokenBody { name, scopes, project_ids, expires_at }) = input.body;
    let (actor, epoch, origin) = (caller.actor(), caller.0.epoch, input.origin);
    let command = CreateApiToken { actor, epoch, name, scopes, project_ids, expires_at, origin };
    Ok(Reply::created(api.use_cases.api_tokens.create(command).await?.into()).uncached())
}

/// List the caller's API tokens.
///
/// For every user who logged in, about the caller alone. Gives a page by ascending id, without revoked tokens.
#[utoipa::path(
    operation_id = "listApiTokens",
    tag = "auth",
    params(PageQuery),
    responses((status = 200, description = "A page of tokens", body = Enveloped<PagePayload<ApiTokenPayload>>))
)]
#[get("/auth/tokens")]
async fn list(
    api: Data<Api>,
    caller: Caller,
    input: Input<Nothing, PageQuery>,
) -> Result<PagePayload<ApiTokenPayload>> {
    let page = api.use_cases.api_tokens.list(caller.0.user_id, input.query.request()).await?;
    Ok(Reply::ok(page.into()))
}

/// Revoke one of the caller's API tokens.
///
/// For every user who logged in; another user's token is 404. It is refused from then on, and its open connections are
/// closed with 4401.
#[utoipa::path(
    operation_id = "revokeApiToken",
    tag = "auth",
    params(("id" = i64, Path, description = "The token")),
    responses((status = 204, description = "Revoked"))
)]
#[delete("/auth/tokens/{id}")]
async fn revoke(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<ApiTokenId>>,
) -> std::result::Result<NoContent, ApiError> {
    let command = RevokeApiToken { user_id: caller.0.user_id, id: input.path.id.0, origin: input.origin };
    api.use_cases.api_tokens.revoke(command).await?;
    Ok(NoContent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use fasttrack_domain::api_token::Scope;
    use serde_json::{Value, json};

    fn body(changes: &Value) -> std::result::Result<CreateApiTokenBody, Vec<(String, &'static str)>> {
        let mut body = json!({"name": " Import ", "scopes": ["tasks:read"]});
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        deserr::deserialize::<CreateApiTokenBody, _, Faults>(body).map_err(|faults| {
            ApiError::from(faults).details.into_iter().map(|detail| (detail.field, detail.code)).collect()
        })
    }

    #[test]
    fn wrong_member_of_a_token_is_named() {
        let ids = |count: i64| json!((1..=count).collect::<Vec<_>>());
        for (changes, field, code) in [
            (json!({"name": " "}), "name", "too_short"),
            (json!({"name": "x".repeat(101)}), "name", "too_long"),
            (json!({"name": null}), "name", "wrong_type"),
            (json!({"scopes": []}), "scopes", "too_few"),
            (json!({"scopes": null}), "scopes", "wrong_type"),
            (json!({"scopes": "tasks:read"}), "scopes", "wrong_type"),
            (json!({"scopes": ["tasks:read", "tasks"]}), "scopes.1", "invalid"),
            (json!({"scopes": ["tasks:read", 7]}), "scopes.1", "wrong_type"),
            (json!({"project_ids": []}), "project_ids", "too_few"),
            (json!({"project_ids": 1}), "project_ids", "wrong_type"),
            (json!({"project_ids": [1, "2"]}), "project_ids.1", "wrong_type"),
            (json!({"project_ids": ids(101)}), "project_ids", "too_many"),
            (json!({"expires_at": "2999-12-01"}), "expires_at", "invalid"),
            (json!({"expires_at": 7}), "expires_at", "wrong_type"),
            (json!({"prefix": "ft_"}), "prefix", "unknown_field"),
        ] {
            assert_eq!(body(&changes).err(), Some(vec![(field.to_owned(), code)]), "{changes}");
        }
    }

    #[test]
    fn equal_scopes_and_projects_collapse() {
        let ids: Vec<_> = (1..=100).chain([7, 7]).collect();
        let scopes = ["tasks:read", "comments:write", "tasks:read"];
        let body = body(&json!({"scopes": scopes, "project_ids": ids})).unwrap();
        assert_eq!(body.scopes, Scopes::from_iter([Scope::TasksRead, Scope::CommentsWrite]));
        assert!(body.project_ids.is_some());
    }

    #[test]
    fn null_is_absent_for_projects_and_end() {
        for changes in [json!({}), json!({"project_ids": null, "expires_at": null})] {
            let body = body(&changes).unwrap();
            assert_eq!((body.name.as_str(), body.project_ids, body.expires_at), ("Import", None, None));
        }
    }
}
