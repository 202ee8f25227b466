//! What is found after tasks, assignees and projects change.

use super::shared::{
    Ports, change, delete, find, found, found_assigned, found_visible, given_described, given_project, given_titled,
};
use crate::{
    builders::{MOMENT, NOBODY, after, description, member_removal, title},
    contract::simultaneously,
    given,
};
use fasttrack_domain::{
    id::TaskId,
    membership::{GrantedRole, MemberRole},
    patch::Patch,
    task::{NewTask, TaskPatch, TaskStatus},
};

fn renaming(text: &str) -> TaskPatch {
    TaskPatch { title: Some(title(text)), ..TaskPatch::default() }
}

fn describing(text: &str) -> TaskPatch {
    TaskPatch { description: Patch::Set(description(text)), ..TaskPatch::default() }
}

/// Words that were there before are found no more.
pub(super) async fn changed_words_are_found(ports: &Ports) {
    let project = given_project(ports).await;
    let task = given_titled(ports, project, "Paint").await.id;
    let beside = given_titled(ports, project, "Paint the door").await.id;
    change(ports, task, renaming("Fence")).await;
    assert_eq!(found(ports, project, "paint").await, [beside]);
    assert_eq!(found(ports, project, "fence").await, [task]);
    change(ports, task, describing("with paint")).await;
    assert_eq!(found(ports, project, "paint").await, [task, beside]);
    let moved = TaskPatch { title: Some(title("Paint")), ..describing("Fence") };
    change(ports, task, moved).await;
    assert_eq!(found(ports, project, "paint fence").await, [task]);
    change(ports, task, TaskPatch { description: Patch::Clear, ..TaskPatch::default() }).await;
    assert_eq!(found(ports, project, "fence").await, []);
    // A change of something else leaves them.
    change(ports, task, TaskPatch { status: Some(TaskStatus::InProgress), ..TaskPatch::default() }).await;
    assert_eq!(found(ports, project, "paint").await, [task, beside]);
}

/// Nor are those of a project that was deleted, and another task isn't found by their words.
pub(super) async fn deleted_tasks_are_not_found(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let gone = given::project(ports, owner.id).await;
    let deleted = given_titled(ports, project.id, "Fence").await.id;
    let child = |task| NewTask { parent_id: Some(deleted), title: title("Fence below"), ..task };
    given::task_with(ports, project.id, child).await;
    given_titled(ports, gone.id, "Fence of another").await;
    delete(ports, deleted).await;
    assert!(ports.projects.delete(gone.id, gone.version, MOMENT, None).await.unwrap());
    let next = given_titled(ports, project.id, "Door").await.id;
    assert_eq!(found_visible(ports, NOBODY, true, "fence").await, []);
    assert_eq!(found_visible(ports, NOBODY, true, "door").await, [next]);
    assert_eq!(found(ports, project.id, "door").await, [next]);
}

/// Among the tasks of each assignee, and nobody else's.
pub(super) async fn assigned_tasks_are_found_by_their_words(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let (first, second) = (given::user(ports).await.id, given::user(ports).await.id);
    let task = given_titled(ports, project.id, "Fence").await.id;
    let other = given_titled(ports, given_project(ports).await, "Fence").await.id;
    change(ports, other, TaskPatch { assignee_id: Patch::Set(second), ..TaskPatch::default() }).await;
    assert_eq!(found_assigned(ports, first, "fence").await, []);
    for (assignee, of_first, of_second) in [
        (Patch::Set(first), vec![task], vec![other]),
        (Patch::Set(second), vec![], vec![task, other]),
        (Patch::Clear, vec![], vec![other]),
        (Patch::Set(first), vec![task], vec![other]),
    ] {
        change(ports, task, TaskPatch { assignee_id: assignee, ..TaskPatch::default() }).await;
        assert_eq!(found_assigned(ports, first, "fence").await, of_first);
        assert_eq!(found_assigned(ports, second, "fence").await, of_second);
        assert_eq!(found_assigned(ports, owner.id, "fence").await, []);
        assert_eq!(found(ports, project.id, "fence").await, [task]);
    }
    change(ports, task, renaming("Door")).await;
    assert_eq!(found_assigned(ports, first, "fence").await, []);
    assert_eq!(found_assigned(ports, first, "door").await, [task]);
}

