//! Counting what has to be looked up before it is known whose it is: tokens of another issuer, and tickets.
//!
//! Such a request counts against its network before anything is looked up for it, and goes on counting there where it
//! fails: made-up tokens and tickets cost the database no more than a network may ask for. Where it proves good, the hit
//! moves to its user.

use super::{count_anew, network};
use crate::{api::Api, http::error::ApiError};
use actix_web::HttpRequest;
use fasttrack_domain::{
    id::UserId,
    rate_limit::Subject,
    token::{AccessClaims, TokenError},
};
use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};
use std::time::Instant;

/// Tokens that are remembered, at about 100 bytes each.
const REMEMBERED: usize = 10_000;

/// Tokens of the other issuer that proved good, by their SHA-256, and whose they are. Such a token counts by its user at
/// once: a user over its limit is refused without a look at the database, and shares no limit with its network.
pub(super) struct ProvenTokens(Cache<[u8; 32], UserId>);

impl Default for ProvenTokens {
    fn default() -> Self {
        Self(Cache::new(REMEMBERED))
    }
}

/// Checks an access token, of ours or of the other issuer. One of the other issuer is counted.
pub async fn authenticate(request: &HttpRequest, api: &Api, token: &str) -> Result<AccessClaims, ApiError> {
    if let Some(claims) = api.authenticate.own(token).await? {
        return Ok(claims);
    }
    let fingerprint: [u8; 32] = Sha256::digest(token).into();
    let proven = &api.limits.proven.0;
    let subject = proven.get(&fingerprint).map_or_else(|| Subject::Network(network(request)), Subject::User);
    let hit = Hit::count(request, api, subject).await?;
    let looked_up = api.authenticate.external(token).await;
    if let Err(fasttrack_app::Error::Token(TokenError::Revoked | TokenError::Expired | TokenError::Invalid)) = looked_up
    {
        proven.remove(&fingerprint);
    }
    let claims = looked_up?;
    hit.move_to(request, api, claims.user_id).await?;
    proven.insert(fingerprint, claims.user_id);
    Ok(claims)
}

/// Spends a ticket, and counts it.
pub async fn redeem(request: &HttpRequest, api: &Api, ticket: &str) -> Result<AccessClaims, ApiError> {
    let hit = Hit::count(request, api, Subject::Network(network(request))).await?;
    let claims = api.redeem_ticket.execute(ticket).await?;
    hit.move_to(request, api, claims.user_id).await?;
    Ok(claims)
}

/// A request that was counted before it is known whose it is.
struct Hit {
    subject: Subject,
    begun: Instant,
}

impl Hit {
    async fn count(request: &HttpRequest, api: &Api, subject: Subject) -> Result<Self, ApiError> {
        let begun = Instant::now();
        count_anew(request, api, subject).await?;
        Ok(Self { subject, begun })
    }

    /// Counts the request by its user instead. Where the user may make no more, it counts where it did: what was looked
    /// up for it counts somewhere in any case.
    async fn move_to(self, request: &HttpRequest, api: &Api, user_id: UserId) -> Result<(), ApiError> {
        let user = Subject::User(user_id);
        if self.subject == user {
            return Ok(());
        }
        count_anew(request, api, user).await?;
        if let Some(limits) = &api.limits.requests {
            limits.take_back(self.subject, self.begun.elapsed()).await;
        }
        Ok(())
    }
}
