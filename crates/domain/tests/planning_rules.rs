//! What patches of dates, labels, parents and places change, and what a save has to write.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use chrono::{DateTime, TimeDelta, Utc};
use fasttrack_domain::{
    due::Due,
    event::TaskEventKind,
    id::{LabelId, ProjectId, TaskId, UserId},
    label::LabelIds,
    membership::MemberRole,
    patch::Patch,
    position::Position,
    project::ProjectStatus,
    reminder::Reminders,
    requested::{Difference, Requested},
    task::{Gap, NewTask, Task, TaskDraft, TaskInProject, TaskPatch, TaskPriority, TaskProject, TaskStatus},
    todo::{Completion, TodoPatch},
};
use proptest::prelude::*;

const OWNER: UserId = UserId::new(1);

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

fn instants(seconds: &[i64]) -> Requested<DateTime<Utc>> {
    Requested::parse(seconds.iter().copied().map(at).collect(), Reminders::MAX).unwrap()
}

fn labels(ids: &[i64]) -> Requested<LabelId> {
    Requested::parse(ids.iter().copied().map(LabelId::new).collect(), LabelIds::MAX).unwrap()
}

fn new_task(draft: TaskDraft) -> NewTask {
    let project = TaskProject {
        id: ProjectId::new(5),
        name: "Garden".parse().unwrap(),
        owner_id: OWNER,
        status: ProjectStatus::Active,
        membership: Some(MemberRole::Owner),
        has_webhooks: false,
    };
    NewTask::new(project, draft, OWNER, at(0), 1)
}

fn draft() -> TaskDraft {
    TaskDraft::new("Paint the fence".parse().unwrap())
}

/// A stored task of version 1.
fn task(draft: TaskDraft) -> TaskInProject {
    let new = new_task(draft);
    TaskInProject { task: new.stored(TaskId::new(9)), assignee: None, labels: Vec::new(), project: new.project }
}

fn to(status: TaskStatus) -> TaskPatch {
    TaskPatch { status: Some(status), ..TaskPatch::default() }
}

#[test]
fn new_task_has_its_place_by_its_id() {
    let stored = new_task(draft()).stored(TaskId::new(9));
    assert_eq!((stored.position(), stored.completed_at), (Position::initial(TaskId::new(9)), None));
    let done = new_task(TaskDraft { status: TaskStatus::Done, ..draft() });
    assert_eq!((done.completed_at(), done.stored(TaskId::new(9)).completed_at), (Some(at(0)), Some(at(0))));
}

#[test]
fn completed_at_is_when_the_task_became_done() {
    let mut found = task(TaskDraft { status: TaskStatus::InProgress, ..draft() });
    found.task = found.apply(to(TaskStatus::Done), OWNER, at(7)).unwrap().unwrap().task;
    assert_eq!(found.task.completed_at, Some(at(7)));
    let titled = TaskPatch { title: Some("Weed".parse().unwrap()), ..TaskPatch::default() };
    found.task = found.apply(titled, OWNER, at(8)).unwrap().unwrap().task;
    assert_eq!(found.task.completed_at, Some(at(7)));
    let reopened = found.apply_todo(TodoPatch { completed: Completion::Toggle, ..TodoPatch::default() }, OWNER, at(9));
    assert_eq!(reopened.unwrap().task.completed_at, None);
}

#[test]
fn reminders_that_passed_while_done_are_not_given_later() {
    let reminders = instants(&[5, 6, 20]);
    let mut found = task(TaskDraft { status: TaskStatus::Done, reminders, ..draft() });
    let change = found.apply(to(TaskStatus::InProgress), OWNER, at(6)).unwrap().unwrap();
    assert_eq!(change.task.reminders.as_slice(), [at(20)]);
    assert_eq!(change.reminders, Difference { added: vec![], removed: vec![at(5), at(6)] });
    found.task.status = TaskStatus::Todo;
    let change = found.apply(to(TaskStatus::InProgress), OWNER, at(6)).unwrap().unwrap();
    assert!(change.reminders.is_empty());
}

#[test]
fn a_save_writes_only_what_changes() {
    let found = task(TaskDraft { labels: labels(&[1, 2]), reminders: instants(&[50]), ..draft() });
    let patch = TaskPatch {
        labels: Some(labels(&[3, 2, 3])),
        reminders: Some(instants(&[60, 50])),
        due: Patch::Set("2026-12-01".parse().unwrap()),
        parent_id: Patch::Set(TaskId::new(4)),
        ..TaskPatch::default()
    };
    let change = found.apply(patch, OWNER, at(1)).unwrap().unwrap();
    let difference = Difference { added: vec![LabelId::new(3)], removed: vec![LabelId::new(1)] };
    assert_eq!((change.labels, change.reminders), (difference, Difference { added: vec![at(60)], removed: vec![] }));
    assert_eq!((change.new_parent, change.words, change.events), (Some(TaskId::new(4)), None, vec![]));
    assert_eq!(change.task.due.map(|due| due.to_string()), Some("2026-12-01".to_owned()));
}

