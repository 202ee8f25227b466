//! Labels on tasks, and what becomes of them when labels change.

use super::{conflict, simultaneously};
use crate::{
    builders::{MOMENT, NOBODY, after, color, label_ids, label_name, title},
    given,
};
use fasttrack_domain::{
    id::{LabelId, TaskId},
    label::{Label, LabelPatch},
    ports::{
        constraint, label::LabelRepository, project::ProjectRepository, task::TaskRepository, user::UserRepository,
    },
    requested::Difference,
    task::{NewTask, Task, TaskChange, TaskInProject, TaskPatch},
};

contract! { $
    task_label {
        users: UserRepository,
        projects: ProjectRepository,
        tasks: TaskRepository,
        labels: LabelRepository,
    }
    a_deleted_label_goes_from_every_task,
    a_changed_label_is_read_as_it_is_now,
    a_label_deleted_meanwhile_does_not_come_back,
    a_label_that_is_no_longer_on_the_task_may_be_removed,
    a_change_without_labels_leaves_them,
    simultaneous_labels_of_one_task_are_all_kept,
    simultaneous_labels_and_other_changes_are_all_kept,
    one_label_set_many_times_at_once_is_one_change,
    no_task_keeps_a_label_deleted_at_the_same_time,
    tasks_and_labels_deleted_at_once_leave_nothing,
}

async fn find(ports: &Ports, id: TaskId) -> TaskInProject {
    ports.tasks.find(id, NOBODY).await.unwrap().unwrap()
}

/// A task with labels of its project.
async fn given_labelled(ports: &Ports, n: usize) -> (TaskInProject, Vec<Label>) {
    let (project, _) = given::project_with_owner(ports).await;
    let mut labels = Vec::new();
    for _ in 0..n {
        labels.push(given::label(ports, project.id).await);
    }
    let ids: Vec<_> = labels.iter().map(|label| label.id).collect();
    let task = given::task_with(ports, project.id, |task| NewTask { labels: label_ids(&ids), ..task }).await;
    (find(ports, task.id).await, labels)
}

fn renamed(found: &TaskInProject) -> TaskChange {
    let patch = TaskPatch { title: Some(title("Renamed")), ..TaskPatch::default() };
    found.apply(patch, found.project.owner_id, after(5)).unwrap().unwrap()
}

fn labelled(found: &TaskInProject, ids: &[LabelId]) -> TaskChange {
    found.set_labels(label_ids(ids), found.project.owner_id, after(5)).unwrap()
}

/// Sets or removes one label as use cases do: on the task as it is by then, until the change isn't overtaken.
async fn set(ports: &Ports, task: TaskId, label: LabelId, is_set: bool) {
    loop {
        let found = find(ports, task).await;
        let labels = if is_set { found.task.labels.with(label) } else { found.task.labels.without(label) };
        let Some(change) = found.set_labels(labels, found.project.owner_id, after(5)) else { return };
        if ports.tasks.save(change).await.unwrap().is_some() {
            return;
        }
    }
}

/// Nothing else of them changes, neither version nor time.
async fn a_deleted_label_goes_from_every_task(ports: &Ports) {
    let (found, labels) = given_labelled(ports, 3).await;
    let ids: Vec<_> = labels.iter().map(|label| label.id).collect();
    let only = |task| NewTask { labels: label_ids(&ids[1..2]), ..task };
    let other = given::task_with(ports, found.project.id, only).await;
    assert!(ports.labels.delete(ids[1], MOMENT, None).await.unwrap());
    let left = [labels[0].clone(), labels[2].clone()];
    let task = Task { labels: label_ids(&[ids[0], ids[2]]), ..found.task };
    assert_eq!(find(ports, task.id).await, TaskInProject { task, labels: left.to_vec(), ..found });
    let other = Task { labels: label_ids(&[]), ..other };
    let found = find(ports, other.id).await;
    assert_eq!((found.task, found.labels), (other, vec![]));
}

/// Without a new version of the task.
async fn a_changed_label_is_read_as_it_is_now(ports: &Ports) {
    let (mut found, labels) = given_labelled(ports, 2).await;
    let patch = LabelPatch { name: Some(label_name("Another")), color: Some(color("#ffffff")) };
    let changed = ports.labels.save(labels[1].apply(patch, MOMENT).unwrap()).await.unwrap().unwrap();
    found.labels = vec![labels[0].clone(), changed];
    assert_eq!(find(ports, found.task.id).await, found);
}

/// By no change that was decided before, whatever it changes.
async fn a_label_deleted_meanwhile_does_not_come_back(ports: &Ports) {
    for adds in [false, true] {
        let (found, labels) = given_labelled(ports, 2).await;
        let added = given::label(ports, found.project.id).await;
        let mut expected = vec![labels[1].clone()];
        let change = if adds {
            expected.push(added.clone());
            labelled(&found, &[labels[0].id, labels[1].id, added.id])
        } else {
            renamed(&found)
        };
        assert!(ports.labels.delete(labels[0].id, MOMENT, None).await.unwrap());
        assert!(ports.tasks.save(change).await.unwrap().is_some());
        let found = find(ports, found.task.id).await;
        let ids: Vec<_> = expected.iter().map(|label| label.id).collect();
        assert_eq!((found.labels, found.task.labels), (expected, label_ids(&ids)));
        assert_eq!(found.task.version, 2);
    }
}

