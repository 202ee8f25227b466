//! The effect of patches on tasks, and the events that they cause.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use chrono::{DateTime, TimeDelta};
use fasttrack_domain::{
    event::TaskEventKind,
    id::{ProjectId, TaskId, UserId},
    membership::{HeldRole, MemberRole},
    patch::Patch,
    project::ProjectStatus,
    task::{
        InvalidTransition, NewTask, Task, TaskDraft, TaskInProject, TaskPatch, TaskPriority, TaskProject, TaskStatus,
    },
    text::{Description, ProjectName, TaskTitle},
    todo::{Completion, TodoPatch},
};
use proptest::prelude::*;

const OWNER: UserId = UserId::new(1);
const ASSIGNEE: UserId = UserId::new(2);

fn project() -> TaskProject {
    TaskProject {
        id: ProjectId::new(5),
        name: ProjectName::parse("Garden".to_owned()).unwrap(),
        owner_id: OWNER,
        status: ProjectStatus::Active,
        membership: Some(MemberRole::Owner),
        has_webhooks: false,
    }
}

fn new_task(status: TaskStatus, assignee_id: Option<UserId>) -> NewTask {
    let title = TaskTitle::parse("Paint the fence".to_owned()).unwrap();
    let draft = TaskDraft { status, assignee_id, ..TaskDraft::new(title) };
    NewTask::new(project(), draft, OWNER, DateTime::UNIX_EPOCH, 1)
}

fn task_with(status: TaskStatus, assignee_id: Option<UserId>) -> TaskInProject {
    let task = new_task(status, assignee_id).stored(TaskId::new(9));
    TaskInProject { task: Task { version: 4, ..task }, assignee: None, labels: Vec::new(), project: project() }
}

fn statuses() -> impl Strategy<Value = TaskStatus> {
    prop::sample::select(TaskStatus::ALL)
}

fn patches() -> impl Strategy<Value = TaskPatch> {
    let assignee =
        prop_oneof![Just(Patch::Keep), Just(Patch::Clear), (1i64..4).prop_map(|id| Patch::Set(UserId::new(id)))];
    let description = prop_oneof![
        Just(Patch::Keep),
        Just(Patch::Clear),
        "[a-c]{0,2}".prop_map(|text| Patch::Set(Description::parse(text).unwrap()))
    ];
    let title = proptest::option::of("[a-c]{1,2}".prop_map(|text| TaskTitle::parse(text).unwrap()));
    let priority = proptest::option::of(prop::sample::select(TaskPriority::ALL));
    (title, description, proptest::option::of(statuses()), priority, assignee).prop_map(
        |(title, description, status, priority, assignee_id)| {
            let described = TaskPatch { description, ..TaskPatch::default() };
            TaskPatch { title, status, priority, assignee_id, ..described }
        },
    )
}

#[test]
fn changing_assignee_and_status_causes_two_events() {
    let task = task_with(TaskStatus::Todo, None);
    let patch =
        TaskPatch { status: Some(TaskStatus::InProgress), assignee_id: Patch::Set(ASSIGNEE), ..TaskPatch::default() };
    let change = task.apply(patch, OWNER, DateTime::UNIX_EPOCH).unwrap().unwrap();
    let kinds: Vec<_> = change.events.iter().map(|event| event.kind.clone()).collect();
    assert_eq!(
        kinds,
        [
            TaskEventKind::TaskAssigned { assignee_id: ASSIGNEE },
            TaskEventKind::StatusChanged {
                old: TaskStatus::Todo,
                new: TaskStatus::InProgress,
                assignee_id: Some(ASSIGNEE)
            },
        ]
    );
}

