//! What is deleted together with a project or a task.

use super::{conflict, simultaneously};
use crate::{
    builders::{MOMENT, NOBODY, after, new_task},
    given,
};
use fasttrack_domain::{
    id::{ProjectId, TaskId, UserId},
    ports::{
        comment::CommentRepository, constraint, project::ProjectRepository, task::TaskRepository, user::UserRepository,
    },
    project::{NewProject, Project},
    task::{TaskInProject, TaskRemoval},
};

contract! { $
    cascade {
        users: UserRepository,
        projects: ProjectRepository,
        tasks: TaskRepository,
        comments: CommentRepository,
    }
    deleting_a_project_deletes_its_tasks_and_comments,
    deleting_another_version_of_a_project_deletes_nothing,
    a_deleted_inbox_can_be_created_again,
    no_task_outlives_a_project_deleted_at_the_same_time,
    deleting_a_task_deletes_its_comments,
    deleting_another_version_of_a_task_deletes_nothing,
}

async fn find_project(ports: &Ports, id: ProjectId) -> Option<Project> {
    ports.projects.find(id, NOBODY).await.unwrap().map(|view| view.project)
}

async fn find_inbox(ports: &Ports, owner: UserId) -> Option<Project> {
    ports.projects.find_inbox(owner).await.unwrap().map(|view| view.project)
}

async fn given_inbox(ports: &Ports, owner: UserId) -> Project {
    ports.projects.create_inbox(NewProject::inbox(owner, MOMENT)).await.unwrap()
}

async fn find(ports: &Ports, id: TaskId) -> TaskInProject {
    ports.tasks.find(id, NOBODY).await.unwrap().unwrap()
}

async fn given(ports: &Ports) -> TaskInProject {
    let (project, _) = given::project_with_owner(ports).await;
    find(ports, given::task(ports, project.id).await.id).await
}

fn removal(found: &TaskInProject) -> TaskRemoval {
    found.remove(found.project.owner_id, after(5))
}

/// Rows of another project stay.
async fn deleting_a_project_deletes_its_tasks_and_comments(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let other = given::project(ports, owner.id).await;
    let (task, other_task) = (given::task(ports, project.id).await, given::task(ports, other.id).await);
    let comment = given::comment(ports, task.id, owner.id).await;
    let other_comment = given::comment(ports, other_task.id, owner.id).await;

    assert!(ports.projects.delete(project.id, project.version, MOMENT, None).await.unwrap());
    assert_eq!(ports.projects.find(project.id, NOBODY).await.unwrap(), None);
    assert_eq!(ports.tasks.find_project(project.id, NOBODY).await.unwrap(), None);
    assert_eq!(ports.tasks.find(task.id, NOBODY).await.unwrap(), None);
    assert_eq!(ports.comments.find(comment.id).await.unwrap(), None);
    assert!(!ports.projects.delete(project.id, project.version, MOMENT, None).await.unwrap());

    assert_eq!(find_project(ports, other.id).await, Some(other));
    assert_eq!(ports.tasks.find(other_task.id, NOBODY).await.unwrap().map(|found| found.task), Some(other_task));
    assert_eq!(ports.comments.find(other_comment.id).await.unwrap().map(|found| found.comment), Some(other_comment));
}

async fn deleting_another_version_of_a_project_deletes_nothing(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let task = given::task(ports, project.id).await;
    let comment = given::comment(ports, task.id, owner.id).await;
    for version in [0, project.version + 1] {
        assert!(!ports.projects.delete(project.id, version, MOMENT, None).await.unwrap(), "{version}");
    }
    assert_eq!(find_project(ports, project.id).await, Some(project));
    assert!(ports.tasks.find(task.id, NOBODY).await.unwrap().is_some());
    assert!(ports.comments.find(comment.id).await.unwrap().is_some());
}

async fn a_deleted_inbox_can_be_created_again(ports: &Ports) {
    let owner = given::user(ports).await;
    let inbox = given_inbox(ports, owner.id).await;
    let task = given::task(ports, inbox.id).await;
    assert!(ports.projects.delete(inbox.id, inbox.version, MOMENT, None).await.unwrap());
    assert_eq!(find_inbox(ports, owner.id).await, None);
    assert_eq!(ports.tasks.find(task.id, NOBODY).await.unwrap(), None);
    let next = given_inbox(ports, owner.id).await;
    assert!(next.id > inbox.id);
    assert_eq!(find_inbox(ports, owner.id).await, Some(next));
}

/// A task is created first and deleted with its project, or its creation is refused.
async fn no_task_outlives_a_project_deleted_at_the_same_time(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let seen = ports.tasks.find_project(project.id, NOBODY).await.unwrap().unwrap();
    let created = simultaneously(20, |i| {
        let (ports, new) = (ports.clone(), new_task(&seen));
        async move {
            if i == 10 {
                assert!(ports.projects.delete(new.project.id, 1, MOMENT, None).await.unwrap());
                None
            } else {
                Some(ports.tasks.create(new, None).await)
            }
        }
    })
    .await;
    for result in created.into_iter().flatten() {
        match result {
            Ok(task) => assert_eq!(ports.tasks.find(task.id, NOBODY).await.unwrap(), None),
            refused => assert_eq!(conflict(refused), constraint::REFERENCE),
        }
    }
}

/// Comments on another task stay.
async fn deleting_a_task_deletes_its_comments(ports: &Ports) {
    let (found, other) = (given(ports).await, given(ports).await);
    let comment = given::comment(ports, found.task.id, found.project.owner_id).await;
    let other_comment = given::comment(ports, other.task.id, found.project.owner_id).await;

    assert!(ports.tasks.delete(removal(&found)).await.unwrap());
    assert_eq!(ports.tasks.find(found.task.id, NOBODY).await.unwrap(), None);
    assert_eq!(ports.comments.find(comment.id).await.unwrap(), None);
    assert!(!ports.tasks.delete(removal(&found)).await.unwrap());

    assert_eq!(find(ports, other.task.id).await, other);
    assert_eq!(ports.comments.find(other_comment.id).await.unwrap().map(|found| found.comment), Some(other_comment));
}

async fn deleting_another_version_of_a_task_deletes_nothing(ports: &Ports) {
    let found = given(ports).await;
    let comment = given::comment(ports, found.task.id, found.project.owner_id).await;
    for based_on in [0, found.task.version + 1] {
        assert!(!ports.tasks.delete(TaskRemoval { based_on, ..removal(&found) }).await.unwrap(), "{based_on}");
    }
    assert_eq!(find(ports, found.task.id).await, found);
    assert!(ports.comments.find(comment.id).await.unwrap().is_some());
}
