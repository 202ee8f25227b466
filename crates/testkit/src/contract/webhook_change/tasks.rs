//! Recorded changes of tasks and comments.

use super::shared::{Ports, find, given_watched, recorded, the_change, view};
use crate::{
    builders::{MOMENT, NOBODY, after, comment_removal, idempotency, new_comment, new_task, reminders, title},
    given,
};
use fasttrack_domain::{
    comment::CommentRemoval,
    event::{Change, ProjectChanged},
    label::LabelIds,
    page::PageRequest,
    patch::Patch,
    ports::task::TaskRepository,
    project::Project,
    task::{NewTask, Place, TaskPatch},
};

/// By each way to write a task: plainly, with labels and reminders, moved, with a key.
pub(super) async fn changes_of_a_task_are_recorded_as_they_are_read(ports: &Ports) {
    let project = given_watched(ports).await;
    let (owner, assignee) = (project.owner_id, given::user(ports).await.id);
    let label = given::label(ports, project.id).await;
    let plain = given::task(ports, project.id).await;
    let [changed] = recorded(ports).await.try_into().unwrap();
    let change = Box::new(Change::TaskCreated(view(ports, plain.id).await));
    assert_eq!(changed, ProjectChanged { project_id: project.id, actor_id: owner, at: MOMENT, change });

    let within = ports.tasks.find_project(project.id, owner).await.unwrap().unwrap();
    let labels: LabelIds = [label.id].into_iter().collect();
    let new = NewTask {
        assignee_id: Some(assignee),
        labels: labels.clone(),
        reminders: reminders(&[after(9)]),
        parent_id: Some(plain.id),
        ..new_task(&within)
    };
    let full = ports.tasks.create(new, Some(idempotency(owner))).await.unwrap();
    let expected = view(ports, full.id).await;
    assert_eq!((expected.labels.as_slice(), expected.assignee.as_ref().unwrap().id), (&[label][..], assignee));
    assert_eq!(the_change(ports, owner).await, Change::TaskCreated(expected));

    let patch = TaskPatch { title: Some(title("Weed")), assignee_id: Patch::Clear, ..TaskPatch::default() };
    let change = find(ports, full.id).await.apply(patch, assignee, after(3)).unwrap().unwrap();
    ports.tasks.save(change).await.unwrap().unwrap();
    let [changed] = recorded(ports).await.try_into().unwrap();
    let change = Box::new(Change::TaskUpdated(view(ports, full.id).await));
    assert_eq!(changed, ProjectChanged { project_id: project.id, actor_id: assignee, at: after(3), change });

    let change = find(ports, plain.id).await.set_labels(labels, owner, after(4)).unwrap();
    ports.tasks.save(change).await.unwrap().unwrap();
    assert_eq!(the_change(ports, owner).await, Change::TaskUpdated(view(ports, plain.id).await));
    given::moved(ports, full.id, Place::First).await;
    assert_eq!(the_change(ports, owner).await, Change::TaskUpdated(view(ports, full.id).await));

    let stale = find(ports, full.id).await;
    let patch = TaskPatch { title: Some(title("Sow")), ..TaskPatch::default() };
    let mut change = stale.apply(patch, owner, after(5)).unwrap().unwrap();
    change.based_on = 404;
    assert_eq!(ports.tasks.save(change).await.unwrap(), None);
    assert_eq!(recorded(ports).await, []);
}

async fn new_tasks(tasks: &dyn TaskRepository, project: &Project, count: usize) -> Vec<NewTask> {
    let within = tasks.find_project(project.id, project.owner_id).await.unwrap().unwrap();
    (0..count).map(|_| new_task(&within)).collect()
}

pub(super) async fn changes_of_many_tasks_are_recorded_one_by_one(ports: &Ports) {
    let project = given_watched(ports).await;
    let new = new_tasks(&*ports.tasks, &project, 3).await;
    let created = ports.tasks.create_all(new, None).await.unwrap();
    let ids: Vec<_> = created.iter().map(|task| task.id).collect();
    let mut expected = Vec::new();
    for id in &ids {
        expected.push(Change::TaskCreated(view(ports, *id).await));
    }
    let changes = recorded(ports).await.into_iter().map(|changed| *changed.change);
    assert_eq!(changes.collect::<Vec<_>>(), expected);

    let mut changes = Vec::new();
    for id in &ids[1..] {
        let patch = TaskPatch { title: Some(title("Weed")), ..TaskPatch::default() };
        changes.push(find(ports, *id).await.apply(patch, project.owner_id, after(1)).unwrap().unwrap());
    }
    ports.tasks.save_all(changes).await.unwrap().unwrap();
    let expected = [Change::TaskUpdated(view(ports, ids[1]).await), Change::TaskUpdated(view(ports, ids[2]).await)];
    let changes = recorded(ports).await.into_iter().map(|changed| *changed.change);
    assert_eq!(changes.collect::<Vec<_>>(), expected);
}

/// With each task under it. The actor and the time are those of the deletion.
pub(super) async fn a_deleted_tree_is_recorded_as_it_was(ports: &Ports) {
    let project = given_watched(ports).await;
    let root = given::task(ports, project.id).await.id;
    let child = given::task_with(ports, project.id, |task| NewTask { parent_id: Some(root), ..task }).await.id;
    let leaf = given::task_with(ports, project.id, |task| NewTask { parent_id: Some(child), ..task }).await.id;
    let beside = given::task(ports, project.id).await.id;
    recorded(ports).await;
    let mut expected = Vec::new();
    for id in [root, child, leaf] {
        let change = Box::new(Change::TaskDeleted(view(ports, id).await));
        let (project_id, actor_id) = (project.id, project.owner_id);
        expected.push(ProjectChanged { project_id, actor_id, at: after(7), change });
    }
    let removal = find(ports, root).await.remove(project.owner_id, after(7));
    assert!(ports.tasks.delete(removal.clone()).await.unwrap());
    assert!(!ports.tasks.delete(removal).await.unwrap());
    assert_eq!(recorded(ports).await, expected);
    assert!(ports.tasks.find(beside, NOBODY).await.unwrap().is_some());
}

/// By each way to write a comment: plainly, and with a key.
pub(super) async fn comments_are_recorded_with_their_authors(ports: &Ports) {
    let project = given_watched(ports).await;
    let (author, admin) = (given::user(ports).await, given::admin(ports).await);
    let task = given::task(ports, project.id).await.id;
    recorded(ports).await;
    for key in [None, Some(idempotency(author.id))] {
        let found = find(ports, task).await;
        let comment = ports.comments.create(new_comment(&found, author.id), key).await.unwrap();
        let listed = ports.comments.list_on_task(task, NOBODY, PageRequest::default()).await.unwrap().unwrap();
        let view = listed.page.items.into_iter().find(|view| view.comment.id == comment.id).unwrap();
        assert_eq!(view.author.display_name, author.display_name);
        assert_eq!(the_change(ports, author.id).await, Change::CommentCreated(view.clone()));

        let removal = CommentRemoval { actor_id: admin.id, ..comment_removal(comment.id) };
        assert!(ports.comments.delete(removal.clone()).await.unwrap());
        assert!(!ports.comments.delete(removal).await.unwrap());
        let [changed] = recorded(ports).await.try_into().unwrap();
        let change = Box::new(Change::CommentDeleted(view));
        assert_eq!(changed, ProjectChanged { project_id: project.id, actor_id: admin.id, at: after(1), change });
    }
}
