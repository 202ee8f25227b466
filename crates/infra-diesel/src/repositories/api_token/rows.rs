//! Here are the rows of API tokens, and of the users that they belong to.

use super::super::{
    Error, SqlTimestamp,
    schema::{api_tokens, users},
};
use diesel::{Queryable, Selectable};
use fasttrack_domain::{
    api_token::{ApiToken, Reach},
    field::Invalid,
    id::{ApiTokenId, UserId},
    text::TokenName,
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = api_tokens)]
pub(super) struct TokenRow {
    id: i64,
    /// Absent once the account was erased: such a token is revoked.
    user_id: Option<i64>,
    name: String,
    prefix: String,
    scopes: String,
    project_ids: Option<String>,
    created_at: SqlTimestamp,
    expires_at: Option<SqlTimestamp>,
    last_used_at: Option<SqlTimestamp>,
}

impl TokenRow {
    /// Converts the row of a token that is not revoked.
    pub(super) fn entity(self) -> Result<ApiToken, Error> {
        let corrupt = Error::corrupt("api_tokens", self.id);
        let user_id = self.user_id.ok_or_else(|| corrupt(Invalid::new("invalid", "must have a user")))?;
        Ok(ApiToken {
            id: ApiTokenId::new(self.id),
            user_id: UserId::new(user_id),
            name: TokenName::parse(self.name).map_err(&corrupt)?,
            prefix: self.prefix,
            scopes: self.scopes.parse().map_err(&corrupt)?,
            reach: self.project_ids.as_deref().map_or(Ok(Reach::All), reach).map_err(&corrupt)?,
            created_at: self.created_at.0,
            expires_at: self.expires_at.map(|timestamp| timestamp.0),
            last_used_at: self.last_used_at.map(|timestamp| timestamp.0),
        })
    }
}

fn reach(project_ids: &str) -> Result<Reach, Invalid> {
    let ids = serde_json::from_str(project_ids).map_err(|_| Invalid::new("invalid", "must be an array of ids"))?;
    Ok(Reach::only(ids))
}

/// The column `project_ids`: a JSON array, or NULL without a limit.
pub(super) fn project_ids(reach: &Reach) -> Result<Option<String>, Error> {
    Ok(reach.ids().map(serde_json::to_string).transpose()?)
}

/// The columns that a token's claims have of its user.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(super) struct OwnerRow {
    pub(super) role: String,
    pub(super) is_active: bool,
    pub(super) token_epoch: i64,
    pub(super) key: Vec<u8>,
}