#[test]
fn status_changes_by_one_step_at_most() {
    use TaskStatus::{Done, InProgress, Todo};
    for &from in TaskStatus::ALL {
        for &to in TaskStatus::ALL {
            let patch = TaskPatch { status: Some(to), ..TaskPatch::default() };
            let applied = task_with(from, None).apply(patch, OWNER, DateTime::UNIX_EPOCH);
            match (from, to) {
                (Todo, Done) | (Done, Todo) => assert_eq!(applied, Err(InvalidTransition { from, to })),
                (Todo, Todo) | (InProgress, InProgress) | (Done, Done) => assert_eq!(applied, Ok(None)),
                _ => assert_eq!(applied.unwrap().unwrap().task.status, to),
            }
        }
    }
}

#[test]
fn completing_a_todo_is_one_version_and_one_event() {
    let completed = |completion| TodoPatch { completed: completion, ..TodoPatch::default() };
    for (old, completion, new) in [
        (TaskStatus::Todo, Completion::Toggle, TaskStatus::Done),
        (TaskStatus::InProgress, Completion::Set(true), TaskStatus::Done),
        (TaskStatus::Done, Completion::Set(false), TaskStatus::Todo),
    ] {
        let task = task_with(old, Some(ASSIGNEE));
        let change = task.apply_todo(completed(completion), OWNER, DateTime::UNIX_EPOCH).unwrap();
        assert_eq!((change.based_on, change.task.version, change.task.status), (4, 5, new));
        let kinds: Vec<_> = change.events.iter().map(|event| event.kind.clone()).collect();
        assert_eq!(kinds, [TaskEventKind::StatusChanged { old, new, assignee_id: Some(ASSIGNEE) }]);
    }
    let begun = task_with(TaskStatus::InProgress, None);
    assert_eq!(begun.apply_todo(completed(Completion::Set(false)), OWNER, DateTime::UNIX_EPOCH), None);
}

#[test]
fn events_carry_the_title_after_the_change() {
    let title = TaskTitle::parse("Paint the gate".to_owned()).unwrap();
    let patch = TaskPatch { title: Some(title.clone()), assignee_id: Patch::Set(ASSIGNEE), ..TaskPatch::default() };
    let change = task_with(TaskStatus::Todo, None).apply(patch, OWNER, DateTime::UNIX_EPOCH).unwrap().unwrap();
    assert_eq!(change.events[0].task.title, title);
}

#[test]
fn unassigning_or_keeping_the_assignee_causes_no_event() {
    for assignee_id in [Patch::Clear, Patch::Set(ASSIGNEE)] {
        let patch = TaskPatch { assignee_id, priority: Some(TaskPriority::High), ..TaskPatch::default() };
        let task = task_with(TaskStatus::Todo, Some(ASSIGNEE));
        assert_eq!(task.apply(patch, OWNER, DateTime::UNIX_EPOCH).unwrap().unwrap().events, []);
    }
}

#[test]
fn a_member_that_assigns_a_task_to_itself_holds_its_role() {
    let by = |membership, actor_id, before, patch| {
        let task = task_with(TaskStatus::Todo, before);
        let task = TaskInProject { project: TaskProject { membership, ..task.project }, ..task };
        let patch = TaskPatch { assignee_id: patch, priority: Some(TaskPriority::High), ..TaskPatch::default() };
        task.apply(patch, actor_id, DateTime::UNIX_EPOCH).unwrap().unwrap().held
    };
    let editor = Some(MemberRole::Editor);
    let held = HeldRole { user_id: ASSIGNEE, role: MemberRole::Editor };
    assert_eq!(by(editor, ASSIGNEE, None, Patch::Set(ASSIGNEE)), Some(held));
    assert_eq!(by(editor, ASSIGNEE, Some(OWNER), Patch::Set(ASSIGNEE)), Some(held));
    assert_eq!(by(None, ASSIGNEE, None, Patch::Set(ASSIGNEE)), None);
    assert_eq!(by(editor, ASSIGNEE, None, Patch::Set(OWNER)), None);
    assert_eq!(by(editor, ASSIGNEE, Some(ASSIGNEE), Patch::Set(ASSIGNEE)), None);
    assert_eq!(by(editor, ASSIGNEE, Some(ASSIGNEE), Patch::Keep), None);
    assert_eq!(by(editor, ASSIGNEE, Some(ASSIGNEE), Patch::Clear), None);

    let own = HeldRole { user_id: OWNER, role: MemberRole::Owner };
    assert_eq!(new_task(TaskStatus::Todo, Some(OWNER)).held(), Some(own));
    assert_eq!(new_task(TaskStatus::Todo, Some(ASSIGNEE)).held(), None);
    assert_eq!(new_task(TaskStatus::Todo, None).held(), None);
}

