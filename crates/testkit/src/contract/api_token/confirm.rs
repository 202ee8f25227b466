//! API tokens that storage confirms.

use super::shared::{Ports, changed, claims};
use crate::{
    builders::{after, just_before, new_api_token},
    contract::blocklist,
    given,
};
use fasttrack_domain::{
    api_token::NewApiToken,
    id::{ApiTokenId, UserId},
    token::{AccessClaims, ApiGrant, TokenSource},
    user::{Role, UserPatch},
};

async fn confirms(ports: &Ports, claims: &AccessClaims) -> bool {
    ports.revocations.confirms(claims.clone(), after(1)).await.unwrap()
}

/// The claims with the id of another token.
fn with_id(claims: &AccessClaims, id: ApiTokenId) -> AccessClaims {
    let grant = claims.api_grant().unwrap().clone();
    AccessClaims { source: TokenSource::Api(ApiGrant { id, ..grant }), ..claims.clone() }
}

pub(super) async fn an_api_token_is_confirmed_as_itself_only(ports: &Ports) {
    let (user, other) = (given::user(ports).await, given::user(ports).await);
    let (_, hash) = given::api_token(ports, user.id).await;
    let (second, second_hash) = given::api_token(ports, user.id).await;
    let (others, _) = given::api_token(ports, other.id).await;
    let good = claims(ports, hash).await;
    assert!(confirms(ports, &good).await);
    let second_id = claims(ports, second_hash).await.token_id;
    for (case, wrong) in [
        ("no such token", with_id(&good, ApiTokenId::new(i64::MAX))),
        ("another token", with_id(&good, second.id)),
        ("another token's hash", AccessClaims { token_id: second_id, ..good.clone() }),
        ("somebody else's token", with_id(&good, others.id)),
        ("another user", AccessClaims { user_id: other.id, ..good.clone() }),
        ("another user's key", AccessClaims { user_key: Some(other.key), ..good.clone() }),
        ("a former epoch", AccessClaims { epoch: good.epoch - 1, ..good.clone() }),
        ("a later epoch", AccessClaims { epoch: good.epoch + 1, ..good.clone() }),
        ("nobody", AccessClaims { user_id: UserId::new(i64::MAX), ..good.clone() }),
    ] {
        assert!(!confirms(ports, &wrong).await, "{case}");
    }
}

/// The answer does not depend on entries of the blocklist.
pub(super) async fn an_api_token_that_ended_is_not_confirmed(ports: &Ports) {
    let user = given::user(ports).await.id;
    let end = after(9);
    let new = NewApiToken { expires_at: Some(end), ..new_api_token(user) };
    let token = ports.api_tokens.create(new.clone()).await.unwrap();
    let good = claims(ports, new.hash).await;
    assert!(ports.revocations.confirms(good.clone(), just_before(end)).await.unwrap());
    assert!(!ports.revocations.confirms(good.clone(), end).await.unwrap());
    assert!(ports.api_tokens.revoke(token.id, Some(user), after(1), None).await.unwrap().is_some());
    ports.revocations.delete_expired(after(100_000)).await.unwrap();
    assert_eq!(blocklist(ports).await, []);
    assert!(!confirms(ports, &good).await);
}

/// Claims from before a change of the role are refused, those from after it confirmed.
pub(super) async fn an_api_token_is_confirmed_with_its_present_user(ports: &Ports) {
    let user = given::user(ports).await;
    given::admin(ports).await;
    let (_, hash) = given::api_token(ports, user.id).await;
    let before = claims(ports, hash).await;
    changed(ports, user.id, UserPatch { role: Some(Role::Admin), ..UserPatch::default() }).await;
    assert!(!confirms(ports, &before).await);
    let present = claims(ports, hash).await;
    assert!(confirms(ports, &present).await);
    let off = changed(ports, user.id, UserPatch { is_active: Some(false), ..UserPatch::default() }).await;
    for epoch in [present.epoch, off.token_epoch] {
        assert!(!confirms(ports, &AccessClaims { epoch, ..present.clone() }).await, "{epoch}");
    }
}
