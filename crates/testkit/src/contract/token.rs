//! Tokens: [`TokenIssuer`] and [`TokenVerifier`] of one configuration. Storage has to confirm every token.

use crate::builders::MOMENT;
use chrono::{SubsecRound, TimeDelta};
use fasttrack_domain::{
    Timestamp,
    id::{SessionId, UserId},
    key::InstanceKey,
    ports::token::{TokenIssuer, TokenPair, TokenVerifier},
    session::RefreshGrant,
    token::{AccessGrant, TokenError, TokenSource},
    user::Role,
};
use std::{collections::HashSet, time::Duration};

contract! { $
    token { issuer: TokenIssuer, verifier: TokenVerifier }
    an_access_token_has_its_claims,
    a_refresh_token_has_its_claims,
    an_expired_token_can_only_be_read,
    an_access_token_expires_no_later_than_its_refresh_token,
    a_token_of_the_other_use_is_refused,
    a_changed_token_is_refused,
    refresh_token_ids_are_unique,
}

fn grant() -> AccessGrant {
    AccessGrant {
        user_id: UserId::new(7),
        user_key: InstanceKey::new([1; InstanceKey::LENGTH]),
        role: Role::Admin,
        session_id: SessionId::new(5),
        session_key: InstanceKey::new([2; InstanceKey::LENGTH]),
        epoch: 3,
    }
}

/// A pair that is issued at [`MOMENT`], and its refresh token.
fn given_pair(ports: &Ports) -> (TokenPair, RefreshGrant) {
    let refresh = ports.issuer.grant_refresh(MOMENT);
    (ports.issuer.issue(&grant(), &refresh, MOMENT).unwrap(), refresh)
}

/// Tokens have whole seconds.
fn expiry(pair: &TokenPair) -> Timestamp {
    MOMENT.trunc_subsecs(0) + pair.expires_in
}

async fn an_access_token_has_its_claims(ports: &Ports) {
    let (pair, _) = given_pair(ports);
    assert!(pair.expires_in > Duration::ZERO);
    let claims = ports.verifier.verify_access(pair.access.expose(), MOMENT).await.unwrap();
    let grant = grant();
    assert_eq!((claims.user_id, claims.role, claims.epoch), (grant.user_id, grant.role, grant.epoch));
    assert_eq!(claims.source, TokenSource::Session(grant.session_id));
    assert_eq!((claims.user_key, claims.session_key), (Some(grant.user_key), Some(grant.session_key)));
    assert_eq!((claims.issued_at, claims.expires_at), (MOMENT.trunc_subsecs(0), expiry(&pair)));
    assert_eq!(ports.verifier.read_access(pair.access.expose()).unwrap(), claims);
    ports.verifier.recheck_access(&claims, MOMENT).await.unwrap();
    ports.verifier.confirm_access(&claims, MOMENT).await.unwrap();
}

async fn a_refresh_token_has_its_claims(ports: &Ports) {
    let (pair, refresh) = given_pair(ports);
    let claims = ports.verifier.verify_refresh(pair.refresh.expose(), MOMENT).unwrap();
    let grant = grant();
    assert_eq!((claims.user_id, claims.session_id), (grant.user_id, grant.session_id));
    assert_eq!(claims.session_key, Some(grant.session_key));
    assert_eq!((claims.token_id, claims.expires_at), (refresh.token_id, refresh.expires_at));
}

/// It is refused from the moment at which it expires.
async fn an_expired_token_can_only_be_read(ports: &Ports) {
    let (pair, refresh) = given_pair(ports);
    let (access, end) = (pair.access.expose(), expiry(&pair));
    let claims = ports.verifier.verify_access(access, end - TimeDelta::microseconds(1)).await.unwrap();
    assert_eq!(ports.verifier.verify_access(access, end).await, Err(TokenError::Expired));
    assert_eq!(ports.verifier.recheck_access(&claims, end).await, Err(TokenError::Expired));
    assert_eq!(ports.verifier.confirm_access(&claims, end).await, Err(TokenError::Expired));
    assert_eq!(ports.verifier.read_access(access).unwrap(), claims);
    let expired = ports.verifier.verify_refresh(pair.refresh.expose(), refresh.expires_at);
    assert_eq!(expired, Err(TokenError::Expired));
}

async fn an_access_token_expires_no_later_than_its_refresh_token(ports: &Ports) {
    let expires_at = MOMENT.trunc_subsecs(0) + TimeDelta::seconds(1);
    let refresh = RefreshGrant { expires_at, ..ports.issuer.grant_refresh(MOMENT) };
    let pair = ports.issuer.issue(&grant(), &refresh, MOMENT).unwrap();
    assert_eq!(pair.expires_in, Duration::from_secs(1));
    let claims = ports.verifier.verify_access(pair.access.expose(), MOMENT).await.unwrap();
    assert_eq!(claims.expires_at, expires_at);
}

async fn a_token_of_the_other_use_is_refused(ports: &Ports) {
    let (pair, _) = given_pair(ports);
    let (access, refresh) = (pair.access.expose(), pair.refresh.expose());
    assert_eq!(ports.verifier.verify_access(refresh, MOMENT).await, Err(TokenError::Invalid));
    assert_eq!(ports.verifier.read_access(refresh), Err(TokenError::Invalid));
    assert_eq!(ports.verifier.verify_refresh(access, MOMENT), Err(TokenError::Invalid));
}

async fn a_changed_token_is_refused(ports: &Ports) {
    let (pair, _) = given_pair(ports);
    for token in [pair.access.expose(), pair.refresh.expose()] {
        let (shorter, last) = (&token[..token.len() - 4], &token[token.len() - 4..]);
        let other = if last.starts_with('A') { "B" } else { "A" };
        for changed in
            [String::new(), shorter.to_owned(), format!("{shorter}{other}{}", &last[1..]), format!(" {token}")]
        {
            assert_eq!(ports.verifier.verify_access(&changed, MOMENT).await, Err(TokenError::Invalid), "{changed}");
            assert_eq!(ports.verifier.read_access(&changed), Err(TokenError::Invalid), "{changed}");
            assert_eq!(ports.verifier.verify_refresh(&changed, MOMENT), Err(TokenError::Invalid), "{changed}");
        }
    }
}

async fn refresh_token_ids_are_unique(ports: &Ports) {
    let ids: HashSet<_> = (0..1_000).map(|_| ports.issuer.grant_refresh(MOMENT).token_id).collect();
    assert_eq!(ids.len(), 1_000);
}
