//! How API tokens are found and listed.

use super::shared::{Ports, changed, claims, find, find_at, list};
use crate::{
    builders::{after, just_before, new_api_token},
    contract::walk::{first_page, walk_while_rows_change},
    given,
};
use fasttrack_domain::{
    Timestamp,
    api_token::{NewApiToken, Reach},
    id::{ApiTokenId, ProjectId, UserId},
    ticket::SecretHash,
    token::{AccessClaims, ApiGrant, TokenError, TokenId, TokenSource},
    user::{Role, UserPatch},
};

/// Role and epoch are those of the last change of the account.
pub(super) async fn an_api_token_is_found_with_its_present_user(ports: &Ports) {
    let user = given::user(ports).await;
    for (reach, expires_at) in [(Reach::All, None), (Reach::only(vec![ProjectId::new(7)]), Some(after(99)))] {
        let new = NewApiToken { reach, expires_at, ..new_api_token(user.id) };
        let token = ports.api_tokens.create(new.clone()).await.unwrap();
        let expected = AccessClaims {
            user_id: user.id,
            role: Role::User,
            source: TokenSource::Api(ApiGrant { id: token.id, scopes: new.scopes, reach: new.reach }),
            token_id: TokenId::of_api_token(&new.hash),
            epoch: user.token_epoch,
            issued_at: new.created_at,
            expires_at: expires_at.unwrap_or(Timestamp::MAX_UTC),
            user_key: Some(user.key),
            session_key: None,
        };
        assert_eq!(find(ports, new.hash).await, Some(Ok(expected)));
    }
    let (_, hash) = given::api_token(ports, user.id).await;
    let before = claims(ports, hash).await;
    let user = changed(ports, user.id, UserPatch { role: Some(Role::Admin), ..UserPatch::default() }).await;
    assert!(user.token_epoch > before.epoch);
    let expected = AccessClaims { role: Role::Admin, epoch: user.token_epoch, ..before };
    assert_eq!(claims(ports, hash).await, expected);
}

/// The hash differs in one bit.
pub(super) async fn an_unknown_api_token_is_not_found(ports: &Ports) {
    let (_, hash) = given::api_token(ports, given::user(ports).await.id).await;
    for byte in [0, 31] {
        let mut digest = *hash.as_bytes();
        digest[byte] ^= 1;
        assert_eq!(find(ports, SecretHash::new(digest)).await, None);
    }
    claims(ports, hash).await;
}

/// A token that was revoked is refused as revoked, also once it has expired.
pub(super) async fn an_api_token_is_refused_from_its_end_on(ports: &Ports) {
    let user = given::user(ports).await.id;
    let end = after(9);
    let new = NewApiToken { expires_at: Some(end), ..new_api_token(user) };
    let token = ports.api_tokens.create(new.clone()).await.unwrap();
    assert!(matches!(find_at(ports, new.hash, just_before(end)).await, Some(Ok(_))));
    for at in [end, after(100_000)] {
        assert_eq!(find_at(ports, new.hash, at).await, Some(Err(TokenError::Expired)));
    }
    assert!(ports.api_tokens.revoke(token.id, Some(user), after(10), None).await.unwrap().is_some());
    for at in [after(1), end, after(100_000)] {
        assert_eq!(find_at(ports, new.hash, at).await, Some(Err(TokenError::Revoked)));
    }
}

pub(super) async fn an_api_token_is_refused_while_its_user_is_inactive(ports: &Ports) {
    let (user, other) = (given::user(ports).await, given::user(ports).await);
    let (token, hash) = given::api_token(ports, user.id).await;
    let (_, others) = given::api_token(ports, other.id).await;
    given::deactivated(ports, &user).await;
    assert_eq!(find(ports, hash).await, Some(Err(TokenError::Revoked)));
    claims(ports, others).await;
    assert_eq!(list(ports, Some(user.id)).await, [token]);
    let user = changed(ports, user.id, UserPatch { is_active: Some(true), ..UserPatch::default() }).await;
    assert_eq!(claims(ports, hash).await.epoch, user.token_epoch);
}

/// Those of one user, or of all. Expired ones are listed.
pub(super) async fn api_tokens_are_listed_until_they_are_revoked(ports: &Ports) {
    let (user, other) = (given::user(ports).await.id, given::user(ports).await.id);
    let (first, _) = given::api_token(ports, user).await;
    let (others, _) = given::api_token(ports, other).await;
    let expiring = NewApiToken { expires_at: Some(after(1)), ..new_api_token(user) };
    let expiring = ports.api_tokens.create(expiring).await.unwrap();
    assert_eq!(list(ports, Some(user)).await, [first.clone(), expiring.clone()]);
    assert_eq!(list(ports, Some(other)).await, std::slice::from_ref(&others));
    assert_eq!(list(ports, None).await, [first.clone(), others.clone(), expiring.clone()]);
    assert_eq!(list(ports, Some(UserId::new(i64::MAX))).await, []);
    assert!(ports.api_tokens.revoke(first.id, Some(user), after(2), None).await.unwrap().is_some());
    assert_eq!(list(ports, Some(user)).await, std::slice::from_ref(&expiring));
    assert_eq!(list(ports, None).await, [others, expiring]);
}

/// A page with the last token has no next.
pub(super) async fn pages_of_api_tokens_stay_consistent_while_rows_change(ports: &Ports) {
    let (user, other) = (given::user(ports).await.id, given::user(ports).await.id);
    for of in [Some(user), None] {
        walk_while_rows_change(
            async |request| ports.api_tokens.list(of, request).await.unwrap().map(|token| token.id.get()),
            async || {
                let owner = if of.is_none() { other } else { user };
                given::api_token(ports, owner).await.0.id.get()
            },
            async |id| {
                let revoked = ports.api_tokens.revoke(ApiTokenId::new(id), None, after(1), None).await.unwrap();
                assert!(revoked.is_some());
            },
        )
        .await;
        for token in list(ports, of).await.split_off(3) {
            ports.api_tokens.revoke(token.id, None, after(1), None).await.unwrap();
        }
        assert_eq!(ports.api_tokens.list(of, first_page()).await.unwrap().next, None);
        for token in list(ports, None).await {
            ports.api_tokens.revoke(token.id, None, after(1), None).await.unwrap();
        }
    }
}
