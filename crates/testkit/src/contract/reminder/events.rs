//! What the event of a reminder has, and which reminders have none.

use super::shared::{Ports, events, find, give, given_project, given_task, tasks};
use crate::{
    builders::{MOMENT, after, due, project_name, reminders, requested, title},
    contract::{dispatch_all, recording, simultaneously},
    given,
};
use fasttrack_domain::{
    Timestamp,
    event::{Event, TaskEvent, TaskEventKind, TaskRef},
    id::TaskId,
    patch::Patch,
    project::ProjectPatch,
    task::{NewTask, TaskPatch, TaskStatus},
};
use std::sync::Arc;

/// Changes the task as it is now, `minutes` after the beginning.
async fn change(ports: &Ports, task: TaskId, patch: TaskPatch, minutes: i64) {
    let found = find(ports, task).await;
    let change = found.apply(patch, found.project.owner_id, after(minutes)).unwrap().unwrap();
    ports.tasks.save(change).await.unwrap().unwrap();
}

/// Moves the task by one step to each of these statuses.
async fn go_through(ports: &Ports, task: TaskId, statuses: &[TaskStatus], minutes: i64) {
    for status in statuses {
        change(ports, task, TaskPatch { status: Some(*status), ..TaskPatch::default() }, minutes).await;
    }
}

async fn left(ports: &Ports, task: TaskId) -> Vec<Timestamp> {
    find(ports, task).await.task.reminders.as_slice().to_vec()
}

/// The names of the task and the project, the assignee, and the due date are those of that moment.
pub(super) async fn the_event_has_the_task_as_it_is_then(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let assignee = given::user(ports).await;
    let task = given_task(ports, project.id, &[after(10), after(20), after(30)]).await;
    let to_assignee = TaskPatch {
        title: Some(title("Paint the fence")),
        assignee_id: Patch::Set(assignee.id),
        due: Patch::Set(due("2026-12-01")),
        ..TaskPatch::default()
    };
    let to_nobody = TaskPatch {
        assignee_id: Patch::Clear,
        due: Patch::Set(due("2026-12-01T09:30:00.000001Z")),
        ..TaskPatch::default()
    };
    for (minutes, patch) in
        [(10, to_assignee), (20, to_nobody), (30, TaskPatch { due: Patch::Clear, ..TaskPatch::default() })]
    {
        change(ports, task.id, patch, minutes - 5).await;
        let view = ports.projects.find(project.id, owner.id).await.unwrap().unwrap();
        let patch = ProjectPatch { name: Some(project_name(&format!("House {minutes}"))), ..ProjectPatch::default() };
        ports.projects.save(view.project.apply(patch, after(minutes - 4)).unwrap()).await.unwrap().unwrap();
        dispatch_all(ports, Arc::new([]), 100).await;

        let found = find(ports, task.id).await;
        assert_eq!(give(ports, after(minutes)).await, 1);
        let (subscribers, recorded) = recording();
        dispatch_all(ports, subscribers, 100).await;
        let reference = TaskRef::new(task.id, &found.task.title, &found.project);
        let expected = TaskEvent::of_reminder(reference, found.task.assignee_id, found.task.due, after(minutes));
        assert_eq!(recorded(), [(Event::Task(expected), owner.display_name.clone())]);
    }
}

/// It disappears all the same, and counts for the limit alone.
pub(super) async fn a_done_task_gives_no_reminder(ports: &Ports) {
    let project = given_project(ports).await;
    let done = |task| NewTask { status: TaskStatus::Done, reminders: reminders(&[after(10), after(20)]), ..task };
    let done = given::task_with(ports, project, done).await;
    let open = given_task(ports, project, &[after(11)]).await;
    let given = ports.reminders.give(after(10), 100).await.unwrap();
    assert_eq!((given.events, given.more), (0, false));
    assert_eq!(left(ports, done.id).await, [after(20)]);
    assert_eq!(give(ports, after(15)).await, 1);
    assert_eq!(tasks(&events(ports).await), [open.id]);
    let found = find(ports, done.id).await;
    assert_eq!((found.task.version, found.task.updated_at), (1, MOMENT));
}

/// The assignment ends in a later portion of the erasure.
pub(super) async fn a_reminder_for_an_erased_assignee_goes_to_the_owner(ports: &Ports) {
    let project = given_project(ports).await;
    let assignee = given::user(ports).await;
    let of_assignee = |task| NewTask { assignee_id: Some(assignee.id), reminders: reminders(&[after(10)]), ..task };
    given::task_with(ports, project, of_assignee).await;
    given::erasure(ports, &assignee, None).await;
    assert_eq!(give(ports, after(10)).await, 1);
    let [event] = &events(ports).await[..] else { panic!("not one event") };
    assert_eq!(event.kind, TaskEventKind::ReminderDue { assignee_id: None, due: None });
}

