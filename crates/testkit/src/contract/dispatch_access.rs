//! Who is notified and mailed by a dispatch: nobody who has no access at that moment.

use super::{Subscribers, dispatch_all, simultaneously};
use crate::{
    builders::{
        MOMENT, NOBODY, after, display_name, member_removal, new_notification, subscriber, task_assigned_mail,
        task_names,
    },
    given,
};
use fasttrack_domain::{
    event::{Event, TaskEvent, TaskEventKind},
    id::{ProjectId, TaskId, UserId},
    job::{JobPayload, NewJob, WorkerId},
    membership::{GrantedRole, MemberRole},
    notification::{NewNotification, NotificationContent, NotificationHead, TaskNames, notifications_of},
    patch::Patch,
    ports::{
        comment::CommentRepository,
        job::{JobQueue, JobSlots},
        member::MemberRepository,
        notification::NotificationRepository,
        outbox::{Consequence, Outbox},
        project::ProjectRepository,
        task::TaskRepository,
        user::UserRepository,
    },
    project::Project,
    task::{NewTask, Task, TaskPatch},
    text::DisplayName,
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::task::yield_now;

contract! { $
    dispatch_access {
        users: UserRepository,
        projects: ProjectRepository,
        members: MemberRepository,
        tasks: TaskRepository,
        comments: CommentRepository,
        outbox: Outbox,
        notifications: NotificationRepository,
        jobs: JobQueue,
    }
    nobody_without_access_is_notified_or_mailed,
    a_former_member_is_not_notified_or_mailed,
    a_former_assignee_is_not_notified_or_mailed,
    an_assignee_of_a_deleted_task_is_not_notified,
    a_member_removed_meanwhile_is_not_notified_of_the_sharing,
    an_assignment_gives_access_to_its_task_alone,
    members_of_any_role_and_assignees_are_notified_and_mailed,
    what_is_dropped_takes_no_number,
    no_notification_is_stored_after_a_removal,
}

/// Notifies those whom an event concerns, and mails new assignees.
fn notifying_and_mailing() -> Subscribers {
    let consequences = |event: &Event, actor: &DisplayName| {
        let mut all: Vec<_> = notifications_of(event, actor).into_iter().map(Consequence::Notify).collect();
        if let Event::Task(TaskEvent { task, kind: TaskEventKind::TaskAssigned { assignee_id }, .. }) = event {
            all.push(mail(*assignee_id, TaskNames::from(task)));
        }
        all
    };
    Arc::new([subscriber(consequences)])
}

fn mail(user: UserId, task: TaskNames) -> Consequence {
    Consequence::Enqueue(NewJob { payload: task_assigned_mail(user, task, "Ann"), created_at: MOMENT })
}

/// A notification and a mail about this task.
fn both(user: UserId, project: ProjectId, task: TaskId) -> [Consequence; 2] {
    let task = task_names(project, task.get());
    let content = NotificationContent::TaskAssigned { task: task.clone(), assigned_by: display_name("Ann") };
    let notification = NewNotification { content, ..new_notification(user, project, 1) };
    [Consequence::Notify(notification), mail(user, task)]
}

/// The names of the user's notifications.
async fn notified(ports: &Ports, user: UserId) -> Vec<&'static str> {
    let notifications = ports.notifications.after(user, 0, 100).await.unwrap();
    notifications.iter().map(|notification| notification.content.name()).collect()
}

/// The receivers of the queued mails, by their ids.
async fn mailed(ports: &Ports) -> Vec<UserId> {
    let worker = WorkerId::new("worker".to_owned());
    let jobs = ports.jobs.lease(worker, after(60), after(70), JobSlots::any(100)).await.unwrap();
    let receiver = |payload| match payload {
        JobPayload::TaskAssignedMail { user_id, .. } => user_id,
        other => panic!("{other:?}"),
    };
    let mut receivers: Vec<_> = jobs.into_iter().map(|job| receiver(job.payload)).collect();
    receivers.sort();
    receivers
}

async fn dispatch(ports: &Ports) {
    dispatch_all(ports, notifying_and_mailing(), 100).await;
}

async fn given_assigned(ports: &Ports, project: &Project, user: UserId) -> Task {
    given::task_with(ports, project.id, |task| NewTask { assignee_id: Some(user), ..task }).await
}