#[test]
fn a_plan_is_kept_where_none_of_its_fields_differs() {
    let found = task(TaskDraft { parent_id: Some(TaskId::new(4)), ..draft() });
    let keeps_plan = |patch| found.apply(patch, OWNER, at(1)).unwrap().unwrap().keeps_plan;
    let kept = [
        to(TaskStatus::InProgress),
        TaskPatch { title: Some("Paint the gate".parse().unwrap()), ..TaskPatch::default() },
        TaskPatch { description: Patch::Set("with red".parse().unwrap()), ..TaskPatch::default() },
        TaskPatch { labels: Some(labels(&[3])), ..TaskPatch::default() },
        TaskPatch { reminders: Some(instants(&[60])), ..TaskPatch::default() },
    ];
    for patch in kept {
        assert!(keeps_plan(patch.clone()), "{patch:?}");
    }
    let others = [
        TaskPatch { priority: Some(TaskPriority::High), ..TaskPatch::default() },
        TaskPatch { assignee_id: Patch::Set(OWNER), ..TaskPatch::default() },
        TaskPatch { due: Patch::Set("2026-12-01".parse().unwrap()), ..TaskPatch::default() },
        TaskPatch { parent_id: Patch::Clear, ..TaskPatch::default() },
    ];
    for patch in others {
        assert!(!keeps_plan(TaskPatch { status: Some(TaskStatus::InProgress), ..patch.clone() }), "{patch:?}");
    }
    let gap = Gap { before: None, after: Some(Position::initial(TaskId::new(1))) };
    assert!(!found.move_to(&gap, OWNER, at(1)).unwrap().keeps_plan);
}

#[test]
fn words_are_made_where_they_may_differ() {
    let found = task(TaskDraft { parent_id: Some(TaskId::new(4)), ..draft() });
    let words = |patch| found.apply(patch, OWNER, at(1)).unwrap().unwrap().words;
    let described = TaskPatch { description: Patch::Set("with red".parse().unwrap()), ..TaskPatch::default() };
    let expected = ["fence", "paint", "red", "the", "with"];
    assert_eq!(words(described).unwrap().iter().collect::<Vec<_>>(), expected);
    assert!(words(TaskPatch { assignee_id: Patch::Set(OWNER), ..TaskPatch::default() }).is_some());
    assert!(words(to(TaskStatus::InProgress)).is_none());
    assert!(words(TaskPatch { parent_id: Patch::Clear, ..TaskPatch::default() }).is_none());
}

#[test]
fn a_move_changes_the_place_and_the_version_only() {
    let found = task(draft());
    let gap = Gap { before: None, after: Some(Position::initial(TaskId::new(1))) };
    let change = found.move_to(&gap, OWNER, at(1)).unwrap();
    assert!(change.task.position() < Position::initial(TaskId::new(1)) && change.events.is_empty());
    let expected = Task { moved_to: change.task.moved_to.clone(), version: 2, updated_at: at(1), ..found.task.clone() };
    assert_eq!((change.task, change.based_on), (expected, 1));
    let stays = Gap { before: Some(Position::initial(TaskId::new(8))), after: None };
    assert_eq!(found.move_to(&stays, OWNER, at(1)).unwrap().task.version, 2);
}

#[test]
fn tasks_under_a_deleted_one_have_an_event_each() {
    let removal = task(draft()).remove(OWNER, at(1));
    let under = removal.event_under(TaskId::new(10), "Sand it".parse().unwrap(), TaskStatus::Done);
    assert_eq!((under.task.task_id, under.task.title.as_str()), (TaskId::new(10), "Sand it"));
    assert_eq!(under.kind, TaskEventKind::TaskDeleted { status: TaskStatus::Done });
    assert_eq!((under.task.project_id, under.actor_id, under.at), (ProjectId::new(5), OWNER, at(1)));
}

#[test]
fn todos_have_a_title_and_a_description() {
    let (title, description) = ("Weed".parse().unwrap(), "with red".parse().unwrap());
    let patch = TodoPatch { title: Some(title), description: Patch::Set(description), ..TodoPatch::default() };
    let todo = task(draft()).apply_todo(patch, OWNER, at(1)).unwrap().task;
    assert_eq!((todo.title.as_str(), todo.description.unwrap().as_str()), ("Weed", "with red"));
}

#[test]
fn new_task_is_found_by_its_words() {
    let new = new_task(TaskDraft { description: Some("with red".parse().unwrap()), ..draft() });
    assert_eq!(new.words().iter().collect::<Vec<_>>(), ["fence", "paint", "red", "the", "with"]);
}

#[test]
fn todos_have_a_due() {
    let due: Due = "2026-12-01T09:00:00Z".parse().unwrap();
    let patch = |due| TodoPatch { due, ..TodoPatch::default() };
    let mut found = task(draft());
    found.task = found.apply_todo(patch(Patch::Set(due)), OWNER, at(1)).unwrap().task;
    assert_eq!(found.task.due, Some(due));
    assert_eq!(found.apply_todo(patch(Patch::Keep), OWNER, at(2)), None);
    assert_eq!(found.apply_todo(patch(Patch::Clear), OWNER, at(2)).unwrap().task.due, None);
}

proptest! {
    #[test]
    fn setting_labels_in_any_order_ends_in_one_set(first in prop::collection::vec(1i64..9, 0..9), second in 1i64..9) {
        let found = task(TaskDraft { labels: labels(&first), ..draft() });
        let id = LabelId::new(second);
        let with = found.task.labels.with(id);
        match found.set_labels(with.clone(), OWNER, at(1)) {
            None => prop_assert!(first.contains(&second)),
            Some(change) => prop_assert_eq!(change.labels, Difference { added: vec![id], removed: vec![] }),
        }
        prop_assert_eq!(with.without(id), found.task.labels.without(id));
    }
}
