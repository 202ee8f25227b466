//! Notifications of an erased account, and those of others that name it.

use super::shared::{Ports, erase, given_assigned};
use crate::{
    builders::{MOMENT, after, due, new_notification, subscriber, task_names},
    contract::{Subscribers, dispatch_all, recording, simultaneously},
    given,
};
use fasttrack_domain::{
    event::Event,
    id::CommentId,
    membership::GrantedRole,
    notification::{NewNotification, Notification, NotificationContent, NotificationHead, notifications_of},
    page::{Limit, PageRequest},
    person::Person,
    ports::{erasure::Begun, outbox::Consequence},
    project::Project,
    task::TaskStatus,
    text::DisplayName,
    user::User,
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::task::yield_now;

fn notifying() -> Subscribers {
    let notify = |event: &Event, actor: &DisplayName| {
        notifications_of(event, actor).into_iter().map(Consequence::Notify).collect()
    };
    Arc::new([subscriber(notify)])
}

async fn list(ports: &Ports, user: &User) -> Vec<Notification> {
    ports.notifications.after(user.id, 0, 1_000).await.unwrap()
}

/// A notification of the project's owner with each content, by this user.
fn each_content(project: &Project, actor: &User) -> Vec<NewNotification> {
    let (task, name) = (task_names(project.id, 1), actor.display_name.clone());
    let comment_id = CommentId::new(7);
    let contents = [
        NotificationContent::TaskAssigned { task: task.clone(), assigned_by: name.clone() },
        NotificationContent::CommentAdded { task: task.clone(), comment_id, author: name.clone() },
        NotificationContent::StatusChanged {
            task,
            old: TaskStatus::Todo,
            new: TaskStatus::Done,
            changed_by: name.clone(),
        },
        NotificationContent::ProjectShared {
            project_id: project.id,
            project: project.name.clone(),
            role: GrantedRole::Viewer,
            shared_by: name,
        },
    ];
    let (user_id, actor_id, at) = (project.owner_id, actor.id, MOMENT);
    contents.map(|content| NewNotification { user_id, actor_id, content, at }).into()
}

/// Those of others stay, with their numbers.
pub(super) async fn own_notifications_are_deleted(ports: &Ports) {
    let (first, user) = given::project_with_owner(ports).await;
    let (second, other) = given::project_with_owner(ports).await;
    let new = |project: &Project, comment| new_notification(project.owner_id, project.id, comment);
    given::notifications(ports, (0..700).flat_map(|n| [new(&first, n), new(&second, n)])).await;
    let before = list(ports, &other).await;
    erase(ports, &user, None).await;
    assert_eq!(list(ports, &user).await, []);
    let page = PageRequest { limit: Limit::new(100).unwrap(), cursor: None };
    assert_eq!(ports.notifications.list(user.id, false, page).await.unwrap().items, []);
    let heads = ports.notifications.heads(vec![user.id, other.id]).await.unwrap();
    assert_eq!(heads, [NotificationHead { user_id: other.id, seq: 700 }]);
    assert_eq!(list(ports, &other).await, before);
}

/// Nothing else of them changes. A user who has the same name keeps it, and a reminder has none.
pub(super) async fn the_name_is_replaced_in_notifications_of_others(ports: &Ports) {
    let (project, reader) = given::project_with_owner(ports).await;
    let (user, other) = (given::user(ports).await, given::user(ports).await);
    let namesake = User { display_name: user.display_name.clone(), ..other.clone() };
    let mut new = Vec::new();
    for actor in [&user, &other, &namesake] {
        new.extend(each_content(&project, actor));
    }
    let reminder = NotificationContent::TaskReminder { task: task_names(project.id, 1), due: Some(due("2026-12-01")) };
    new.push(NewNotification { actor_id: user.id, content: reminder, ..new_notification(reader.id, project.id, 1) });
    given::notifications(ports, new).await;
    ports.notifications.mark_read(reader.id, 5).await.unwrap();
    let mut expected = list(ports, &reader).await;
    for notification in &mut expected[..4] {
        assert_eq!(notification.content.actor(), Some(&user.display_name));
        notification.content.set_actor(Person::deleted_name());
    }
    erase(ports, &user, None).await;
    assert_eq!(list(ports, &reader).await, expected);
}

/// It was erased between the commit of the event and its dispatch.
pub(super) async fn events_are_dispatched_without_the_erased_name(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let (user, task) = (given::user(ports).await, given::task(ports, project.id).await);
    dispatch_all(ports, Arc::new([]), 100).await;
    given::comment(ports, task.id, user.id).await;
    erase(ports, &user, None).await;
    let (recording, recorded) = recording();
    let both: Subscribers = recording.iter().chain(notifying().iter()).cloned().collect();
    dispatch_all(ports, both, 100).await;
    let names: Vec<_> = recorded().into_iter().map(|(_, actor)| actor).collect();
    assert_eq!(names, [Person::deleted_name()]);
    let [notification] = list(ports, &owner).await.try_into().unwrap();
    assert_eq!(notification.content.actor(), Some(&Person::deleted_name()));
}

/// From the first commit on, while it still owns projects and has tasks assigned.
pub(super) async fn an_erased_user_is_not_notified(ports: &Ports) {
    let (own, user) = given::project_with_owner(ports).await;
    let (foreign, other) = given::project_with_owner(ports).await;
    let in_own = given::task(ports, own.id).await;
    let assigned = given_assigned(ports, foreign.id, user.id).await;
    for task in [in_own.id, assigned.id] {
        given::comment(ports, task, other.id).await;
    }
    let erasure = given::erasure(ports, &user, None).await;
    dispatch_all(ports, notifying(), 100).await;
    assert_eq!(list(ports, &user).await, []);
    given::all_portions(ports, &erasure).await;
    assert_eq!(ports.notifications.heads(vec![user.id]).await.unwrap(), []);
}

/// The user comments and is erased while its comments are dispatched.
pub(super) async fn no_dispatch_stores_a_name_after_its_erasure(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let (user, task) = (given::user(ports).await, given::task(ports, project.id).await);
    for _ in 0..40 {
        given::comment(ports, task.id, user.id).await;
    }
    let erased = Arc::new(AtomicBool::new(false));
    simultaneously(3, |n| {
        let (ports, new, erased) = (ports.clone(), user.erase(None, after(5)), Arc::clone(&erased));
        async move {
            if n == 0 {
                let begun = ports.erasures.begin(new.clone()).await.unwrap();
                assert!(matches!(begun, Begun::Erased(_)), "{begun:?}");
                given::all_portions(&ports, &new.erasure).await;
                erased.store(true, Ordering::Release);
                return;
            }
            while !erased.load(Ordering::Acquire) {
                dispatch_all(&ports, notifying(), 1).await;
                yield_now().await;
            }
        }
    })
    .await;
    dispatch_all(ports, notifying(), 100).await;
    let notifications = list(ports, &owner).await;
    assert_eq!(notifications.len(), 40);
    assert!(notifications.iter().all(|one| one.content.actor() == Some(&Person::deleted_name())));
}
