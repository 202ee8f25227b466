//! Notifications: lists, pages and what was read.

use crate::{
    builders::{MOMENT, after, display_name, due, new_notification, project_name, title, unicode},
    given,
};
use fasttrack_domain::{
    id::{CommentId, TaskId, UserId},
    membership::GrantedRole,
    notification::{NewNotification, Notification, NotificationContent, NotificationHead, TaskNames},
    page::{Cursor, Limit, Page, PageRequest},
    ports::{
        notification::NotificationRepository, outbox::Outbox, project::ProjectRepository, task::TaskRepository,
        user::UserRepository,
    },
    project::Project,
    task::TaskStatus,
    text::{DisplayName, ProjectName, TaskTitle},
};

contract! { $
    notification {
        users: UserRepository,
        projects: ProjectRepository,
        tasks: TaskRepository,
        outbox: Outbox,
        notifications: NotificationRepository,
    }
    notifications_are_stored_unchanged,
    the_newest_notifications_are_listed_first,
    pages_stay_consistent_while_notifications_arrive,
    unread_notifications_can_be_listed_alone,
    read_notifications_stay_read,
    later_notifications_are_unread,
    notifications_after_a_number_come_in_order,
    heads_are_the_highest_numbers,
    a_notification_has_the_moment_of_its_event,
    deleting_old_notifications_reuses_no_numbers,
}

/// A notification of the project's owner.
fn of_comment(project: &Project, comment: i64) -> NewNotification {
    new_notification(project.owner_id, project.id, comment)
}

async fn given_project(ports: &Ports) -> Project {
    given::project_with_owner(ports).await.0
}

/// A project whose owner has this many notifications, the first of which is of comment 1.
async fn given(ports: &Ports, count: i64) -> Project {
    let project = given_project(ports).await;
    given::notifications(ports, (1..=count).map(|comment| of_comment(&project, comment))).await;
    project
}

fn pages_of(limit: i64) -> PageRequest {
    PageRequest { limit: Limit::new(limit).unwrap(), cursor: None }
}

async fn list(ports: &Ports, user: UserId, unread: bool) -> Vec<Notification> {
    ports.notifications.list(user, unread, pages_of(100)).await.unwrap().items
}

fn numbers(notifications: &[Notification]) -> Vec<i64> {
    notifications.iter().map(|notification| notification.seq).collect()
}

async fn notifications_are_stored_unchanged(ports: &Ports) {
    let Project { id: project_id, owner_id: user, .. } = given_project(ports).await;
    let (longest, name) = (project_name(&unicode(ProjectName::MAX)), display_name(&unicode(DisplayName::MAX)));
    let task = TaskNames {
        task_id: TaskId::new(i64::MAX),
        task: title(&unicode(TaskTitle::MAX)),
        project_id,
        project: longest.clone(),
    };
    let contents = [
        NotificationContent::TaskAssigned { task: task.clone(), assigned_by: name.clone() },
        NotificationContent::CommentAdded { task: task.clone(), comment_id: CommentId::new(7), author: name.clone() },
        NotificationContent::TaskReminder { task: task.clone(), due: None },
        NotificationContent::TaskReminder { task: task.clone(), due: Some(due("2026-12-01")) },
        NotificationContent::TaskReminder { task: task.clone(), due: Some(due("2026-12-01T09:30:00.000001Z")) },
        NotificationContent::StatusChanged {
            task,
            old: TaskStatus::Todo,
            new: TaskStatus::Done,
            changed_by: name.clone(),
        },
        NotificationContent::ProjectShared {
            project_id,
            project: longest,
            role: GrantedRole::Commenter,
            shared_by: name,
        },
    ];
    let new = |content: &NotificationContent| NewNotification {
        content: content.clone(),
        ..new_notification(user, project_id, 1)
    };
    given::notifications(ports, contents.iter().map(new)).await;
    let expected: Vec<_> =
        (1..).zip(contents).map(|(seq, content)| Notification { seq, content, at: MOMENT, read: false }).collect();
    assert_eq!(ports.notifications.after(user, 0, 10).await.unwrap(), expected);
    assert_eq!(list(ports, user, false).await, expected.into_iter().rev().collect::<Vec<_>>());
}

/// The cursor is the number of the last one.
async fn the_newest_notifications_are_listed_first(ports: &Ports) {
    let user = given(ports, 6).await.owner_id;
    given(ports, 2).await;
    let page = async |cursor| {
        let page = ports.notifications.list(user, false, PageRequest { cursor, ..pages_of(3) }).await.unwrap();
        Page { items: numbers(&page.items), next: page.next }
    };
    assert_eq!(page(None).await, Page { items: vec![6, 5, 4], next: Some(Cursor::after(4)) });
    assert_eq!(page(Some(Cursor::after(4))).await, Page { items: vec![3, 2, 1], next: None });
    assert_eq!(page(Some(Cursor::after(1))).await, Page { items: vec![], next: None });
    let nobody = given::user(ports).await.id;
    assert_eq!(list(ports, nobody, false).await, []);
}

/// Each notification is listed once, and none that arrives meanwhile.
async fn pages_stay_consistent_while_notifications_arrive(ports: &Ports) {
    let project = given(ports, 8).await;
    let user = project.owner_id;
    for unread in [false, true] {
        let standing = list(ports, user, unread).await;
        let (mut seen, mut request) = (Vec::new(), pages_of(3));
        loop {
            let page = ports.notifications.list(user, unread, request).await.unwrap();
            seen.extend(page.items);
            given::notifications(ports, [of_comment(&project, 99), of_comment(&project, 99)]).await;
            let Some(cursor) = page.next else { break };
            request.cursor = Some(cursor);
        }
        assert_eq!(seen, standing);
    }
}

