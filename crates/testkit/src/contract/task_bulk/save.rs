//! Many tasks that are changed at once.

use super::shared::{Ports, change, events, find, given_project, given_tasks, list, new_tasks, renaming};
use crate::{
    builders::{MOMENT, NOBODY, after, due, label_ids, member_removal, new_task, reminders, requested},
    contract::{conflict, simultaneously},
    given,
};
use fasttrack_domain::{
    id::{ProjectId, TaskId, UserId},
    membership::{GrantedRole, MemberRole},
    patch::Patch,
    ports::constraint,
    task::{BulkIds, NewTask, TaskChange, TaskPatch, TaskProject, TaskStatus},
};

/// In any order, with the role of the reader. Tasks of other projects are left out.
pub(super) async fn tasks_of_a_project_are_found_by_their_ids(ports: &Ports) {
    let (project, other) = (given_project(ports).await, given_project(ports).await);
    let label = given::label(ports, project.id).await;
    let owner = project.owner_id;
    let planned = |task| NewTask { labels: label_ids(&[label.id]), assignee_id: Some(owner), ..task };
    let planned = given::task_with(ports, project.id, planned).await;
    let tasks = given_tasks(ports, project.id, 3).await;
    let foreign = given_tasks(ports, other.id, 1).await[0].id;
    let ids = vec![tasks[2].id, foreign, planned.id, TaskId::new(i64::MAX), tasks[0].id];
    for (reader, membership) in [(owner, Some(MemberRole::Owner)), (NOBODY, None)] {
        let mut found = ports.tasks.find_in_project(project.id, ids.clone(), reader).await.unwrap().unwrap();
        found.tasks.sort_by_key(|found| found.task.id);
        assert_eq!(found.project, TaskProject { membership, ..project.clone() });
        let mut expected = Vec::new();
        for id in [planned.id, tasks[0].id, tasks[2].id] {
            expected.push(ports.tasks.find(id, reader).await.unwrap().unwrap());
        }
        assert_eq!(found.tasks, expected);
    }
    for none in [vec![], vec![foreign]] {
        let found = ports.tasks.find_in_project(project.id, none, NOBODY).await.unwrap().unwrap();
        assert_eq!((found.project, found.tasks), (project.clone(), vec![]));
    }
    let unknown = ProjectId::new(i64::MAX);
    assert_eq!(ports.tasks.find_in_project(unknown, ids, NOBODY).await.unwrap(), None);
}

/// With every field and the events of each, in their order.
pub(super) async fn changes_are_committed_together_in_any_order(ports: &Ports) {
    let project = given_project(ports).await;
    let assignee = given::user(ports).await.id;
    let labels = [given::label(ports, project.id).await.id, given::label(ports, project.id).await.id];
    let tasks = given_tasks(ports, project.id, 5).await;
    let planned = |task| NewTask { labels: label_ids(&labels), reminders: reminders(&[after(10), after(20)]), ..task };
    let planned = given::task_with(ports, project.id, planned).await;
    events(ports).await;
    let everything = TaskPatch {
        description: Patch::Clear,
        status: Some(TaskStatus::InProgress),
        assignee_id: Patch::Set(assignee),
        due: Patch::Set(due("2026-12-01")),
        reminders: Some(requested(&[after(20), after(30)])),
        labels: Some(requested(&labels[1..])),
        parent_id: Patch::Set(tasks[0].id),
        ..renaming("Everything")
    };
    let changes = vec![
        change(ports, tasks[3].id, &everything).await,
        change(ports, tasks[1].id, &renaming("Renamed")).await,
        change(ports, planned.id, &everything).await,
        change(ports, tasks[2].id, &everything).await,
    ];
    let expected: Vec<_> = changes.iter().map(|change| change.task.clone()).collect();
    assert_eq!(ports.tasks.save_all(changes.clone()).await.unwrap().as_ref(), Some(&expected));
    for task in expected {
        assert_eq!(find(ports, task.id).await.task, task);
    }
    for task in [&tasks[0], &tasks[4]] {
        assert_eq!(find(ports, task.id).await.task, *task);
    }
    let expected: Vec<_> = changes.into_iter().flat_map(|change| change.events).collect();
    assert_eq!(expected.len(), 6);
    assert_eq!(events(ports).await, expected);
}

