use super::*;
use crate::{event::ProjectShared, person::Person};

const OWNER: UserId = UserId::new(1);
const ASSIGNEE: UserId = UserId::new(2);
const ADMIN: UserId = UserId::new(3);

fn name() -> DisplayName {
    DisplayName::parse("Ann".to_owned()).unwrap()
}

fn task() -> TaskRef {
    TaskRef {
        task_id: TaskId::new(5),
        title: TaskTitle::parse("Paint".to_owned()).unwrap(),
        project_id: ProjectId::new(4),
        project: ProjectName::parse("House".to_owned()).unwrap(),
        owner_id: OWNER,
    }
}

fn told(actor_id: UserId, kind: TaskEventKind) -> Vec<UserId> {
    let event = TaskEvent { task: task(), actor_id, at: Timestamp::UNIX_EPOCH, kind };
    notifications_of(&event.into(), &name()).into_iter().map(|notification| notification.user_id).collect()
}

fn moved(assignee_id: Option<UserId>) -> TaskEventKind {
    TaskEventKind::StatusChanged { old: TaskStatus::Todo, new: TaskStatus::InProgress, assignee_id }
}

fn commented(assignee_id: Option<UserId>) -> TaskEventKind {
    TaskEventKind::CommentAdded { comment_id: CommentId::new(9), assignee_id }
}

#[test]
fn only_the_new_assignee_is_notified_of_an_assignment() {
    assert_eq!(told(OWNER, TaskEventKind::TaskAssigned { assignee_id: ASSIGNEE }), [ASSIGNEE]);
    assert_eq!(told(ADMIN, TaskEventKind::TaskAssigned { assignee_id: OWNER }), [OWNER]);
}

#[test]
fn owner_and_assignee_are_notified_of_moves_and_comments() {
    for kind in [moved, commented] {
        assert_eq!(told(ADMIN, kind(Some(ASSIGNEE))), [OWNER, ASSIGNEE]);
        assert_eq!(told(ADMIN, kind(None)), [OWNER]);
        assert_eq!(told(ASSIGNEE, kind(Some(ASSIGNEE))), [OWNER]);
        assert_eq!(told(OWNER, kind(Some(ASSIGNEE))), [ASSIGNEE]);
    }
}

#[test]
fn nobody_is_notified_of_own_actions_or_twice() {
    assert_eq!(told(ASSIGNEE, TaskEventKind::TaskAssigned { assignee_id: ASSIGNEE }), []);
    for kind in [moved, commented] {
        assert_eq!(told(OWNER, kind(Some(OWNER))), []);
        assert_eq!(told(ADMIN, kind(Some(OWNER))), [OWNER]);
    }
}

#[test]
fn creation_and_deletion_notify_nobody() {
    for kind in [
        TaskEventKind::TaskCreated { status: TaskStatus::Todo },
        TaskEventKind::TaskDeleted { status: TaskStatus::Todo },
    ] {
        assert_eq!(told(ADMIN, kind), []);
    }
}

#[test]
fn assignee_else_owner_is_reminded_whoever_that_is() {
    let due = |assignee_id| TaskEventKind::ReminderDue { assignee_id, due: None };
    for (assignee, expected) in [(Some(ASSIGNEE), ASSIGNEE), (Some(OWNER), OWNER), (None, OWNER)] {
        assert_eq!(told(OWNER, due(assignee)), [expected]);
    }
}

#[test]
fn reminder_has_names_and_due_of_its_task() {
    let due = Due::parse("2026-12-01").ok();
    let event = TaskEvent::of_reminder(task(), Some(ASSIGNEE), due, Timestamp::UNIX_EPOCH);
    assert_eq!(event.kind.name(), TaskEventKind::REMINDER_DUE);
    let content = NotificationContent::TaskReminder { task: TaskNames::from(&task()), due };
    let expected = NewNotification { user_id: ASSIGNEE, actor_id: OWNER, content, at: Timestamp::UNIX_EPOCH };
    assert_eq!(expected.content.name(), "task_reminder");
    let audience = Audience { user_id: ASSIGNEE, project_id: ProjectId::new(4), task_id: Some(TaskId::new(5)) };
    assert_eq!(expected.audience(), audience);
    assert_eq!(notifications_of(&event.into(), &name()), [expected]);
}

fn shared(actor_id: UserId) -> Vec<NewNotification> {
    let project = ProjectName::parse("House".to_owned()).unwrap();
    let (project_id, role) = (ProjectId::new(4), GrantedRole::Editor);
    let event = ProjectShared { project_id, project, user_id: ASSIGNEE, role, actor_id, at: Timestamp::UNIX_EPOCH };
    notifications_of(&event.into(), &name())
}

#[test]
fn new_member_is_notified_unless_it_added_itself() {
    let [notification] = <[_; 1]>::try_from(shared(OWNER)).unwrap();
    assert_eq!((notification.user_id, notification.actor_id), (ASSIGNEE, OWNER));
    let audience = Audience { user_id: ASSIGNEE, project_id: ProjectId::new(4), task_id: None };
    assert_eq!((notification.content.name(), notification.audience()), ("project_shared", audience));
    assert_eq!(shared(ASSIGNEE), []);
}

#[test]
fn name_of_the_actor_is_replaced_in_every_content() {
    let task = || TaskNames::from(&task());
    let (old, new) = (TaskStatus::Todo, TaskStatus::Done);
    for mut content in [
        NotificationContent::TaskAssigned { task: task(), assigned_by: name() },
        NotificationContent::CommentAdded { task: task(), comment_id: CommentId::new(9), author: name() },
        NotificationContent::StatusChanged { task: task(), old, new, changed_by: name() },
        shared(OWNER).remove(0).content,
    ] {
        assert_eq!(content.actor(), Some(&name()));
        content.set_actor(Person::deleted_name());
        assert_eq!(content.actor(), Some(&Person::deleted_name()));
    }
    let mut reminder = NotificationContent::TaskReminder { task: task(), due: None };
    let same = reminder.clone();
    reminder.set_actor(Person::deleted_name());
    assert_eq!((reminder.actor(), &reminder), (None, &same));
}
