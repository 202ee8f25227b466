//! Words that are written anew: those of outdated versions, and all of them.

use super::shared::{Ports, change, delete, found, found_assigned, given_project, given_titled};
use crate::{
    builders::{member_removal, title},
    contract::simultaneously,
    given,
};
use fasttrack_domain::{
    id::{ProjectId, TaskId, UserId},
    membership::{GrantedRole, MemberRole},
    ports::search::RewrittenWords,
    task::{NewTask, TaskPatch, TaskStatus},
};

/// Tasks that are assigned to this user, each with a word of its own and the word `fence`.
async fn given_assigned(ports: &Ports, project: ProjectId, user: UserId, n: usize) -> Vec<TaskId> {
    let mut ids = Vec::new();
    for place in 0..n {
        let text = title(&format!("Fence word{place}"));
        let assigned = |task| NewTask { assignee_id: Some(user), title: text, ..task };
        ids.push(given::task_with(ports, project, assigned).await.id);
    }
    ids
}

/// They are outdated after a membership ended, and are found by their words before and after.
pub(super) async fn outdated_words_are_filled_up_to_the_limit(ports: &Ports) {
    assert_eq!(ports.search.fill(100).await.unwrap(), 0);
    let (project, _) = given::project_with_owner(ports).await;
    let editor = given::member(ports, &project, GrantedRole::Editor).await.id;
    let tasks = given_assigned(ports, project.id, editor, 5).await;
    given_titled(ports, project.id, "Door").await;
    assert_eq!(ports.search.fill(100).await.unwrap(), 0);
    assert!(ports.members.remove(member_removal(project.id, editor, MemberRole::Editor)).await.unwrap());
    assert_eq!(found(ports, project.id, "fence").await, tasks);
    assert_eq!(found_assigned(ports, editor, "fence").await, []);
    for filled in [2, 2, 1, 0] {
        assert_eq!(ports.search.fill(2).await.unwrap(), filled);
        assert_eq!(found(ports, project.id, "fence").await, tasks);
        assert_eq!(found(ports, project.id, "word3").await, [tasks[3]]);
        assert_eq!(found_assigned(ports, editor, "fence").await, []);
    }
}

/// The receiver of an erased user's tasks finds them once they are filled.
pub(super) async fn filled_words_are_found_by_the_new_assignee(ports: &Ports) {
    let project = given_project(ports).await;
    let (user, receiver) = (given::user(ports).await, given::user(ports).await.id);
    let tasks = given_assigned(ports, project, user.id, 3).await;
    let erasure = given::erasure(ports, &user, Some(receiver)).await;
    given::all_portions(ports, &erasure).await;
    assert_eq!(found(ports, project, "fence").await, tasks);
    assert_eq!(ports.search.fill(100).await.unwrap(), 3);
    assert_eq!(found(ports, project, "fence").await, tasks);
    assert_eq!(found_assigned(ports, receiver, "fence").await, tasks);
    assert_eq!(found_assigned(ports, user.id, "fence").await, []);
    assert_eq!(ports.search.fill(100).await.unwrap(), 0);
}

/// A change of an outdated task writes its words, so that nothing is left to fill.
pub(super) async fn a_change_writes_outdated_words(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let editor = given::member(ports, &project, GrantedRole::Editor).await.id;
    let tasks = given_assigned(ports, project.id, editor, 2).await;
    assert!(ports.members.remove(member_removal(project.id, editor, MemberRole::Editor)).await.unwrap());
    change(ports, tasks[0], TaskPatch { title: Some(title("Door")), ..TaskPatch::default() }).await;
    delete(ports, tasks[1]).await;
    assert_eq!(ports.search.fill(100).await.unwrap(), 0);
    assert_eq!(found(ports, project.id, "door").await, [tasks[0]]);
    assert_eq!(found(ports, project.id, "fence").await, []);
}

/// By ascending id, up to the limit in each call. What was found before is found after it.
pub(super) async fn all_words_are_rewritten_in_parts(ports: &Ports) {
    let beginning = TaskId::new(0);
    assert_eq!(ports.search.rewrite(beginning, 10).await.unwrap(), None);
    let (project, owner) = given::project_with_owner(ports).await;
    let mut tasks = given_assigned(ports, project.id, owner.id, 6).await;
    delete(ports, tasks.remove(2)).await;
    delete(ports, tasks.remove(4)).await;
    for limit in [1, 2, 3, 4, 100] {
        let (mut after, mut rewritten) = (beginning, Vec::new());
        while let Some(part) = ports.search.rewrite(after, limit).await.unwrap() {
            after = part.last;
            rewritten.push(part);
        }
        let size = usize::try_from(limit).unwrap();
        let expected: Vec<_> = tasks
            .chunks(size)
            .map(|chunk| RewrittenWords { tasks: chunk.len() as u64, last: chunk[chunk.len() - 1] })
            .collect();
        assert_eq!(rewritten, expected);
        assert_eq!(found(ports, project.id, "fence").await, tasks);
        assert_eq!(found_assigned(ports, owner.id, "word1").await, [tasks[1]]);
        assert_eq!(found(ports, project.id, "word2").await, []);
    }
    assert_eq!(ports.search.rewrite(TaskId::new(i64::MAX), 10).await.unwrap(), None);
}

/// A change that leaves the words as they are doesn't hide that they are outdated.
pub(super) async fn a_change_of_something_else_leaves_outdated_words(ports: &Ports) {
    let project = given_project(ports).await;
    let (user, receiver) = (given::user(ports).await, given::user(ports).await.id);
    let tasks = given_assigned(ports, project, user.id, 2).await;
    let erasure = given::erasure(ports, &user, Some(receiver)).await;
    given::all_portions(ports, &erasure).await;
    change(ports, tasks[0], TaskPatch { status: Some(TaskStatus::InProgress), ..TaskPatch::default() }).await;
    ports.search.fill(100).await.unwrap();
    assert_eq!(found_assigned(ports, receiver, "fence").await, tasks);
    assert_eq!(ports.search.fill(100).await.unwrap(), 0);
}

/// The words of the last version are found then, and of no other.
pub(super) async fn words_rewritten_while_tasks_change_are_the_last(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let tasks = given_assigned(ports, project.id, owner.id, 6).await;
    simultaneously(6, |i| {
        let (ports, task) = (ports.clone(), tasks[i]);
        async move {
            for round in 0..5 {
                match i {
                    0 | 1 => rewrite_all(&ports).await,
                    2 => assert_eq!(ports.search.fill(100).await.unwrap(), 0),
                    _ => drop(change(&ports, task, renamed(task, round)).await),
                }
            }
        }
    })
    .await;
    assert_eq!(found(ports, project.id, "fence word").await, tasks[..3]);
    for task in &tasks[3..] {
        for round in 0..5 {
            let expected = if round == 4 { vec![*task] } else { vec![] };
            assert_eq!(found(ports, project.id, &format!("task{task}round{round}")).await, expected, "{round}");
        }
    }
    assert_eq!(ports.search.fill(100).await.unwrap(), 0);
}

fn renamed(task: TaskId, round: usize) -> TaskPatch {
    TaskPatch { title: Some(title(&format!("Renamed task{task}round{round}"))), ..TaskPatch::default() }
}

async fn rewrite_all(ports: &Ports) {
    let mut after = TaskId::new(0);
    while let Some(part) = ports.search.rewrite(after, 2).await.unwrap() {
        after = part.last;
    }
}