#[test]
fn new_task_with_assignee_causes_two_events() {
    let new = new_task(TaskStatus::Done, Some(ASSIGNEE));
    let kinds: Vec<_> = new.events(TaskId::new(1)).into_iter().map(|event| event.kind).collect();
    assert_eq!(
        kinds,
        [
            TaskEventKind::TaskCreated { status: TaskStatus::Done },
            TaskEventKind::TaskAssigned { assignee_id: ASSIGNEE },
        ]
    );
}

proptest! {
    #[test]
    fn a_task_moves_one_step_or_stays(from in statuses(), to in statuses()) {
        let steps = (from as i8 - to as i8).abs();
        prop_assert_eq!(from.allows(to), steps <= 1);
        prop_assert_eq!(from.allows(to), to.allows(from));
    }

    #[test]
    fn from_any_status_any_other_is_reached_by_legal_steps(from in statuses(), to in statuses()) {
        let mut at = from;
        for _ in 0..2 {
            at = if at.allows(to) { to } else { TaskStatus::InProgress };
        }
        prop_assert_eq!(at, to);
    }

    #[test]
    fn patch_is_applied_completely_or_refused(from in statuses(), patch in patches()) {
        let task = task_with(from, Some(ASSIGNEE));
        let now = DateTime::UNIX_EPOCH + TimeDelta::seconds(1);
        match task.apply(patch.clone(), OWNER, now) {
            Err(InvalidTransition { from: refused, to }) => {
                prop_assert_eq!(Some(to), patch.status);
                prop_assert!(refused == from && !from.allows(to));
            }
            Ok(None) => {
                prop_assert!(patch.status.is_none_or(|status| status == from));
                prop_assert!(patch.assignee_id.value().is_none_or(|id| *id == ASSIGNEE));
            }
            Ok(Some(change)) => {
                let after = &change.task;
                prop_assert_eq!((change.based_on, after.version, after.updated_at), (4, 5, now));
                prop_assert_eq!(after.status, patch.status.unwrap_or(from));
                prop_assert_eq!(after.priority, patch.priority.unwrap_or(TaskPriority::Medium));
                prop_assert_eq!(after.assignee_id, patch.assignee_id.apply(Some(ASSIGNEE)));
                prop_assert_eq!(&after.description, &patch.description.clone().apply(None));
                // Applying the same patch again changes nothing.
                let again = TaskInProject { task: change.task, ..task };
                prop_assert_eq!(again.apply(patch, OWNER, now), Ok(None));
            }
        }
    }
}

#[test]
fn changes_are_recorded_where_the_project_has_webhooks() {
    for has_webhooks in [false, true] {
        let found = task_with(TaskStatus::Todo, None);
        let found = TaskInProject { project: TaskProject { has_webhooks, ..project() }, ..found };
        let patch = TaskPatch { status: Some(TaskStatus::InProgress), ..TaskPatch::default() };
        let change = found.apply(patch, ASSIGNEE, DateTime::UNIX_EPOCH).unwrap().unwrap();
        assert_eq!((change.is_watched, change.actor_id), (has_webhooks, ASSIGNEE));
        assert_eq!(found.remove(OWNER, DateTime::UNIX_EPOCH).is_watched, has_webhooks);
        let new = NewTask { project: found.project, ..new_task(TaskStatus::Todo, None) };
        assert_eq!(new.is_watched(), has_webhooks);
    }
}