/// It was deleted since the change was decided.
async fn a_label_that_is_no_longer_on_the_task_may_be_removed(ports: &Ports) {
    let (found, labels) = given_labelled(ports, 2).await;
    let change = labelled(&found, &[labels[1].id]);
    assert_eq!(change.labels, Difference { added: vec![], removed: vec![labels[0].id] });
    assert!(ports.labels.delete(labels[0].id, MOMENT, None).await.unwrap());
    assert_eq!(ports.tasks.save(change.clone()).await.unwrap().as_ref(), Some(&change.task));
    assert_eq!(find(ports, found.task.id).await.task, change.task);
}

async fn a_change_without_labels_leaves_them(ports: &Ports) {
    let (found, labels) = given_labelled(ports, 2).await;
    let change = renamed(&found);
    assert_eq!(ports.tasks.save(change.clone()).await.unwrap().as_ref(), Some(&change.task));
    let found = find(ports, found.task.id).await;
    assert_eq!((found.task, found.labels), (change.task, labels));
}

async fn simultaneous_labels_of_one_task_are_all_kept(ports: &Ports) {
    let (found, mut labels) = given_labelled(ports, 3).await;
    for _ in 0..7 {
        labels.push(given::label(ports, found.project.id).await);
    }
    simultaneously(10, |i| {
        let (ports, task, label) = (ports.clone(), found.task.id, labels[i].id);
        // The first three are removed, the others set.
        async move { set(&ports, task, label, i >= 3).await }
    })
    .await;
    let found = find(ports, found.task.id).await;
    assert_eq!(found.labels, labels[3..]);
    assert_eq!(found.task.version, 11);
}

async fn simultaneous_labels_and_other_changes_are_all_kept(ports: &Ports) {
    let (found, mut labels) = given_labelled(ports, 1).await;
    for _ in 0..4 {
        labels.push(given::label(ports, found.project.id).await);
    }
    simultaneously(8, |i| {
        let (ports, task, label) = (ports.clone(), found.task.id, labels.get(i + 1).map(|label| label.id));
        async move {
            if let Some(label) = label {
                return set(&ports, task, label, true).await;
            }
            loop {
                let found = find(&ports, task).await;
                let patch =
                    TaskPatch { title: Some(title(&format!("{} +", found.task.title))), ..TaskPatch::default() };
                let change = found.apply(patch, found.project.owner_id, after(5)).unwrap().unwrap();
                if ports.tasks.save(change).await.unwrap().is_some() {
                    return;
                }
            }
        }
    })
    .await;
    let changed = find(ports, found.task.id).await;
    assert_eq!(changed.labels, labels);
    assert_eq!(changed.task.title.as_str(), format!("{} + + + +", found.task.title));
    assert_eq!(changed.task.version, 9);
}

async fn one_label_set_many_times_at_once_is_one_change(ports: &Ports) {
    let (found, _) = given_labelled(ports, 0).await;
    let label = given::label(ports, found.project.id).await;
    for (is_set, expected, version) in [(true, vec![label.clone()], 2), (false, vec![], 3)] {
        simultaneously(8, |_| {
            let (ports, task, label) = (ports.clone(), found.task.id, label.id);
            async move { set(&ports, task, label, is_set).await }
        })
        .await;
        let found = find(ports, found.task.id).await;
        assert_eq!((found.labels, found.task.version), (expected, version));
    }
}

/// It is set first and taken away, or refused.
async fn no_task_keeps_a_label_deleted_at_the_same_time(ports: &Ports) {
    let (found, labels) = given_labelled(ports, 1).await;
    for _ in 0..10 {
        let label = given::label(ports, found.project.id).await;
        let mut changes = Vec::new();
        for _ in 0..3 {
            let task = given::task(ports, found.project.id).await;
            changes.push(labelled(&find(ports, task.id).await, &[label.id]));
        }
        simultaneously(4, |i| {
            let (ports, label, change) = (ports.clone(), label.id, changes.get(i).cloned());
            async move {
                let Some(change) = change else {
                    assert!(ports.labels.delete(label, MOMENT, None).await.unwrap());
                    return;
                };
                match ports.tasks.save(change).await {
                    Ok(saved) => assert!(saved.is_some()),
                    refused => assert_eq!(conflict(refused), constraint::REFERENCE),
                }
            }
        })
        .await;
        for change in changes {
            let found = find(ports, change.task.id).await;
            assert_eq!((found.labels, found.task.labels), (vec![], label_ids(&[])));
        }
    }
    assert_eq!(find(ports, found.task.id).await.labels, labels);
}

/// No call fails, whichever is first.
async fn tasks_and_labels_deleted_at_once_leave_nothing(ports: &Ports) {
    for _ in 0..10 {
        let (found, labels) = given_labelled(ports, 3).await;
        simultaneously(4, |i| {
            let (ports, label) = (ports.clone(), labels.get(i).map(|label| label.id));
            let removal = found.remove(found.project.owner_id, after(9));
            async move {
                match label {
                    Some(label) => assert!(ports.labels.delete(label, MOMENT, None).await.unwrap()),
                    None => assert!(ports.tasks.delete(removal).await.unwrap()),
                }
            }
        })
        .await;
        assert_eq!(ports.tasks.find(found.task.id, NOBODY).await.unwrap(), None);
        for label in labels {
            assert_eq!(ports.labels.find(label.id, NOBODY).await.unwrap(), None);
        }
    }
}
