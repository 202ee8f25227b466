//! What tasks are planned by: due dates, reminders, labels, parents, and when they became done.

use super::conflict;
use crate::{
    builders::{MOMENT, NOBODY, after, due, just_before, label_ids, new_task, reminders, requested},
    given,
};
use fasttrack_domain::{
    Timestamp,
    due::Due,
    id::{LabelId, ProjectId, TaskId},
    label::Label,
    patch::Patch,
    ports::{
        constraint, label::LabelRepository, project::ProjectRepository, task::TaskRepository, user::UserRepository,
    },
    task::{NewTask, Task, TaskChange, TaskInProject, TaskPageRequest, TaskPatch, TaskQuery, TaskStatus, TaskView},
};

contract! { $
    task_planning {
        users: UserRepository,
        projects: ProjectRepository,
        tasks: TaskRepository,
        labels: LabelRepository,
    }
    a_new_task_is_found_as_it_was_planned,
    each_due_date_is_stored_unchanged,
    a_change_of_plans_is_committed_with_every_field,
    all_that_a_task_may_have_is_stored,
    a_task_has_the_time_at_which_it_became_done,
    a_new_task_with_an_unknown_label_is_refused,
    a_change_that_adds_an_unknown_label_is_refused,
    lists_have_tasks_as_they_are_planned,
}

async fn find(ports: &Ports, id: TaskId) -> TaskInProject {
    ports.tasks.find(id, NOBODY).await.unwrap().unwrap()
}

async fn given_labels(ports: &Ports, project: ProjectId, n: usize) -> Vec<Label> {
    let mut labels = Vec::new();
    for _ in 0..n {
        labels.push(given::label(ports, project).await);
    }
    labels
}

fn ids(labels: &[Label]) -> Vec<LabelId> {
    labels.iter().map(|label| label.id).collect()
}

fn change(found: &TaskInProject, patch: TaskPatch) -> TaskChange {
    found.apply(patch, found.project.owner_id, after(5)).unwrap().unwrap()
}

/// The tasks of the project, by ascending id.
async fn list(ports: &Ports, project: ProjectId) -> Vec<TaskView> {
    let (all, first) = (TaskQuery::default(), TaskPageRequest::default());
    ports.tasks.list_in_project(project, NOBODY, all, first).await.unwrap().unwrap().page.items
}

async fn a_new_task_is_found_as_it_was_planned(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let labels = given_labels(ports, project.id, 3).await;
    let parent = given::task(ports, project.id).await;
    let project = ports.tasks.find_project(project.id, NOBODY).await.unwrap().unwrap();
    for planned in [&labels[..1], &labels[1..], &labels[..0]] {
        let new = NewTask {
            due: Some(due("2026-12-01")),
            reminders: reminders(&[after(90), after(7), just_before(after(7))]),
            labels: ids(planned).into_iter().rev().collect(),
            parent_id: Some(parent.id),
            ..new_task(&project)
        };
        let task = ports.tasks.create(new.clone(), None).await.unwrap();
        assert_eq!(task, new.stored(task.id));
        let expected = TaskInProject { task, assignee: None, labels: planned.to_vec(), project: project.clone() };
        assert_eq!(find(ports, expected.task.id).await, expected);
    }
}

/// To the microsecond. A day isn't its last instant.
async fn each_due_date_is_stored_unchanged(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    for text in [
        "1970-01-01",
        "1970-01-01T00:00:00Z",
        "2026-12-01",
        "2026-12-01T00:00:00Z",
        "2026-12-01T23:59:59.999999Z",
        "2028-02-29",
        "9999-12-31T23:59:59.000001Z",
        "9999-12-31",
    ] {
        let expected = Some(due(text));
        let created = given::task_with(ports, project.id, |task| NewTask { due: expected, ..task }).await;
        let plain = find(ports, given::task(ports, project.id).await.id).await;
        let patch = TaskPatch { due: Patch::Set(due(text)), ..TaskPatch::default() };
        ports.tasks.save(change(&plain, patch)).await.unwrap().unwrap();
        for id in [created.id, plain.task.id] {
            let found = find(ports, id).await.task.due;
            assert_eq!(found, expected, "{text}");
            assert_eq!(found.map(|due| due.to_string()).as_deref(), Some(text));
        }
    }
}

/// Each in turn is set, replaced and cleared.
async fn a_change_of_plans_is_committed_with_every_field(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let labels = given_labels(ports, project.id, 3).await;
    let parents = [given::task(ports, project.id).await.id, given::task(ports, project.id).await.id];
    let mut found = find(ports, given::task(ports, project.id).await.id).await;
    let plan = |due: Patch<Due>, instants: &[Timestamp], planned: &[Label], parent_id: Patch<TaskId>| TaskPatch {
        due,
        reminders: Some(requested(instants)),
        labels: Some(requested(&ids(planned))),
        parent_id,
        ..TaskPatch::default()
    };
    let patches = [
        plan(Patch::Set(due("2026-12-01")), &[after(20), after(10)], &labels[..2], Patch::Set(parents[0])),
        plan(Patch::Set(due("2026-12-01T23:59:59.999999Z")), &[after(30), after(20)], &labels[1..], Patch::Keep),
        plan(Patch::Set(due("2026-12-01")), &[after(20)], &labels[..], Patch::Set(parents[1])),
        TaskPatch { status: Some(TaskStatus::InProgress), ..TaskPatch::default() },
        plan(Patch::Clear, &[], &[], Patch::Clear),
        plan(Patch::Keep, &[after(10)], &labels[2..], Patch::Set(parents[0])),
    ];
    for patch in patches {
        let change = change(&found, patch);
        assert_eq!(ports.tasks.save(change.clone()).await.unwrap().as_ref(), Some(&change.task));
        found.labels = labels.iter().filter(|label| change.task.labels.contains(label.id)).cloned().collect();
        found.task = change.task;
        assert_eq!(find(ports, found.task.id).await, found);
    }
}