async fn assign(ports: &Ports, task: TaskId, assignee_id: Patch<UserId>) {
    let found = ports.tasks.find(task, NOBODY).await.unwrap().unwrap();
    let patch = TaskPatch { assignee_id, ..TaskPatch::default() };
    let change = found.apply(patch, found.project.owner_id, after(2)).unwrap().unwrap();
    ports.tasks.save(change).await.unwrap().unwrap();
}

/// A stranger, somebody who doesn't exist, and the former owner of a deleted project.
async fn nobody_without_access_is_notified_or_mailed(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let task = given::task(ports, project.id).await;
    let (gone, _) = given::project_with_owner(ports).await;
    let task_gone = given_assigned(ports, &gone, gone.owner_id).await;
    assert!(ports.projects.delete(gone.id, gone.version, MOMENT, None).await.unwrap());
    let (stranger, admin) = (given::user(ports).await.id, given::admin(ports).await.id);
    let mut consequences = Vec::new();
    for user in [stranger, admin, NOBODY, UserId::new(i64::MAX), gone.owner_id] {
        consequences.extend(both(user, project.id, task.id));
    }
    consequences.extend(both(gone.owner_id, gone.id, task_gone.id));
    let dispatched = given::consequences(ports, consequences).await;
    assert_eq!((dispatched.events, dispatched.heads), (1, vec![]));
    for user in [stranger, admin, gone.owner_id] {
        assert_eq!(notified(ports, user).await, Vec::<&str>::new());
    }
    assert_eq!(mailed(ports).await, []);
}

/// The events were committed while it was a member. Others are notified of them.
async fn a_former_member_is_not_notified_or_mailed(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let member = given::member(ports, &project, GrantedRole::Editor).await;
    let author = given::member(ports, &project, GrantedRole::Commenter).await;
    dispatch(ports).await;
    let task = given_assigned(ports, &project, member.id).await;
    given::comment(ports, task.id, author.id).await;
    assert!(ports.members.remove(member_removal(project.id, member.id, MemberRole::Editor)).await.unwrap());
    given::comment(ports, task.id, author.id).await;
    dispatch(ports).await;
    assert_eq!(notified(ports, member.id).await, ["project_shared"]);
    assert_eq!(notified(ports, owner.id).await, ["comment_added", "comment_added"]);
    assert_eq!(mailed(ports).await, []);
}

async fn a_former_assignee_is_not_notified_or_mailed(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let (former, present) = (given::user(ports).await, given::user(ports).await);
    let task = given_assigned(ports, &project, former.id).await;
    given::comment(ports, task.id, owner.id).await;
    assign(ports, task.id, Patch::Set(present.id)).await;
    let free = given_assigned(ports, &project, former.id).await;
    assign(ports, free.id, Patch::Clear).await;
    dispatch(ports).await;
    assert_eq!(notified(ports, former.id).await, Vec::<&str>::new());
    assert_eq!(notified(ports, present.id).await, ["task_assigned"]);
    assert_eq!(mailed(ports).await, [present.id]);
}

/// A member is notified: it still has access to the project.
async fn an_assignee_of_a_deleted_task_is_not_notified(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let (assignee, member) = (given::user(ports).await, given::member(ports, &project, GrantedRole::Viewer).await);
    dispatch(ports).await;
    for user in [&assignee, &member] {
        let task = given_assigned(ports, &project, user.id).await;
        let found = ports.tasks.find(task.id, NOBODY).await.unwrap().unwrap();
        assert!(ports.tasks.delete(found.remove(owner.id, after(1))).await.unwrap());
    }
    dispatch(ports).await;
    assert_eq!(notified(ports, assignee.id).await, Vec::<&str>::new());
    assert_eq!(notified(ports, member.id).await, ["project_shared", "task_assigned"]);
    assert_eq!(mailed(ports).await, [member.id]);
}

async fn a_member_removed_meanwhile_is_not_notified_of_the_sharing(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let (removed, stays) = (
        given::member(ports, &project, GrantedRole::Viewer).await,
        given::member(ports, &project, GrantedRole::Viewer).await,
    );
    given_assigned(ports, &project, removed.id).await;
    assert!(ports.members.remove(member_removal(project.id, removed.id, MemberRole::Viewer)).await.unwrap());
    dispatch(ports).await;
    assert_eq!(notified(ports, removed.id).await, Vec::<&str>::new());
    assert_eq!(notified(ports, stays.id).await, ["project_shared"]);
}

