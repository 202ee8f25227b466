//! Tokens.

use fasttrack_domain::ports::token::TokenPair;
use serde::Serialize;
use utoipa::ToSchema;

/// An access token and the refresh token that gets the next one.
#[derive(Serialize, ToSchema)]
#[schema(as = Tokens, example = json!({
    "access_token": "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "refresh_token": "eyJhbGciOiJSUzI1NiJ9.eyJzaWQiOiIxIn0.c2lnbmF0dXJl",
    "token_type": "bearer", "expires_in": 900
}))]
pub struct TokensPayload {
    /// For `Authorization: Bearer`.
    access_token: String,
    /// Good for one exchange at `/auth/refresh`.
    refresh_token: String,
    /// Always `bearer`.
    token_type: &'static str,
    /// How long the access token is good, in seconds.
    expires_in: u64,
}

impl From<TokenPair> for TokensPayload {
    fn from(pair: TokenPair) -> Self {
        Self {
            access_token: pair.access.expose().to_owned(),
            refresh_token: pair.refresh.expose().to_owned(),
            token_type: "bearer",
            expires_in: pair.expires_in.as_secs(),
        }
    }
}