/// 20 labels and 5 reminders. Another task has the same ones.
async fn all_that_a_task_may_have_is_stored(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let labels = given_labels(ports, project.id, 20).await;
    let instants: Vec<_> = (1..=5).map(after).collect();
    let full = |task| NewTask { labels: label_ids(&ids(&labels)), reminders: reminders(&instants), ..task };
    for _ in 0..2 {
        let task = given::task_with(ports, project.id, full).await;
        let found = find(ports, task.id).await;
        assert_eq!((found.task, &found.labels), (task, &labels));
    }
}

/// The time is absent while it isn't done.
async fn a_task_has_the_time_at_which_it_became_done(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let done = |task| NewTask { status: TaskStatus::Done, ..task };
    let task = given::task_with(ports, project.id, done).await;
    assert_eq!(find(ports, task.id).await.task.completed_at, Some(MOMENT));
    let step = |status| TaskPatch { status: Some(status), ..TaskPatch::default() };
    let with_day = TaskPatch { due: Patch::Set(due("2026-12-01")), ..TaskPatch::default() };
    for (minutes, patch, completed_at) in [
        (1, with_day, Some(MOMENT)),
        (2, step(TaskStatus::InProgress), None),
        (3, step(TaskStatus::Todo), None),
        (4, step(TaskStatus::InProgress), None),
        (5, step(TaskStatus::Done), Some(after(5))),
        (6, TaskPatch { due: Patch::Clear, ..TaskPatch::default() }, Some(after(5))),
    ] {
        let change = find(ports, task.id).await.apply(patch, owner.id, after(minutes)).unwrap().unwrap();
        let saved = ports.tasks.save(change).await.unwrap().unwrap();
        assert_eq!(saved.completed_at, completed_at, "{minutes}");
        assert_eq!(find(ports, task.id).await.task, saved);
    }
}

/// Of another project, deleted, or never there: `Conflict` with `REFERENCE`. Nothing is created, and no quota is used.
async fn a_new_task_with_an_unknown_label_is_refused(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let other = given::project(ports, owner.id).await;
    let (known, gone) = (given::label(ports, project.id).await, given::label(ports, project.id).await);
    assert!(ports.labels.delete(gone.id, MOMENT, None).await.unwrap());
    let foreign = given::label(ports, other.id).await;
    let project = ports.tasks.find_project(project.id, NOBODY).await.unwrap().unwrap();
    for unknown in [foreign.id, gone.id, LabelId::new(i64::MAX)] {
        let new = NewTask { labels: label_ids(&[known.id, unknown]), quota: 1, ..new_task(&project) };
        assert_eq!(conflict(ports.tasks.create(new, None).await), constraint::REFERENCE, "{unknown}");
    }
    assert_eq!(list(ports, project.id).await, []);
    let new = NewTask { labels: label_ids(&[known.id]), quota: 1, ..new_task(&project) };
    ports.tasks.create(new, None).await.unwrap();
}

/// `Conflict` with `REFERENCE`. Nothing else of the change is committed.
async fn a_change_that_adds_an_unknown_label_is_refused(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let other = given::project(ports, owner.id).await;
    let [first, second, gone] = given_labels(ports, project.id, 3).await.try_into().unwrap();
    let foreign = given::label(ports, other.id).await;
    let labelled = |task| NewTask { labels: label_ids(&[first.id]), ..task };
    let found = find(ports, given::task_with(ports, project.id, labelled).await.id).await;
    let with = |id| TaskPatch {
        labels: Some(requested(&[second.id, id])),
        reminders: Some(requested(&[after(60)])),
        due: Patch::Set(due("2026-12-01")),
        ..TaskPatch::default()
    };
    let changes = [foreign.id, gone.id, LabelId::new(i64::MAX)].map(|id| change(&found, with(id)));
    assert!(ports.labels.delete(gone.id, MOMENT, None).await.unwrap());
    for change in changes {
        assert_eq!(conflict(ports.tasks.save(change.clone()).await), constraint::REFERENCE, "{change:?}");
        assert_eq!(find(ports, found.task.id).await, found);
    }
}

/// Of the project, of the assignee, and of all that a user may read.
async fn lists_have_tasks_as_they_are_planned(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let labels = given_labels(ports, project.id, 2).await;
    let (parent, assignee_id) = (given::task(ports, project.id).await, Some(owner.id));
    let planned = |task| NewTask {
        assignee_id,
        due: Some(due("2026-12-01")),
        reminders: reminders(&[after(20), after(10)]),
        labels: label_ids(&ids(&labels)),
        parent_id: Some(parent.id),
        ..task
    };
    let task: Task = given::task_with(ports, project.id, planned).await;
    let expected = TaskView { task, assignee: Some(owner.person()), labels };
    let parent = TaskView { task: parent, assignee: None, labels: Vec::new() };
    let both = [parent, expected.clone()];
    let (all, first) = (TaskQuery::default(), TaskPageRequest::default());
    assert_eq!(list(ports, project.id).await, both);
    let assigned = ports.tasks.list_assigned(owner.id, all.clone(), first.clone()).await.unwrap();
    assert_eq!(assigned.items, [expected]);
    let visible = ports.tasks.list_visible(owner.id, false, all, first).await.unwrap();
    assert_eq!(visible.items, both);
}
