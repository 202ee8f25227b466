//! API tokens.

use super::{MOMENT, unique, unique_digest};
use fasttrack_domain::{
    api_token::{MAX_API_TOKENS, NewApiToken, Reach, Scope},
    id::UserId,
    text::TokenName,
    ticket::SecretHash,
};

/// The name of an API token. Panics where the text is not valid.
pub fn token_name(text: &str) -> TokenName {
    TokenName::parse(text.to_owned()).unwrap()
}

/// A token of this user, which has its first epoch, for all projects, created at [`MOMENT`], that doesn't expire.
pub fn new_api_token(user_id: UserId) -> NewApiToken {
    let number = unique();
    NewApiToken {
        user_id,
        epoch: 0,
        name: token_name(&format!("Token {number}")),
        prefix: format!("ft_{number:08}"),
        hash: SecretHash::new(unique_digest()),
        scopes: [Scope::ProjectsRead, Scope::TasksWrite].into_iter().collect(),
        reach: Reach::All,
        created_at: MOMENT,
        expires_at: None,
        quota: MAX_API_TOKENS,
        audit: None,
    }
}
