//! API tokens.

use super::{timestamp, word};
use chrono::{DateTime, Utc};
use fasttrack_app::api_token::IssuedApiToken;
use fasttrack_domain::api_token::{ApiToken, Scope};
use serde::Serialize;
use utoipa::ToSchema;

/// A token for a program of the user, without its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiToken, example = json!({
    "id": 1, "name": "Nightly import", "prefix": "ft_u2rUfF1Z", "scopes": ["projects:read", "tasks:write"],
    "project_ids": [1], "created_at": "2026-01-02T03:04:05.678901Z", "expires_at": "2027-01-02T03:04:05.678901Z",
    "last_used_at": null
}))]
pub struct ApiTokenPayload {
    id: i64,
    name: String,
    /// The first characters of the token.
    prefix: String,
    #[schema(schema_with = word::scopes)]
    scopes: Vec<&'static str>,
    /// The projects that it is limited to; null for all that the user may see.
    #[schema(required)]
    project_ids: Option<Vec<i64>>,
    #[serde(serialize_with = "timestamp::serialize")]
    created_at: DateTime<Utc>,
    /// When it ends; null for never.
    #[schema(required, value_type = Option<DateTime<Utc>>)]
    expires_at: Option<String>,
    /// When it was last used, to a minute; null for never.
    #[schema(required, value_type = Option<DateTime<Utc>>)]
    last_used_at: Option<String>,
}

impl From<ApiToken> for ApiTokenPayload {
    fn from(token: ApiToken) -> Self {
        Self {
            id: token.id.get(),
            name: token.name.into(),
            prefix: token.prefix,
            scopes: token.scopes.iter().map(Scope::as_str).collect(),
            project_ids: token.reach.ids().map(|ids| ids.iter().map(|id| id.get()).collect()),
            created_at: token.created_at,
            expires_at: token.expires_at.map(timestamp::text),
            last_used_at: token.last_used_at.map(timestamp::text),
        }
    }
}

/// A new token, with its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = NewApiToken, example = json!({
    "id": 1, "name": "Nightly import", "token": "ft_u2rUfF1Zb0m7Yk1kqQ0o5rCk3b9xq2oWc1h6s8d4e7A2kMgxk",
    "prefix": "ft_u2rUfF1Z", "scopes": ["projects:read", "tasks:write"], "project_ids": [1],
    "created_at": "2026-01-02T03:04:05.678901Z", "expires_at": "2027-01-02T03:04:05.678901Z", "last_used_at": null
}))]
pub struct NewApiTokenPayload {
    id: i64,
    name: String,
    /// For `Authorization: Bearer`. It is shown this once.
    #[schema(pattern = "^ft_[0-9A-Za-z_-]{43}[0-9A-Za-z]{6}$")]
    token: String,
    /// The first characters of the token.
    prefix: String,
    #[schema(schema_with = word::scopes)]
    scopes: Vec<&'static str>,
    /// The projects that it is limited to; null for all that the user may see.
    #[schema(required)]
    project_ids: Option<Vec<i64>>,
    #[serde(serialize_with = "timestamp::serialize")]
    created_at: DateTime<Utc>,
    /// When it ends; null for never.
    #[schema(required, value_type = Option<DateTime<Utc>>)]
    expires_at: Option<String>,
    /// Null: it wasn't used yet.
    #[schema(required, value_type = Option<DateTime<Utc>>)]
    last_used_at: Option<String>,
}

impl From<IssuedApiToken> for NewApiTokenPayload {
    fn from(IssuedApiToken { token, secret }: IssuedApiToken) -> Self {
        let ApiTokenPayload { id, name, prefix, scopes, project_ids, created_at, expires_at, last_used_at } =
            token.into();
        let token = secret.expose().to_owned();
        Self { id, name, token, prefix, scopes, project_ids, created_at, expires_at, last_used_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fasttrack_domain::{
        Timestamp,
        api_token::Reach,
        id::{ApiTokenId, ProjectId, UserId},
        token::SecretToken,
    };
    use serde_json::{Value, json};

    fn token() -> ApiToken {
        ApiToken {
            id: ApiTokenId::new(5),
            user_id: UserId::new(7),
            name: "Nightly import".parse().unwrap(),
            prefix: "ft_u2rUfF1Z".to_owned(),
            scopes: [Scope::TasksWrite, Scope::ProjectsRead].into_iter().collect(),
            reach: Reach::only(vec![ProjectId::new(4), ProjectId::new(2)]),
            created_at: Timestamp::UNIX_EPOCH,
            expires_at: Some(Timestamp::UNIX_EPOCH),
            last_used_at: None,
        }
    }

    fn shown() -> Value {
        json!({
            "id": 5, "name": "Nightly import", "prefix": "ft_u2rUfF1Z", "scopes": ["projects:read", "tasks:write"],
            "project_ids": [2, 4], "created_at": "1970-01-01T00:00:00.000000Z",
            "expires_at": "1970-01-01T00:00:00.000000Z", "last_used_at": null
        })
    }

    #[test]
    fn a_listed_token_shows_no_secret_and_no_user() {
        assert_eq!(serde_json::to_value(ApiTokenPayload::from(token())).unwrap(), shown());
        let unlimited = ApiToken { reach: Reach::All, expires_at: None, ..token() };
        let unlimited = serde_json::to_value(ApiTokenPayload::from(unlimited)).unwrap();
        assert_eq!((&unlimited["project_ids"], &unlimited["expires_at"]), (&Value::Null, &Value::Null));
    }

    #[test]
    fn a_new_token_shows_its_secret_besides() {
        let issued = IssuedApiToken { token: token(), secret: SecretToken::new("ft_secret".to_owned()) };
        let mut expected = shown();
        expected["token"] = json!("ft_secret");
        assert_eq!(serde_json::to_value(NewApiTokenPayload::from(issued)).unwrap(), expected);
    }
}