async fn unread_notifications_can_be_listed_alone(ports: &Ports) {
    let user = given(ports, 7).await.owner_id;
    ports.notifications.mark_read(user, 3).await.unwrap();
    let all = list(ports, user, false).await;
    assert_eq!(
        all.iter().map(|one| (one.seq, one.read)).collect::<Vec<_>>(),
        [(7, false), (6, false), (5, false), (4, false), (3, true), (2, true), (1, true)]
    );
    assert_eq!(list(ports, user, true).await, all[..4]);
    let first = ports.notifications.list(user, true, pages_of(3)).await.unwrap();
    assert_eq!((&first.items[..], first.next), (&all[..3], Some(Cursor::after(5))));
    let rest = ports.notifications.list(user, true, PageRequest { cursor: first.next, ..pages_of(3) }).await.unwrap();
    assert_eq!((&rest.items[..], rest.next), (&all[3..4], None));
    let after: Vec<_> = ports.notifications.after(user, 2, 2).await.unwrap().iter().map(|one| one.read).collect();
    assert_eq!(after, [true, false]);
}

async fn read_notifications_stay_read(ports: &Ports) {
    let (user, other) = (given(ports, 4).await.owner_id, given(ports, 4).await.owner_id);
    let unread = async |user| numbers(&list(ports, user, true).await);
    for (up_to, left) in
        [(0, vec![4, 3, 2, 1]), (-1, vec![4, 3, 2, 1]), (3, vec![4]), (1, vec![4]), (i64::MIN, vec![4])]
    {
        ports.notifications.mark_read(user, up_to).await.unwrap();
        assert_eq!(unread(user).await, left, "{up_to}");
    }
    assert_eq!(unread(other).await, [4, 3, 2, 1]);
}

async fn later_notifications_are_unread(ports: &Ports) {
    let (two, none) = (given(ports, 2).await, given(ports, 0).await);
    for project in [&two, &none] {
        ports.notifications.mark_read(project.owner_id, i64::MAX).await.unwrap();
        assert_eq!(list(ports, project.owner_id, true).await, []);
    }
    given::notifications(ports, [&two, &none].map(|project| of_comment(project, 9))).await;
    assert_eq!(numbers(&list(ports, two.owner_id, true).await), [3]);
    assert_eq!(numbers(&list(ports, none.owner_id, true).await), [1]);
}

async fn notifications_after_a_number_come_in_order(ports: &Ports) {
    let user = given(ports, 5).await.owner_id;
    given(ports, 9).await;
    for (seq, limit, expected) in [
        (0, 9, vec![1, 2, 3, 4, 5]),
        (2, 9, vec![3, 4, 5]),
        (2, 2, vec![3, 4]),
        (4, 1, vec![5]),
        (5, 9, vec![]),
        (i64::MAX, 9, vec![]),
    ] {
        let found = ports.notifications.after(user, seq, limit).await.unwrap();
        assert_eq!(numbers(&found), expected, "{limit} behind {seq}");
    }
}

async fn heads_are_the_highest_numbers(ports: &Ports) {
    let (one, two) = (given(ports, 3).await.owner_id, given(ports, 5).await.owner_id);
    let nobody = given::user(ports).await.id;
    let mut heads = ports.notifications.heads(vec![two, nobody, one]).await.unwrap();
    heads.sort_by_key(|news| news.seq);
    assert_eq!(heads, [NotificationHead { user_id: one, seq: 3 }, NotificationHead { user_id: two, seq: 5 }]);
    assert_eq!(ports.notifications.heads(vec![one]).await.unwrap().len(), 1);
    assert_eq!(ports.notifications.heads(Vec::new()).await.unwrap(), []);
    assert_eq!(ports.notifications.heads(vec![nobody]).await.unwrap(), []);
}

async fn a_notification_has_the_moment_of_its_event(ports: &Ports) {
    let project = given_project(ports).await;
    let times = [after(2), after(1), MOMENT];
    given::notifications(ports, times.map(|at| NewNotification { at, ..of_comment(&project, 1) })).await;
    let found = ports.notifications.after(project.owner_id, 0, 9).await.unwrap();
    assert_eq!(found.into_iter().map(|one| one.at).collect::<Vec<_>>(), times);
}

/// The oldest of all users are deleted first, up to the limit. What was read stays read.
async fn deleting_old_notifications_reuses_no_numbers(ports: &Ports) {
    let projects = [given_project(ports).await, given_project(ports).await];
    for minute in 0..4 {
        let at = after(minute);
        let made = projects.each_ref().map(|project| NewNotification { at, ..of_comment(project, minute) });
        given::notifications(ports, made).await;
    }
    let first = projects[0].owner_id;
    ports.notifications.mark_read(first, 3).await.unwrap();
    let delete = async |minute, limit| ports.notifications.delete_until(after(minute), limit).await.unwrap();
    assert_eq!(delete(-1, 10).await, 0);
    // Two have the same moment: both go, though one was asked for.
    assert_eq!(delete(2, 1).await, 2);
    assert_eq!(delete(2, 10).await, 4);
    for project in &projects {
        assert_eq!(numbers(&list(ports, project.owner_id, false).await), [4]);
        given::notifications(ports, [of_comment(project, 9)]).await;
        assert_eq!(numbers(&ports.notifications.after(project.owner_id, 0, 9).await.unwrap()), [4, 5]);
    }
    assert_eq!(numbers(&list(ports, first, true).await), [5, 4]);
    assert_eq!(delete(9, 10).await, 4);
    given::notifications(ports, [of_comment(&projects[0], 9)]).await;
    assert_eq!(numbers(&list(ports, first, false).await), [6]);
}
