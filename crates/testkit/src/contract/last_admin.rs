//! There is always an active admin once there was one.

use super::{conflict, simultaneously};
use crate::{
    Ports,
    builders::{after, exchange, revocation},
};
use fasttrack_domain::{
    page::PageRequest,
    ports::{RepositoryError, constraint},
    session::Exchanged,
    text::DisplayName,
    token::Revoked,
    user::{Role, User, UserFilter, UserPatch},
};

fn demotion() -> UserPatch {
    UserPatch { role: Some(Role::User), ..UserPatch::default() }
}

fn deactivation() -> UserPatch {
    UserPatch { is_active: Some(false), ..UserPatch::default() }
}

async fn save(ports: &Ports, user: &User, patch: UserPatch) -> Result<Option<User>, RepositoryError> {
    ports.users.save(user.apply(patch, after(1)).unwrap(), None).await
}

/// Applies `patch` to all `admins` at once and gives those that stayed what they were.
async fn apply_to_all_at_once(ports: &Ports, admins: &[User], patch: &UserPatch) -> Vec<User> {
    let results = simultaneously(admins.len(), |i| {
        let (ports, admin, patch) = (ports.clone(), admins[i].clone(), patch.clone());
        async move { save(&ports, &admin, patch).await }
    })
    .await;
    let (committed, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert!(committed.into_iter().all(|result| result.unwrap().is_some()), "no version was contended");
    assert_eq!(refused.len(), 1);
    for result in refused {
        assert_eq!(conflict(result), constraint::LAST_ACTIVE_ADMIN);
    }
    let filter = UserFilter { role: Some(Role::Admin), is_active: Some(true), email: None };
    let kept = ports.users.list(filter, PageRequest::default()).await.unwrap().items;
    assert_eq!(kept.len(), 1);
    assert!(admins.contains(&kept[0]));
    kept
}

/// `Conflict` with `LAST_ACTIVE_ADMIN`; the account, its sessions and the blocklist stay as they were.
pub async fn the_last_active_admin_can_not_be_taken_away(ports: &Ports) {
    let admin = ports.given_admin().await;
    ports.given_user().await;
    let (login, refresh) = ports.given_login(admin.id).await;
    for patch in [demotion(), deactivation()] {
        let change = admin.apply(patch, after(1)).unwrap();
        let blocked = revocation(Revoked::User { id: admin.id, epoch: change.user.token_epoch });
        let saved = ports.users.save(change, Some(blocked)).await;
        assert_eq!(conflict(saved), constraint::LAST_ACTIVE_ADMIN);
    }
    assert_eq!(ports.users.find(admin.id).await.unwrap(), Some(admin));
    assert_eq!(ports.blocklist().await, []);
    let exchanged = ports.sessions.exchange(exchange(login.session.id, &refresh)).await.unwrap();
    assert!(matches!(exchanged, Exchanged::Renewed(_)), "{exchanged:?}");
}

/// Who can't log in can't take over.
pub async fn an_inactive_admin_does_not_count_as_the_last(ports: &Ports) {
    let (first, second) = (ports.given_admin().await, ports.given_admin().await);
    save(ports, &second, deactivation()).await.unwrap().unwrap();
    assert_eq!(conflict(save(ports, &first, demotion()).await), constraint::LAST_ACTIVE_ADMIN);
}

/// What leaves it an active admin is free.
pub async fn the_last_active_admin_can_be_renamed(ports: &Ports) {
    let admin = ports.given_admin().await;
    let patch = UserPatch { display_name: DisplayName::cut("Still here"), ..UserPatch::default() };
    assert!(save(ports, &admin, patch).await.unwrap().is_some());
}

/// Neither sees the other's change undone: one is refused.
pub async fn of_two_admins_who_demote_each_other_at_once_one_stays(ports: &Ports) {
    let mut admins = vec![ports.given_admin().await];
    for _ in 0..10 {
        admins.push(ports.given_admin().await);
        admins = apply_to_all_at_once(ports, &admins, &demotion()).await;
    }
}

/// The same for a crowd.
pub async fn however_many_admins_go_at_once_one_stays(ports: &Ports) {
    let mut admins = Vec::new();
    for _ in 0..8 {
        admins.push(ports.given_admin().await);
    }
    apply_to_all_at_once(ports, &admins, &deactivation()).await;
}