/// Of the projects that the reader is a member of, and those assigned to it.
pub(super) async fn visible_tasks_are_found_by_their_words(ports: &Ports) {
    let (own, owner) = given::project_with_owner(ports).await;
    let (shared, _) = given::project_with_owner(ports).await;
    let foreign = given_project(ports).await;
    given::membership(ports, &shared, owner.id, GrantedRole::Viewer).await;
    let mut expected = Vec::new();
    for project in [own.id, shared.id] {
        expected.push(given_titled(ports, project, "Fence").await.id);
        given_titled(ports, project, "Door").await;
    }
    let hidden = given_titled(ports, foreign, "Fence").await.id;
    let assigned = |task| NewTask { assignee_id: Some(owner.id), title: title("Fence"), ..task };
    expected.push(given::task_with(ports, foreign, assigned).await.id);
    // Found by both reasons, and once.
    expected.push(given::task_with(ports, shared.id, assigned).await.id);
    assert_eq!(found_visible(ports, owner.id, false, "fence").await, expected);
    assert_eq!(found_visible(ports, NOBODY, false, "fence").await, []);
    let mut all = expected.clone();
    all.push(hidden);
    all.sort_unstable();
    for reader in [owner.id, NOBODY] {
        assert_eq!(found_visible(ports, reader, true, "fence").await, all);
    }
    let removal = member_removal(shared.id, owner.id, MemberRole::Viewer);
    assert!(ports.members.remove(removal).await.unwrap());
    assert_eq!(found_visible(ports, owner.id, false, "fence").await, [expected[0], expected[2]]);
}

/// Those of the last version are found, and of no other.
pub(super) async fn simultaneous_changes_leave_the_words_of_the_last(ports: &Ports) {
    let project = given_project(ports).await;
    let task = given_titled(ports, project, "begin").await.id;
    simultaneously(10, |i| {
        let ports = ports.clone();
        async move {
            loop {
                let found = find(&ports, task).await;
                let patch = if i % 2 == 0 { renaming(&format!("title{i}")) } else { describing(&format!("text{i}")) };
                let change = found.apply(patch, found.project.owner_id, after(5)).unwrap().unwrap();
                if ports.tasks.save(change).await.unwrap().is_some() {
                    return;
                }
            }
        }
    })
    .await;
    let last = find(ports, task).await.task;
    let text = format!("{} {}", last.title, last.description.unwrap());
    assert_eq!(found(ports, project, &text).await, [task]);
    for i in 0..10 {
        let word = format!("{}{i}", if i % 2 == 0 { "title" } else { "text" });
        let expected: Vec<TaskId> = if text.split(' ').any(|part| part == word) { vec![task] } else { vec![] };
        assert_eq!(found(ports, project, &word).await, expected, "{word} in {text}");
    }
}

/// A change that isn't committed leaves the words, too.
pub(super) async fn refused_changes_leave_the_words(ports: &Ports) {
    let project = given_project(ports).await;
    let task = given_described(ports, project, "fence").await.id;
    let before = find(ports, task).await;
    let overtaken = before.apply(describing("door"), before.project.owner_id, after(6)).unwrap().unwrap();
    change(ports, task, describing("fence and paint")).await;
    assert_eq!(ports.tasks.save(overtaken).await.unwrap(), None);
    let found_now = find(ports, task).await;
    let patch = TaskPatch { parent_id: Patch::Set(task), ..describing("door") };
    let circle = found_now.apply(patch, found_now.project.owner_id, after(6)).unwrap().unwrap();
    assert!(ports.tasks.save(circle).await.is_err());
    assert_eq!(found(ports, project, "door").await, []);
    assert_eq!(found(ports, project, "fence paint").await, [task]);
}