pub(super) async fn the_most_changes_of_a_request_are_committed(ports: &Ports) {
    let project = given_project(ports).await;
    let created = ports.tasks.create_all(new_tasks(&project, BulkIds::MAX), None).await.unwrap();
    let ids: Vec<_> = created.iter().rev().map(|task| task.id).collect();
    let found = ports.tasks.find_in_project(project.id, ids.clone(), NOBODY).await.unwrap().unwrap();
    let found = BulkIds::parse(ids).unwrap().arrange(found.tasks).unwrap();
    let changes: Vec<_> = found
        .iter()
        .map(|found| found.apply(renaming("Renamed"), project.owner_id, after(5)).unwrap().unwrap())
        .collect();
    let expected: Vec<_> = changes.iter().map(|change| change.task.clone()).collect();
    assert_eq!(ports.tasks.save_all(changes).await.unwrap().as_ref(), Some(&expected));
    for place in [0, 250, BulkIds::MAX - 1] {
        assert_eq!(find(ports, expected[place].id).await.task, expected[place], "{place}");
    }
}

/// `Ok(None)`, whichever was overtaken or deleted. Nothing of the others is committed.
pub(super) async fn one_overtaken_change_is_none_of_all(ports: &Ports) {
    let project = given_project(ports).await;
    for (place, is_deleted) in [(0, false), (1, false), (2, false), (0, true), (2, true)] {
        let mut changes = Vec::new();
        for task in given_tasks(ports, project.id, 3).await {
            changes.push(change(ports, task.id, &renaming("Never")).await);
        }
        let overtaken = changes[place].task.id;
        if is_deleted {
            let found = find(ports, overtaken).await;
            assert!(ports.tasks.delete(found.remove(project.owner_id, after(5))).await.unwrap());
        } else {
            ports.tasks.save(change(ports, overtaken, &renaming("First")).await).await.unwrap().unwrap();
        }
        let before = list(ports, project.id).await;
        events(ports).await;
        assert_eq!(ports.tasks.save_all(changes).await.unwrap(), None, "{place} {is_deleted}");
        assert_eq!(list(ports, project.id).await, before);
        assert_eq!(events(ports).await, []);
    }
}

/// For whatever reason. Nothing of the others is committed.
pub(super) async fn one_refused_change_refuses_all(ports: &Ports) {
    let project = given_project(ports).await;
    let foreign = given::label(ports, given_project(ports).await.id).await.id;
    let tasks = given_tasks(ports, project.id, 3).await;
    let refusals = [
        (TaskPatch { assignee_id: Patch::Set(UserId::new(i64::MAX)), ..renaming("Never") }, constraint::REFERENCE),
        (TaskPatch { labels: Some(requested(&[foreign])), ..renaming("Never") }, constraint::REFERENCE),
        (TaskPatch { parent_id: Patch::Set(TaskId::new(i64::MAX)), ..renaming("Never") }, constraint::PARENT),
        (TaskPatch { parent_id: Patch::Set(tasks[1].id), ..renaming("Never") }, constraint::PARENT),
    ];
    events(ports).await;
    for (patch, expected) in refusals {
        let changes = vec![
            change(ports, tasks[0].id, &renaming("Never")).await,
            change(ports, tasks[1].id, &patch).await,
            change(ports, tasks[2].id, &renaming("Never")).await,
        ];
        assert_eq!(conflict(ports.tasks.save_all(changes).await), expected, "{patch:?}");
        assert_eq!(list(ports, project.id).await, tasks);
        assert_eq!(events(ports).await, []);
    }
}

/// What was under another of them leaves it, so that it doesn't count there.
pub(super) async fn parents_are_judged_after_all_moves(ports: &Ports) {
    let project = given_project(ports).await;
    let mut above = None;
    for _ in 0..4 {
        let under = move |task| NewTask { parent_id: above, ..task };
        above = Some(given::task_with(ports, project.id, under).await.id);
    }
    let parent = above.unwrap();
    let upper = given::task(ports, project.id).await.id;
    let under = |task| NewTask { parent_id: Some(upper), ..task };
    let lower = given::task_with(ports, project.id, under).await.id;
    let patch = TaskPatch { parent_id: Patch::Set(parent), ..TaskPatch::default() };
    let alone = vec![change(ports, upper, &patch).await];
    assert_eq!(conflict(ports.tasks.save_all(alone).await), constraint::PARENT);
    let both = vec![change(ports, upper, &patch).await, change(ports, lower, &patch).await];
    assert!(ports.tasks.save_all(both).await.unwrap().is_some());
    for task in [upper, lower] {
        assert_eq!(find(ports, task).await.task.parent_id, Some(parent));
    }
}

