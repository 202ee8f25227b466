//! How an erasure proceeds in portions.

use super::shared::{Ports, find, given_assigned};
use crate::{builders::new_notification, contract::simultaneously, given};
use fasttrack_domain::{notification::NewNotification, person::Person, project::Project, user::User};

/// Several portions' rows of each kind.
const ROWS: i64 = 1_200;

/// The project's owner has notifications that name this user.
async fn given_notifications(ports: &Ports, project: &Project, actor: &User) {
    let new = |n| {
        let mut new = new_notification(project.owner_id, project.id, n);
        new.content.set_actor(actor.display_name.clone());
        NewNotification { actor_id: actor.id, ..new }
    };
    given::notifications(ports, (0..ROWS).map(new)).await;
}

/// How many of the owner's notifications have no name left.
async fn erased_names(ports: &Ports, project: &Project) -> usize {
    let all = ports.notifications.after(project.owner_id, 0, 10_000).await.unwrap();
    all.iter().filter(|one| one.content.actor() == Some(&Person::deleted_name())).count()
}

/// One portion finds that nothing is left.
pub(super) async fn an_account_that_left_nothing_is_erased_at_once(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let (user, other) = (given::user(ports).await, given::user(ports).await);
    given_notifications(ports, &project, &other).await;
    let erasure = given::erasure(ports, &user, None).await;
    assert_eq!(given::all_portions(ports, &erasure).await, 1);
    assert_eq!(given::all_portions(ports, &erasure).await, 1);
    assert_eq!(erased_names(ports, &project).await, 0);
}

/// Each goes on where another one ended, whoever does it.
pub(super) async fn a_large_account_is_erased_in_portions(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let user = given::user(ports).await;
    given_notifications(ports, &project, &user).await;
    let erasure = given::erasure(ports, &user, None).await;
    let (mut before, mut portions) = (0, 0);
    while !ports.erasures.step(&erasure).await.unwrap() {
        let after = erased_names(ports, &project).await;
        assert!(after - before <= 600, "{} rows in one portion", after - before);
        (before, portions) = (after, portions + 1);
        assert!(portions < 100);
    }
    assert!(portions > 1, "{portions}");
    assert_eq!(erased_names(ports, &project).await, ROWS.try_into().unwrap());
    assert!(ports.erasures.step(&erasure).await.unwrap());
}

/// Each row is changed once.
pub(super) async fn simultaneous_portions_erase_as_one_after_the_other(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let (own, user) = given::project_with_owner(ports).await;
    given_notifications(ports, &project, &user).await;
    let mut assigned = Vec::new();
    for _ in 0..40 {
        assigned.push(given_assigned(ports, project.id, user.id).await.id);
        given::task(ports, own.id).await;
    }
    let erasure = given::erasure(ports, &user, None).await;
    simultaneously(4, |_| {
        let (ports, erasure) = (ports.clone(), erasure.clone());
        async move { given::all_portions(&ports, &erasure).await }
    })
    .await;
    for task in assigned {
        let found = find(ports, task).await.unwrap().task;
        assert_eq!((found.assignee_id, found.version), (None, 2));
    }
    assert_eq!(ports.projects.find(own.id, project.owner_id).await.unwrap(), None);
    assert_eq!(erased_names(ports, &project).await, ROWS.try_into().unwrap());
}
