//! Bounds on the projects of a user, the tasks of a project and the comments of a task.

use super::{conflict, simultaneously};
use crate::{
    builders::{MOMENT, NOBODY, comment_removal, idempotency, new_comment, new_project, new_task},
    given,
};
use fasttrack_domain::{
    comment::NewComment,
    id::{CommentId, ProjectId, TaskId, UserId},
    ports::{
        RepositoryError, comment::CommentRepository, constraint, project::ProjectRepository, task::TaskRepository,
        user::UserRepository,
    },
    project::NewProject,
    task::{NewTask, TaskInProject, TaskRemoval},
};

contract! { $
    quota {
        users: UserRepository,
        projects: ProjectRepository,
        tasks: TaskRepository,
        comments: CommentRepository,
    }
    a_full_quota_refuses_creations_until_a_deletion,
    simultaneous_creations_do_not_exceed_the_quota,
    a_deletion_without_effect_frees_no_quota,
    simultaneous_deletions_of_one_row_free_quota_once,
    a_repeated_request_is_a_key_conflict_at_full_quota,
}

/// A task in a project of this user, each the first of its place.
async fn given(ports: &Ports) -> (TaskInProject, UserId) {
    let (project, owner) = given::project_with_owner(ports).await;
    let task = given::task(ports, project.id).await;
    (ports.tasks.find(task.id, NOBODY).await.unwrap().unwrap(), owner.id)
}

/// Makes another of each where there may be `quota`; what came of each.
async fn made(ports: &Ports, found: &TaskInProject, owner: UserId, quota: u32) -> [Result<i64, RepositoryError>; 3] {
    let project = ports.projects.create(NewProject { quota, ..new_project(owner) }, None).await;
    let task = ports.tasks.create(NewTask { quota, ..new_task(&found.project) }, None).await;
    let comment = ports.comments.create(NewComment { quota, ..new_comment(found, owner) }, None).await;
    [project.map(|it| it.id.get()), task.map(|it| it.id.get()), comment.map(|it| it.id.get())]
}

fn removal(task: &TaskInProject) -> TaskRemoval {
    task.remove(task.project.owner_id, MOMENT)
}

/// `Conflict` with `QUOTA` for each kind, an Inbox too. Nothing is created.
async fn a_full_quota_refuses_creations_until_a_deletion(ports: &Ports) {
    let (found, owner) = given(ports).await;
    let [project, task, comment] = made(ports, &found, owner, 2).await;
    let (project, task) = (project.unwrap(), task.unwrap());
    // The first comment; a task has none when it is made.
    let comment = comment.unwrap();
    for result in made(ports, &found, owner, 1).await {
        assert_eq!(conflict(result), constraint::QUOTA);
    }
    let inbox = NewProject { quota: 2, ..NewProject::inbox(owner, MOMENT) };
    assert_eq!(conflict(ports.projects.create_inbox(inbox.clone()).await), constraint::QUOTA);
    assert_eq!(ports.projects.find_inbox(owner).await.unwrap(), None);
    let next = made(ports, &found, owner, 3).await.map(Result::unwrap);

    let project = ports.projects.find(ProjectId::new(project), NOBODY).await.unwrap().unwrap().project;
    assert!(ports.projects.delete(project.id, project.version, MOMENT, None).await.unwrap());
    let task = ports.tasks.find(TaskId::new(task), NOBODY).await.unwrap().unwrap();
    assert!(ports.tasks.delete(removal(&task)).await.unwrap());
    assert!(ports.comments.delete(comment_removal(CommentId::new(comment))).await.unwrap());
    for result in made(ports, &found, owner, 1).await {
        assert_eq!(conflict(result), constraint::QUOTA);
    }
    let [project, task, comment] = made(ports, &found, owner, 3).await.map(Result::unwrap);
    assert!(project > next[0] && task > next[1] && comment > next[2]);
    for result in made(ports, &found, owner, 2).await {
        assert_eq!(conflict(result), constraint::QUOTA);
    }
    ports.projects.create_inbox(NewProject { quota: 4, ..inbox }).await.unwrap();
}