/// A label that was deleted meanwhile, or another that was set, is left as it is.
pub(super) async fn labels_of_many_tasks_are_changed_one_by_one(ports: &Ports) {
    let project = given_project(ports).await;
    let (gone, kept) = (given::label(ports, project.id).await.id, given::label(ports, project.id).await.id);
    let added = given::label(ports, project.id).await.id;
    let mut changes = Vec::new();
    for labels in [vec![gone, kept], vec![gone], vec![kept]] {
        let labelled = |task| NewTask { labels: label_ids(&labels), ..task };
        let task = given::task_with(ports, project.id, labelled).await;
        let next: Vec<_> = labels.iter().copied().chain([added]).collect();
        let patch = TaskPatch { labels: Some(requested(&next)), ..TaskPatch::default() };
        changes.push(change(ports, task.id, &patch).await);
    }
    assert!(ports.labels.delete(gone, MOMENT, None).await.unwrap());
    let ids: Vec<_> = changes.iter().map(|change| change.task.id).collect();
    assert!(ports.tasks.save_all(changes).await.unwrap().is_some());
    for (task, expected) in ids.into_iter().zip([vec![kept, added], vec![added], vec![kept, added]]) {
        assert_eq!(find(ports, task).await.task.labels, label_ids(&expected));
    }
}

/// Each has the tasks in another order. No call fails.
pub(super) async fn simultaneous_changes_of_many_tasks_are_all_kept(ports: &Ports) {
    let project = given_project(ports).await;
    let ids: Vec<_> = given_tasks(ports, project.id, 6).await.iter().map(|task| task.id).collect();
    simultaneously(6, |i| {
        let (ports, mut ids) = (ports.clone(), ids.clone());
        ids.rotate_left(i);
        async move {
            loop {
                let mut changes: Vec<TaskChange> = Vec::new();
                for id in &ids {
                    let found = find(&ports, *id).await;
                    let name = format!("{} +{i}.", found.task.title);
                    changes.push(found.apply(renaming(&name), found.project.owner_id, after(5)).unwrap().unwrap());
                }
                if ports.tasks.save_all(changes).await.unwrap().is_some() {
                    return;
                }
            }
        }
    })
    .await;
    for id in ids {
        let task = find(ports, id).await.task;
        assert_eq!(task.version, 7);
        assert!((0..6).all(|i| task.title.as_str().contains(&format!(" +{i}."))), "{}", task.title);
    }
}

/// Created or changed by it: `Conflict` with `REFERENCE`, or `Ok(None)`.
pub(super) async fn a_member_removed_before_it_takes_tasks_gets_none(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let editor = given::member(ports, &project, GrantedRole::Editor).await.id;
    let free = given_tasks(ports, project.id, 2).await;
    let as_editor = ports.tasks.find_project(project.id, editor).await.unwrap().unwrap();
    let taken = NewTask { assignee_id: Some(editor), created_by: editor, ..new_task(&as_editor) };
    let creating = vec![new_task(&as_editor), taken];
    let taking = TaskPatch { assignee_id: Patch::Set(editor), ..TaskPatch::default() };
    let mut changes = vec![change(ports, free[0].id, &renaming("Never")).await];
    let found = ports.tasks.find(free[1].id, editor).await.unwrap().unwrap();
    changes.push(found.apply(taking, editor, after(5)).unwrap().unwrap());
    assert!(ports.members.remove(member_removal(project.id, editor, MemberRole::Editor)).await.unwrap());
    assert_eq!(conflict(ports.tasks.create_all(creating, None).await), constraint::REFERENCE);
    assert_eq!(ports.tasks.save_all(changes).await.unwrap(), None);
    assert_eq!(list(ports, project.id).await, free);
}
