//! How API tokens end.

use super::shared::{Ports, changed, claims, find, find_at, list};
use crate::{
    builders::{after, identity, new_api_token, new_password_reset},
    contract::{blocklist, simultaneously},
    given,
};
use fasttrack_domain::{
    api_token::{self, NewApiToken},
    id::{ApiTokenId, UserId},
    identity::IdentityLink,
    password::{PasswordChange, PasswordHash},
    password_reset::Redemption,
    revocation::{Revocation, RevokingAct},
    ticket::SecretHash,
    token::{TokenError, TokenId},
    user::{Role, User, UserPatch},
};

async fn revoke(ports: &Ports, id: ApiTokenId, user: Option<UserId>) -> Option<Revocation> {
    ports.api_tokens.revoke(id, user, after(2), None).await.unwrap()
}

/// The entry of the blocklist is committed with the revocation.
pub(super) async fn an_api_token_is_revoked_once_and_on_the_blocklist(ports: &Ports) {
    let user = given::user(ports).await.id;
    let (token, hash) = given::api_token(ports, user).await;
    let (_, beside) = given::api_token(ports, user).await;
    let act = RevokingAct::ApiTokenRevoked { token_id: TokenId::of_api_token(&hash) };
    let expected = act.revocation(after(2));
    assert_eq!(revoke(ports, token.id, Some(user)).await.as_ref(), Some(&expected));
    assert_eq!(blocklist(ports).await, std::slice::from_ref(&expected));
    assert_eq!(find(ports, hash).await, Some(Err(TokenError::Revoked)));
    claims(ports, beside).await;
    for of in [Some(user), None] {
        assert_eq!(revoke(ports, token.id, of).await, None);
    }
    assert_eq!(blocklist(ports).await, [expected]);
}

/// Without a user, a token of any user is revoked.
pub(super) async fn only_an_api_token_of_the_user_is_revoked(ports: &Ports) {
    let (user, other) = (given::user(ports).await.id, given::user(ports).await.id);
    let (token, hash) = given::api_token(ports, user).await;
    for (id, of) in [
        (token.id, Some(other)),
        (token.id, Some(UserId::new(i64::MAX))),
        (ApiTokenId::new(i64::MAX), Some(user)),
        (ApiTokenId::new(i64::MAX), None),
    ] {
        assert_eq!(revoke(ports, id, of).await, None, "{id} {of:?}");
    }
    assert_eq!(blocklist(ports).await, []);
    claims(ports, hash).await;
    assert_eq!(revoke(ports, token.id, None).await, Some(api_token::revocation(&hash, after(2))));
    assert_eq!(find(ports, hash).await, Some(Err(TokenError::Revoked)));
}

pub(super) async fn one_of_simultaneous_calls_revokes_an_api_token(ports: &Ports) {
    let user = given::user(ports).await.id;
    let (token, _) = given::api_token(ports, user).await;
    let revoked = simultaneously(10, |_| {
        let ports = ports.clone();
        async move { revoke(&ports, token.id, Some(user)).await.is_some() }
    })
    .await;
    assert_eq!(revoked.into_iter().filter(|revoked| *revoked).count(), 1);
    assert_eq!(blocklist(ports).await.len(), 1);
}

/// A user with a token that is valid and one that has expired.
async fn given_tokens(ports: &Ports) -> (User, [SecretHash; 2]) {
    let user = given::user(ports).await;
    let (_, hash) = given::api_token(ports, user.id).await;
    let expired = NewApiToken { expires_at: Some(after(1)), ..new_api_token(user.id) };
    ports.api_tokens.create(expired.clone()).await.unwrap();
    (user, [hash, expired.hash])
}

/// Tokens of others stay.
pub(super) async fn a_new_owner_or_a_reset_revokes_every_api_token(ports: &Ports) {
    let (_, others) = given::api_token(ports, given::user(ports).await.id).await;
    let password = || PasswordHash::new("another".to_owned());

    let (set, set_tokens) = given_tokens(ports).await;
    assert!(ports.users.reset_password(set.id, password(), after(2), None).await.unwrap().is_some());

    let (reset, reset_tokens) = given_tokens(ports).await;
    let new = new_password_reset(&reset);
    assert!(ports.resets.create(new.clone()).await.unwrap());
    let redemption = Redemption { hash: new.hash, password: password(), at: after(2) };
    assert!(ports.resets.redeem(redemption).await.unwrap().is_some());

    let (taken, taken_tokens) = given_tokens(ports).await;
    let link = IdentityLink { identity: identity(), user_id: taken.id, based_on: taken.version, at: after(2) };
    assert!(ports.identities.take_over(link).await.unwrap().is_some());

    for (user, tokens) in [(set, set_tokens), (reset, reset_tokens), (taken, taken_tokens)] {
        for hash in tokens {
            assert_eq!(find_at(ports, hash, after(3)).await, Some(Err(TokenError::Revoked)));
        }
        assert_eq!(list(ports, Some(user.id)).await, []);
        // A token that is made afterwards is good, and none is made by who logged in before.
        let next = NewApiToken { epoch: user.token_epoch + 1, ..new_api_token(user.id) };
        ports.api_tokens.create(next.clone()).await.unwrap();
        claims(ports, next.hash).await;
        assert!(ports.api_tokens.create(new_api_token(user.id)).await.is_err());
    }
    claims(ports, others).await;
}

