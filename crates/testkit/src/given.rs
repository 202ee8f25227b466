//! Rows that a test needs to exist. They are created through the ports and with the values of
//! [`builders`](crate::builders); each function panics where storage fails.

use crate::{
    HasPort,
    builders::{
        NOBODY, after, new_api_token, new_comment, new_invitation, new_invitation_token, new_label, new_member,
        new_project, new_session, new_task, new_user, new_webhook, subscriber,
    },
    contract::dispatch_all,
};
use fasttrack_domain::{
    api_token::ApiToken,
    comment::Comment,
    erasure::Erasure,
    id::{ProjectId, TaskId, UserId},
    invitation::Invitation,
    label::Label,
    membership::{GrantedRole, Member},
    notification::NewNotification,
    ports::{
        api_token::ApiTokenRepository,
        comment::CommentRepository,
        erasure::{Begun, ErasureRepository},
        invitation::InvitationRepository,
        label::LabelRepository,
        member::MemberRepository,
        outbox::{Consequence, Dispatched, Outbox},
        project::ProjectRepository,
        session::SessionRepository,
        task::TaskRepository,
        user::UserRepository,
        webhook::WebhookRepository,
    },
    project::Project,
    session::{Login, NewSession, RefreshGrant},
    task::{NewTask, Place, Task},
    ticket::SecretHash,
    user::{NewUser, Role, User, UserPatch},
    webhook::Webhook,
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

/// A user that was deactivated.
pub async fn inactive_user(ports: &impl HasPort<dyn UserRepository>) -> User {
    let user = user(ports).await;
    deactivated(ports, &user).await
}

/// Deactivates the user.
pub async fn deactivated(ports: &impl HasPort<dyn UserRepository>, user: &User) -> User {
    let patch = UserPatch { is_active: Some(false), ..UserPatch::default() };
    ports.port().save(user.apply(patch, after(1)).unwrap(), None).await.unwrap().unwrap()
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

/// Makes the user a member of the project, by its owner.
pub async fn membership(
    ports: &impl HasPort<dyn MemberRepository>,
    project: &Project,
    user: UserId,
    role: GrantedRole,
) -> Member {
    ports.port().put(new_member(project, user, role)).await.unwrap().unwrap()
}

/// An active user that is a member of the project.
pub async fn member(
    ports: &(impl HasPort<dyn UserRepository> + HasPort<dyn MemberRepository>),
    project: &Project,
    role: GrantedRole,
) -> User {
    let user = user(ports).await;
    membership(ports, project, user.id, role).await;
    user
}

/// An open invitation to the project, and its token.
pub async fn invitation(
    ports: &impl HasPort<dyn InvitationRepository>,
    project: &Project,
    role: GrantedRole,
) -> (Invitation, SecretHash) {
    let invitation = ports.port().create(new_invitation(project, role)).await.unwrap();
    let token = new_invitation_token(invitation.id);
    assert!(ports.port().set_token(token.clone()).await.unwrap());
    (invitation, token.hash)
}

/// An erasure that has begun, five minutes after [`MOMENT`](crate::builders::MOMENT).
pub async fn erasure(ports: &impl HasPort<dyn ErasureRepository>, user: &User, reassign_to: Option<UserId>) -> Erasure {
    let new = user.erase(reassign_to, after(5));
    let begun = ports.port().begin(new.clone()).await.unwrap();
    assert!(matches!(begun, Begun::Erased(_)), "{begun:?}");
    new.erasure
}

/// Does portions of the erasure until nothing is left. Returns their number.
pub async fn all_portions(ports: &impl HasPort<dyn ErasureRepository>, erasure: &Erasure) -> usize {
    for portions in 1..1_000 {
        if ports.port().step(erasure).await.unwrap() {
            return portions;
        }
    }
    panic!("the erasure has no end");
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
    let project = tasks(ports).find_project(project, NOBODY).await.unwrap().unwrap();
    tasks(ports).create(adjust(new_task(&project)), None).await.unwrap()
}

/// Moves the task as the project's owner, one minute after [`MOMENT`](crate::builders::MOMENT).
pub async fn moved(ports: &impl HasPort<dyn TaskRepository>, task: TaskId, place: Place) -> Task {
    let found = tasks(ports).find(task, NOBODY).await.unwrap().unwrap();
    let gap = tasks(ports).find_gap(found.project.id, task, place).await.unwrap().unwrap();
    let change = found.move_to(&gap, found.project.owner_id, after(1)).unwrap();
    tasks(ports).save(change).await.unwrap().unwrap()
}

/// A label of the project.
pub async fn label(ports: &impl HasPort<dyn LabelRepository>, project: ProjectId) -> Label {
    ports.port().create(new_label(project)).await.unwrap()
}

/// An active webhook of the project, for every type.
pub async fn webhook(ports: &impl HasPort<dyn WebhookRepository>, project: ProjectId) -> Webhook {
    ports.port().create(new_webhook(project)).await.unwrap()
}

/// A comment of `author`.
pub async fn comment(
    ports: &(impl HasPort<dyn TaskRepository> + HasPort<dyn CommentRepository>),
    task: TaskId,
    author: UserId,
) -> Comment {
    let task = tasks(ports).find(task, NOBODY).await.unwrap().unwrap();
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

/// An API token of the user, and its hash.
pub async fn api_token(ports: &impl HasPort<dyn ApiTokenRepository>, user: UserId) -> (ApiToken, SecretHash) {
    let new = new_api_token(user);
    let hash = new.hash;
    (ports.port().create(new).await.unwrap(), hash)
}

/// Commits these consequences as those of one event. Those for users without access are dropped, and events that were
/// pending are dispatched without consequences.
pub async fn consequences(
    ports: &(
         impl HasPort<dyn UserRepository>
         + HasPort<dyn ProjectRepository>
         + HasPort<dyn TaskRepository>
         + HasPort<dyn Outbox>
     ),
    consequences: Vec<Consequence>,
) -> Dispatched {
    let (project, _) = project_with_owner(ports).await;
    dispatch_all(ports, Arc::new([]), 100).await;
    task(ports, project.id).await;
    let subscriber = subscriber(move |_, _| consequences.clone());
    outbox(ports).dispatch(Arc::new([subscriber]), 1).await.unwrap()
}

/// Commits these notifications, in this order. Those of users without access are dropped.
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
