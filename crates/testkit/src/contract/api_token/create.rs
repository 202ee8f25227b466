//! How API tokens are created.

use super::shared::{Ports, find, list};
use crate::{
    builders::{after, new_api_token, token_name, unicode},
    contract::{conflict, simultaneously},
    given,
};
use fasttrack_domain::{
    api_token::{MAX_TOKEN_PROJECTS, NewApiToken, Reach, Scope},
    id::{ApiTokenId, ProjectId, UserId},
    ports::constraint,
    text::TokenName,
    token::TokenError,
};

/// With one scope or all, for all projects or some, which needn't exist, and with an end or without.
pub(super) async fn an_api_token_is_stored_with_every_field(ports: &Ports) {
    let user = given::user(ports).await.id;
    let many = (1..).take(MAX_TOKEN_PROJECTS).map(|n| ProjectId::new(i64::MAX / n)).collect();
    let mut expected = Vec::new();
    for (scopes, reach, expires_at) in [
        (&[Scope::NotificationsRead][..], Reach::All, None),
        (Scope::ALL, Reach::only(vec![ProjectId::new(7)]), Some(after(99))),
        (&[Scope::CommentsWrite, Scope::TasksRead], Reach::only(many), None),
    ] {
        let name = token_name(&unicode(TokenName::MAX));
        let scopes = scopes.iter().copied().collect();
        let new = NewApiToken { name, scopes, reach, expires_at, ..new_api_token(user) };
        let token = ports.api_tokens.create(new.clone()).await.unwrap();
        assert_eq!(token, new.stored(token.id));
        expected.push(token);
    }
    assert_eq!(list(ports, Some(user)).await, expected);
}

/// This holds for the last id after its deletion, too.
pub(super) async fn ids_of_api_tokens_are_never_used_twice(ports: &Ports) {
    let user = given::user(ports).await.id;
    let mut last = ApiTokenId::new(0);
    for minutes in 1..4 {
        let (token, _) = given::api_token(ports, user).await;
        assert!(token.id > last, "{} after {last}", token.id);
        last = token.id;
        assert!(ports.api_tokens.revoke(last, Some(user), after(minutes), None).await.unwrap().is_some());
        assert_eq!(ports.api_tokens.delete_ended(after(minutes + 1)).await.unwrap(), 1);
    }
}

/// `Conflict` with `REFERENCE` where the user is unknown, inactive or erased, or its epoch is another.
pub(super) async fn an_api_token_of_no_active_user_is_refused(ports: &Ports) {
    let (inactive, erased) = (given::inactive_user(ports).await, given::user(ports).await);
    let erasure = given::erasure(ports, &erased, None).await;
    given::all_portions(ports, &erasure).await;
    for user in [UserId::new(i64::MAX), inactive.id, erased.id] {
        let new = new_api_token(user);
        let refused = ports.api_tokens.create(new.clone()).await;
        assert_eq!(conflict(refused), constraint::REFERENCE, "{user}");
        assert_eq!(find(ports, new.hash).await, None);
    }
    let user = given::user(ports).await;
    let other = NewApiToken { epoch: user.token_epoch + 1, ..new_api_token(user.id) };
    assert_eq!(conflict(ports.api_tokens.create(other).await), constraint::REFERENCE);
    assert_eq!(list(ports, None).await, []);
}

/// `Conflict` with `QUOTA`. Tokens that are revoked or expired by then, and those of others, don't count.
pub(super) async fn an_api_token_beyond_the_quota_is_refused(ports: &Ports) {
    let (user, other) = (given::user(ports).await.id, given::user(ports).await.id);
    given::api_token(ports, other).await;
    let new = || NewApiToken { quota: 2, ..new_api_token(user) };
    let create = async |new| ports.api_tokens.create(new).await;
    let first = create(new()).await.unwrap();
    create(NewApiToken { expires_at: Some(after(5)), ..new() }).await.unwrap();
    for created_at in [after(0), after(4)] {
        let beyond = NewApiToken { created_at, ..new() };
        assert_eq!(conflict(create(beyond.clone()).await), constraint::QUOTA);
        assert_eq!(find(ports, beyond.hash).await, None);
    }
    create(NewApiToken { created_at: after(5), ..new() }).await.unwrap();
    assert_eq!(conflict(create(NewApiToken { created_at: after(5), ..new() }).await), constraint::QUOTA);
    assert!(ports.api_tokens.revoke(first.id, Some(user), after(6), None).await.unwrap().is_some());
    create(NewApiToken { created_at: after(6), ..new() }).await.unwrap();
    assert_eq!(conflict(create(NewApiToken { created_at: after(6), ..new() }).await), constraint::QUOTA);
    assert_eq!(list(ports, Some(user)).await.len(), 3);
}

pub(super) async fn simultaneous_api_tokens_do_not_exceed_the_quota(ports: &Ports) {
    let user = given::user(ports).await.id;
    let made = simultaneously(10, |i| {
        let expires_at = (i % 2 == 0).then(|| after(5));
        let (api_tokens, new) = (ports.api_tokens.clone(), NewApiToken { quota: 4, expires_at, ..new_api_token(user) });
        async move { api_tokens.create(new).await }
    })
    .await;
    let mut created = 0;
    for result in made {
        match result {
            Ok(_) => created += 1,
            refused => assert_eq!(conflict(refused), constraint::QUOTA),
        }
    }
    assert_eq!(created, 4);
}

/// A token is created first and revoked with the account, or its creation is refused.
pub(super) async fn no_api_token_outlives_an_erasure_at_the_same_time(ports: &Ports) {
    let user = given::user(ports).await;
    let made = simultaneously(10, |i| {
        let (ports, user) = (ports.clone(), user.clone());
        async move {
            if i == 5 {
                given::erasure(&ports, &user, None).await;
                None
            } else {
                let new = new_api_token(user.id);
                Some((new.hash, ports.api_tokens.create(new).await))
            }
        }
    })
    .await;
    for (hash, result) in made.into_iter().flatten() {
        match result {
            Ok(_) => assert_eq!(find(ports, hash).await, Some(Err(TokenError::Revoked))),
            refused => assert_eq!(conflict(refused), constraint::REFERENCE),
        }
    }
    assert_eq!(list(ports, None).await, []);
}