async fn simultaneous_creations_do_not_exceed_the_quota(ports: &Ports) {
    let (found, owner) = given(ports).await;
    ports.comments.create(new_comment(&found, owner), None).await.unwrap();
    let results = simultaneously(20, |_| {
        let (ports, found) = (ports.clone(), found.clone());
        async move { made(&ports, &found, owner, 5).await }
    })
    .await;
    let mut made = [0; 3];
    for results in results {
        for (made, result) in made.iter_mut().zip(results) {
            match result {
                Ok(_) => *made += 1,
                refused => assert_eq!(conflict(refused), constraint::QUOTA),
            }
        }
    }
    assert_eq!(made, [4, 4, 4]);
}

/// The row has another version or is deleted already.
async fn a_deletion_without_effect_frees_no_quota(ports: &Ports) {
    let (found, owner) = given(ports).await;
    let comment = ports.comments.create(new_comment(&found, owner), None).await.unwrap();
    let second = ports.comments.create(new_comment(&found, owner), None).await.unwrap();
    assert!(ports.comments.delete(comment_removal(comment.id)).await.unwrap());
    assert!(!ports.comments.delete(comment_removal(comment.id)).await.unwrap());
    assert!(!ports.projects.delete(found.project.id, 404, MOMENT, None).await.unwrap());
    let stale = TaskRemoval { based_on: 404, ..removal(&found) };
    assert!(!ports.tasks.delete(stale).await.unwrap());
    for result in made(ports, &found, owner, 1).await {
        assert_eq!(conflict(result), constraint::QUOTA);
    }
    assert!(ports.comments.delete(comment_removal(second.id)).await.unwrap());
}

async fn simultaneous_deletions_of_one_row_free_quota_once(ports: &Ports) {
    let (found, owner) = given(ports).await;
    given::task(ports, found.project.id).await;
    ports.comments.create(new_comment(&found, owner), None).await.unwrap();
    let comment = ports.comments.create(new_comment(&found, owner), None).await.unwrap();
    let deleted = simultaneously(10, |_| {
        let ports = ports.clone();
        async move { ports.comments.delete(comment_removal(comment.id)).await.unwrap() }
    })
    .await;
    assert_eq!(deleted.iter().filter(|deleted| **deleted).count(), 1);
    let [_, _, full] = made(ports, &found, owner, 1).await;
    assert_eq!(conflict(full), constraint::QUOTA);

    let deleted = simultaneously(10, |_| {
        let (ports, removal) = (ports.clone(), removal(&found));
        async move { ports.tasks.delete(removal).await.unwrap() }
    })
    .await;
    assert_eq!(deleted.iter().filter(|deleted| **deleted).count(), 1);
    let full = ports.tasks.create(NewTask { quota: 1, ..new_task(&found.project) }, None).await;
    assert_eq!(conflict(full), constraint::QUOTA);
    ports.tasks.create(NewTask { quota: 2, ..new_task(&found.project) }, None).await.unwrap();
}

/// `Conflict` with `IDEMPOTENCY_KEY`, not with `QUOTA`: the request itself took the last place.
async fn a_repeated_request_is_a_key_conflict_at_full_quota(ports: &Ports) {
    let (found, owner) = given(ports).await;
    let of = idempotency(owner);
    let results = simultaneously(10, |_| {
        let (ports, of, new) = (ports.clone(), of.clone(), NewTask { quota: 2, ..new_task(&found.project) });
        async move { ports.tasks.create(new, Some(of)).await }
    })
    .await;
    let mut made = 0;
    for result in results {
        match result {
            Ok(_) => made += 1,
            refused => assert_eq!(conflict(refused), constraint::IDEMPOTENCY_KEY),
        }
    }
    assert_eq!(made, 1);
}