/// Neither to other tasks of the project, nor to the project.
async fn an_assignment_gives_access_to_its_task_alone(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let assignee = given::user(ports).await.id;
    let (task, other) = (given_assigned(ports, &project, assignee).await, given::task(ports, project.id).await);
    let content = NotificationContent::ProjectShared {
        project_id: project.id,
        project: project.name.clone(),
        role: GrantedRole::Viewer,
        shared_by: display_name("Ann"),
    };
    let shared = NewNotification { content, ..new_notification(assignee, project.id, 1) };
    let mut consequences = vec![Consequence::Notify(shared)];
    consequences.extend(both(assignee, project.id, other.id));
    assert_eq!(given::consequences(ports, consequences).await.heads, []);
    assert_eq!(mailed(ports).await, []);
    let dispatched = given::consequences(ports, both(assignee, project.id, task.id).into()).await;
    assert_eq!(dispatched.heads, [NotificationHead { user_id: assignee, seq: 1 }]);
    assert_eq!(mailed(ports).await, [assignee]);
}

async fn members_of_any_role_and_assignees_are_notified_and_mailed(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let mut users = vec![owner.id];
    for role in GrantedRole::ALL.iter().copied() {
        users.push(given::member(ports, &project, role).await.id);
    }
    let free = given::task(ports, project.id).await;
    let mut consequences: Vec<_> = users.iter().flat_map(|user| both(*user, project.id, free.id)).collect();
    let assignee = given::user(ports).await.id;
    let task = given_assigned(ports, &project, assignee).await;
    consequences.extend(both(assignee, project.id, task.id));
    users.push(assignee);
    assert_eq!(given::consequences(ports, consequences).await.heads.len(), users.len());
    for user in &users {
        assert_eq!(notified(ports, *user).await, ["task_assigned"]);
    }
    assert_eq!(mailed(ports).await, users);
}

/// The user's notifications are numbered without a gap.
async fn what_is_dropped_takes_no_number(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let (foreign, _) = given::project_with_owner(ports).await;
    let of = |project: &Project, comment| new_notification(owner.id, project.id, comment);
    let notifications = [of(&foreign, 1), of(&project, 2), of(&foreign, 3), of(&foreign, 4), of(&project, 5)];
    let dispatched = given::notifications(ports, notifications).await;
    assert_eq!(dispatched.heads, [NotificationHead { user_id: owner.id, seq: 2 }]);
    let stored = ports.notifications.after(owner.id, 0, 9).await.unwrap();
    let stored: Vec<_> = stored.into_iter().map(|notification| (notification.seq, notification.content)).collect();
    assert_eq!(stored, [(1, of(&project, 2).content), (2, of(&project, 5).content)]);
}

/// Events are committed and dispatched while the member is removed.
async fn no_notification_is_stored_after_a_removal(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let member = given::member(ports, &project, GrantedRole::Viewer).await.id;
    let notification = new_notification(member, project.id, 1);
    let notify: Subscribers = Arc::new([subscriber(move |_, _| vec![Consequence::Notify(notification.clone())])]);
    let removed = Arc::new(AtomicBool::new(false));
    let heads = simultaneously(4, |n| {
        let (ports, project, notify, removed) =
            (ports.clone(), project.clone(), Arc::clone(&notify), Arc::clone(&removed));
        async move {
            if n == 0 {
                // Not before some were stored.
                while ports.notifications.heads(vec![member]).await.unwrap().is_empty() {
                    yield_now().await;
                }
                let removal = member_removal(project.id, member, MemberRole::Viewer);
                assert!(ports.members.remove(removal).await.unwrap());
                let heads = ports.notifications.heads(vec![member]).await.unwrap();
                removed.store(true, Ordering::Release);
                return heads;
            }
            while !removed.load(Ordering::Acquire) {
                given::task(&ports, project.id).await;
                dispatch_all(&ports, Arc::clone(&notify), 2).await;
            }
            Vec::new()
        }
    })
    .await
    .concat();
    given::task(ports, project.id).await;
    dispatch_all(ports, notify, 100).await;
    assert_eq!(ports.notifications.heads(vec![member]).await.unwrap(), heads);
}