/// What isn't committed revokes none, either.
pub(super) async fn a_changed_password_or_role_keeps_api_tokens(ports: &Ports) {
    let user = given::user(ports).await;
    let (token, hash) = given::api_token(ports, user.id).await;
    let former = ports.users.credentials(user.id).await.unwrap().unwrap().password_hash.unwrap();
    let password = PasswordHash::new("another".to_owned());
    let change = PasswordChange { user_id: user.id, proven_by: former, password, kept: None, at: after(2) };
    assert!(ports.users.change_password(change).await.unwrap().is_some());
    claims(ports, hash).await;
    changed(ports, user.id, UserPatch { role: Some(Role::Admin), ..UserPatch::default() }).await;
    claims(ports, hash).await;
    let link = IdentityLink { identity: identity(), user_id: user.id, based_on: user.version, at: after(2) };
    assert_eq!(ports.identities.take_over(link).await.unwrap(), None);
    claims(ports, hash).await;
    assert_eq!(list(ports, Some(user.id)).await, [token]);
}

/// From the first commit on, until they are deleted. Those that were revoked before are, too.
pub(super) async fn api_tokens_of_an_erased_account_stay_revoked(ports: &Ports) {
    let (_, others) = given::api_token(ports, given::user(ports).await.id).await;
    let (user, [live, expired]) = given_tokens(ports).await;
    let (revoked_before, revoked) = given::api_token(ports, user.id).await;
    assert!(revoke(ports, revoked_before.id, Some(user.id)).await.is_some());
    let tokens = [live, expired, revoked];
    let refused = Some(Err(TokenError::Revoked));
    let erasure = given::erasure(ports, &user, None).await;
    for _ in 0..2 {
        for hash in tokens {
            assert_eq!(find_at(ports, hash, after(6)).await, refused);
        }
        assert_eq!(list(ports, Some(user.id)).await, []);
        assert_eq!(list(ports, None).await.len(), 1);
        given::all_portions(ports, &erasure).await;
    }
    assert_eq!(revoke(ports, revoked_before.id, None).await, None);
    assert_eq!(ports.api_tokens.delete_ended(after(6)).await.unwrap(), 3);
    for hash in tokens {
        assert_eq!(find(ports, hash).await, None);
    }
    claims(ports, others).await;
}

/// One that ended at the given moment stays, as each that is valid does.
pub(super) async fn api_tokens_that_ended_before_are_deleted(ports: &Ports) {
    let user = given::user(ports).await.id;
    let create = async |minutes: Option<i64>| {
        let new = NewApiToken { expires_at: minutes.map(after), ..new_api_token(user) };
        (ports.api_tokens.create(new.clone()).await.unwrap().id, new.hash)
    };
    let (_, live) = create(None).await;
    let (_, expired_early) = create(Some(9)).await;
    let (_, expired_late) = create(Some(10)).await;
    let (revoked_early, early) = create(None).await;
    let (revoked_late, late) = create(Some(99)).await;
    for (id, minutes) in [(revoked_early, 9), (revoked_late, 10)] {
        assert!(ports.api_tokens.revoke(id, None, after(minutes), None).await.unwrap().is_some());
    }
    assert_eq!(ports.api_tokens.delete_ended(after(9)).await.unwrap(), 0);
    assert_eq!(ports.api_tokens.delete_ended(after(10)).await.unwrap(), 2);
    assert_eq!(ports.api_tokens.delete_ended(after(10)).await.unwrap(), 0);
    for hash in [expired_early, early] {
        assert_eq!(find_at(ports, hash, after(11)).await, None);
    }
    assert_eq!(find_at(ports, expired_late, after(11)).await, Some(Err(TokenError::Expired)));
    assert_eq!(find_at(ports, late, after(11)).await, Some(Err(TokenError::Revoked)));
    claims(ports, live).await;
}
