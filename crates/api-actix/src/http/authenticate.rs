//! Checks tokens and tickets.
//!
//! A token of another issuer, an API token that is not cached, and a ticket are looked up in the database before it is
//! known whose they are. Such a request counts against the rate limit of its network before the look-up, and goes on
//! counting there if it fails: made-up tokens and tickets cause no more look-ups than a network's limit. If it succeeds,
//! the hit moves to its user.

use super::{
    caller::{Authentication, bearer},
    error::ApiError,
    rate_limit::{Hit, network},
};
use crate::api::Api;
use actix_web::{HttpRequest, dev::ServiceRequest, http::header::AUTHORIZATION, web::Data};
use fasttrack_domain::{
    id::UserId,
    rate_limit::Subject,
    token::{AccessClaims, TokenError},
};
use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};

/// Maximum number of cached tokens, which take about 100 bytes each.
const CACHED: usize = 10_000;

/// Cache of valid tokens that were looked up, of the other issuer and API tokens: SHA-256 of the token to its user. A
/// request with such a token counts against its user from the beginning: a user over the limit is refused without a
/// look-up, and shares no limit with its network.
pub struct ProvenTokens(Cache<[u8; 32], UserId>);

impl Default for ProvenTokens {
    fn default() -> Self {
        Self(Cache::new(CACHED))
    }
}

/// Reads and checks the bearer token of a request.
pub async fn bearer_of(request: &ServiceRequest) -> Authentication {
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let Some(token) = headers.next().and_then(|value| bearer(value.as_bytes())) else {
        return Authentication::Missing;
    };
    let (Ok(token), None) = (std::str::from_utf8(token), headers.next()) else {
        return Authentication::Refused(TokenError::Invalid.into());
    };
    let Some(api) = request.app_data::<Data<Api>>() else {
        return Authentication::Refused(TokenError::Unavailable.into());
    };
    match authenticate(request.request(), api, token).await {
        Ok(claims) => Authentication::Bearer(claims),
        Err(error) => Authentication::Refused(error),
    }
}

// @spec SPEC-024
/// Checks an access token, of ours or of the other issuer, or an API token. One that is looked up counts against the
/// rate limit.
pub async fn authenticate(request: &HttpRequest, api: &Api, token: &str) -> Result<AccessClaims, ApiError> {
    let (auth, api_tokens) = (&api.use_cases.auth, &api.use_cases.api_tokens);
    let is_api_token = api_tokens.is_api_token(token);
    let known = if is_api_token {
        api_tokens.authenticate_cached(token).transpose()?
    } else {
        auth.authenticate_own(token).await?
    };
    if let Some(claims) = known {
        return Ok(claims);
    }
    let fingerprint: [u8; 32] = Sha256::digest(token).into();
    let proven = request.app_data::<Data<ProvenTokens>>().map(|proven| &proven.0);
    let user_id = proven.and_then(|proven| proven.get(&fingerprint));
    let subject = user_id.map_or_else(|| Subject::Network(network(request)), Subject::User);
    let hit = Hit::count(request, subject).await?;
    let looked_up =
        if is_api_token { api_tokens.look_up(token).await } else { auth.authenticate_external(token).await };
    if let Err(fasttrack_app::Error::Token(TokenError::Revoked | TokenError::Expired | TokenError::Invalid)) = looked_up
        && let Some(proven) = proven
    {
        proven.remove(&fingerprint);
    }
    let claims = looked_up?;
    hit.move_to(request, claims.user_id).await?;
    if let Some(proven) = proven {
        proven.insert(fingerprint, claims.user_id);
    }
    Ok(claims)
}

/// Redeems a ticket. The request counts against the rate limit.
pub async fn redeem(request: &HttpRequest, api: &Api, ticket: &str) -> Result<AccessClaims, ApiError> {
    let hit = Hit::count(request, Subject::Network(network(request))).await?;
    let claims = api.use_cases.tickets.redeem(ticket).await?;
    hit.move_to(request, claims.user_id).await?;
    Ok(claims)
}