/// Neither what was removed by then, nor what passed while nothing ran.
pub(super) async fn a_reopened_task_does_not_give_what_passed_meanwhile(ports: &Ports) {
    let project = given_project(ports).await;
    for runs in [true, false] {
        let task = given_task(ports, project, &[after(10), after(20), after(30)]).await;
        go_through(ports, task.id, &[TaskStatus::InProgress, TaskStatus::Done], 5).await;
        if runs {
            assert_eq!(give(ports, after(10)).await, 0);
        }
        go_through(ports, task.id, &[TaskStatus::InProgress], 25).await;
        assert_eq!(left(ports, task.id).await, [after(30)]);
        assert_eq!(give(ports, after(29)).await, 0);
        assert_eq!(give(ports, after(30)).await, 1);
        assert_eq!(tasks(&events(ports).await), [task.id]);
    }
}

/// By no change that was decided before, whatever it changes.
pub(super) async fn a_given_reminder_does_not_come_back(ports: &Ports) {
    let project = given_project(ports).await;
    let adding = TaskPatch { reminders: Some(requested(&[after(10), after(20), after(40)])), ..TaskPatch::default() };
    let renaming = TaskPatch { title: Some(title("Renamed")), ..TaskPatch::default() };
    let removing = TaskPatch { reminders: Some(requested(&[after(20)])), ..TaskPatch::default() };
    for (patch, expected) in
        [(adding, vec![after(20), after(40)]), (renaming, vec![after(20)]), (removing, vec![after(20)])]
    {
        let task = given_task(ports, project, &[after(10), after(20)]).await;
        let found = find(ports, task.id).await;
        let change = found.apply(patch, found.project.owner_id, after(9)).unwrap().unwrap();
        assert_eq!(give(ports, after(10)).await, 1);
        assert!(ports.tasks.save(change).await.unwrap().is_some());
        let found = find(ports, task.id).await.task;
        assert_eq!((found.reminders.as_slice(), found.version), (expected.as_slice(), 2));
        assert_eq!(give(ports, after(10)).await, 0);
        // The next task begins without those.
        change_to_none(ports, task.id).await;
    }
}

async fn change_to_none(ports: &Ports, task: TaskId) {
    change(ports, task, TaskPatch { reminders: Some(requested(&[])), ..TaskPatch::default() }, 11).await;
}

/// Nor does a task whose reminder was taken away.
pub(super) async fn a_deleted_task_gives_no_reminder(ports: &Ports) {
    let (project, other) = (given_project(ports).await, given::project_with_owner(ports).await.0);
    let deleted = given_task(ports, project, &[after(10)]).await;
    let found = find(ports, deleted.id).await;
    let under = |task| NewTask { parent_id: Some(deleted.id), reminders: reminders(&[after(10)]), ..task };
    given::task_with(ports, project, under).await;
    given_task(ports, other.id, &[after(10)]).await;
    let emptied = given_task(ports, project, &[after(10)]).await;
    change_to_none(ports, emptied.id).await;
    assert!(ports.tasks.delete(found.remove(found.project.owner_id, after(5))).await.unwrap());
    assert!(ports.projects.delete(other.id, other.version, MOMENT, None).await.unwrap());
    assert_eq!(give(ports, after(60)).await, 0);
    assert_eq!(events(ports).await, []);
}

/// Each task that is done at the moment of its reminder has one event or none, and no call fails.
pub(super) async fn reminders_given_while_tasks_change_are_given_once(ports: &Ports) {
    let project = given_project(ports).await;
    for _ in 0..5 {
        let mut made = Vec::new();
        for _ in 0..4 {
            let task = given_task(ports, project, &[after(10), after(90)]).await;
            go_through(ports, task.id, &[TaskStatus::InProgress], 1).await;
            made.push(task.id);
        }
        let done = simultaneously(5, |i| {
            let (ports, task) = (ports.clone(), made.get(i).copied());
            async move {
                match task {
                    Some(task) => {
                        go_through(&ports, task, &[TaskStatus::Done], 9).await;
                        0
                    }
                    None => ports.reminders.give(after(10), 100).await.unwrap().events,
                }
            }
        })
        .await;
        let given: u64 = done.into_iter().sum();
        assert_eq!(give(ports, after(10)).await, 0);
        let found = tasks(&events(ports).await);
        assert_eq!(u64::try_from(found.len()).unwrap(), given);
        assert!(made.iter().all(|task| found.iter().filter(|id| *id == task).count() <= 1), "{found:?}");
        for task in made {
            assert_eq!(left(ports, task).await, [after(90)]);
        }
    }
}
