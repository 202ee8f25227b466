//! There is always an active admin once there was one.

use super::{conflict, simultaneously};
use crate::{builders::after, given};
use fasttrack_domain::{
    page::PageRequest,
    ports::{RepositoryError, constraint, user::UserRepository},
    text::DisplayName,
    user::{Role, User, UserFilter, UserPatch},
};

contract! { $
    last_admin { users: UserRepository }
    the_last_active_admin_cannot_be_demoted_or_deactivated,
    an_inactive_admin_does_not_count,
    the_last_active_admin_can_be_renamed,
    one_of_two_admins_demoting_each_other_stays_admin,
    one_of_many_admins_deactivated_at_once_stays,
}

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

/// `Conflict` with `LAST_ACTIVE_ADMIN`.
async fn the_last_active_admin_cannot_be_demoted_or_deactivated(ports: &Ports) {
    let admin = given::admin(ports).await;
    given::user(ports).await;
    for patch in [demotion(), deactivation()] {
        assert_eq!(conflict(save(ports, &admin, patch).await), constraint::LAST_ACTIVE_ADMIN);
    }
    assert_eq!(ports.users.find(admin.id).await.unwrap(), Some(admin));
}

async fn an_inactive_admin_does_not_count(ports: &Ports) {
    let (first, second) = (given::admin(ports).await, given::admin(ports).await);
    save(ports, &second, deactivation()).await.unwrap().unwrap();
    assert_eq!(conflict(save(ports, &first, demotion()).await), constraint::LAST_ACTIVE_ADMIN);
}

async fn the_last_active_admin_can_be_renamed(ports: &Ports) {
    let admin = given::admin(ports).await;
    let patch = UserPatch { display_name: DisplayName::cut("Still here"), ..UserPatch::default() };
    assert!(save(ports, &admin, patch).await.unwrap().is_some());
}

async fn one_of_two_admins_demoting_each_other_stays_admin(ports: &Ports) {
    let mut admins = vec![given::admin(ports).await];
    for _ in 0..10 {
        admins.push(given::admin(ports).await);
        admins = apply_to_all_at_once(ports, &admins, &demotion()).await;
    }
}

async fn one_of_many_admins_deactivated_at_once_stays(ports: &Ports) {
    let mut admins = Vec::new();
    for _ in 0..8 {
        admins.push(given::admin(ports).await);
    }
    apply_to_all_at_once(ports, &admins, &deactivation()).await;
}
