//! Rows that a test needs to exist. They are created through the ports and with the values of
//! [`builders`](crate::builders); each function panics where storage fails.

use crate::{
    HasPort,
    builders::{new_comment, new_project, new_session, new_task, new_user, subscriber},
    contract::dispatch_all,
};
use fasttrack_domain::{
    comment::Comment,
    id::{ProjectId, TaskId, UserId},
    notification::NewNotification,
    ports::{
        comment::CommentRepository,
        outbox::{Consequence, Dispatched, Outbox},
        project::ProjectRepository,
        session::SessionRepository,
        task::TaskRepository,
        user::UserRepository,
    },
    project::Project,
    session::{Login, NewSession, RefreshGrant},
    task::{NewTask, Task},
    user::{NewUser, Role, User},
};
use std::sync::Arc;

fn outbox(ports: &impl HasPort<dyn Outbox>) -> &dyn Outbox {
    ports.port()
}

fn comments(ports: &impl HasPort<dyn CommentRepository>) -> &dyn CommentRepository {
    ports.port()
}

fn tasks(ports: &impl HasPort<dyn TaskRepository>) -> &dyn TaskRepository {
    ports.port()
}

/// An active user.
pub async fn user(ports: &impl HasPort<dyn UserRepository>) -> User {
    ports.port().create(new_user()).await.unwrap()
}

/// An active admin.
pub async fn admin(ports: &impl HasPort<dyn UserRepository>) -> User {
    ports.port().create(NewUser { role: Role::Admin, ..new_user() }).await.unwrap()
}

/// An active project.
pub async fn project(ports: &impl HasPort<dyn ProjectRepository>, owner: UserId) -> Project {
    ports.port().create(new_project(owner), None).await.unwrap()
}

/// A project with an owner of its own.
pub async fn project_with_owner(
    ports: &(impl HasPort<dyn UserRepository> + HasPort<dyn ProjectRepository>),
) -> (Project, User) {
    let owner = user(ports).await;
    (project(ports, owner.id).await, owner)
}

/// A task without assignee, created by the project's owner.
pub async fn task(ports: &impl HasPort<dyn TaskRepository>, project: ProjectId) -> Task {
    task_with(ports, project, |task| task).await
}

/// A task created by the project's owner, from the defaults as `adjust` changes them.
pub async fn task_with(
    ports: &impl HasPort<dyn TaskRepository>,
    project: ProjectId,
    adjust: impl FnOnce(NewTask) -> NewTask,
) -> Task {
    let project = tasks(ports).find_project(project).await.unwrap().unwrap();
    tasks(ports).create(adjust(new_task(&project)), None).await.unwrap()
}

/// A comment of `author`.
pub async fn comment(
    ports: &(impl HasPort<dyn TaskRepository> + HasPort<dyn CommentRepository>),
    task: TaskId,
    author: UserId,
) -> Comment {
    let task = tasks(ports).find(task).await.unwrap().unwrap();
    comments(ports).create(new_comment(&task, author), None).await.unwrap()
}

/// A login and its refresh token.
pub async fn login(ports: &impl HasPort<dyn SessionRepository>, user: UserId) -> (Login, RefreshGrant) {
    let new = new_session(user);
    let refresh = new.refresh.clone();
    (session(ports, new).await, refresh)
}

/// The login that begins `session`.
pub async fn session(ports: &impl HasPort<dyn SessionRepository>, session: NewSession) -> Login {
    ports.port().open(session).await.unwrap().unwrap().login
}

/// Commits these consequences as those of one event. Events that were pending are dispatched without consequences.
pub async fn consequences(
    ports: &(
         impl HasPort<dyn UserRepository>
         + HasPort<dyn ProjectRepository>
         + HasPort<dyn TaskRepository>
         + HasPort<dyn Outbox>
     ),
    consequences: Vec<Consequence>,
) -> Dispatched {
    dispatch_all(ports, Arc::new([]), 100).await;
    let (project, _) = project_with_owner(ports).await;
    task(ports, project.id).await;
    let subscriber = subscriber(move |_, _| consequences.clone());
    outbox(ports).dispatch(Arc::new([subscriber]), 1).await.unwrap()
}

/// Commits these notifications, in this order.
pub async fn notifications(
    ports: &(
         impl HasPort<dyn UserRepository>
         + HasPort<dyn ProjectRepository>
         + HasPort<dyn TaskRepository>
         + HasPort<dyn Outbox>
     ),
    notifications: impl IntoIterator<Item = NewNotification>,
) -> Dispatched {
    consequences(ports, notifications.into_iter().map(Consequence::Notify).collect()).await
}
