//! The ports of recorded changes, and what the cases have in common.

use crate::{
    builders::{
        MOMENT, NOBODY, after, comment_removal, member_removal, new_comment, new_member, project_name, title,
        webhook_change,
    },
    contract::{dispatch_all, recording},
    given,
};
use fasttrack_domain::{
    event::{Change, Event, ProjectChanged},
    id::{TaskId, UserId},
    membership::{GrantedRole, MemberRole},
    ports::{
        comment::CommentRepository, invitation::InvitationRepository, label::LabelRepository, member::MemberRepository,
        outbox::Outbox, project::ProjectRepository, task::TaskRepository, user::UserRepository,
        webhook::WebhookRepository,
    },
    project::{Project, ProjectPatch},
    task::{TaskInProject, TaskPatch, TaskView},
    webhook::WebhookChange,
};

ports! {
    users: UserRepository,
    projects: ProjectRepository,
    members: MemberRepository,
    invitations: InvitationRepository,
    tasks: TaskRepository,
    labels: LabelRepository,
    comments: CommentRepository,
    webhooks: WebhookRepository,
    outbox: Outbox,
}

/// A project with an active webhook, whose events are dispatched.
pub(super) async fn given_watched(ports: &Ports) -> Project {
    let (project, _) = given::project_with_owner(ports).await;
    given::webhook(ports, project.id).await;
    recorded(ports).await;
    project
}

/// The recorded changes that wait, in their order.
pub(super) async fn recorded(ports: &Ports) -> Vec<ProjectChanged> {
    let (subscribers, events) = recording();
    dispatch_all(ports, subscribers, 1_000).await;
    let changes = events().into_iter().filter_map(|(event, _)| match event {
        Event::Change(changed) => Some(changed),
        Event::Task(_) | Event::ProjectShared(_) | Event::Touched(_) => None,
    });
    changes.collect()
}

/// The only recorded change, with who caused it.
pub(super) async fn the_change(ports: &Ports, actor: UserId) -> Change {
    let [changed] = recorded(ports).await.try_into().unwrap();
    assert_eq!(changed.actor_id, actor);
    *changed.change
}

pub(super) async fn find(ports: &Ports, task: TaskId) -> TaskInProject {
    ports.tasks.find(task, NOBODY).await.unwrap().unwrap()
}

/// The task as a read returns it.
pub(super) async fn view(ports: &Ports, task: TaskId) -> TaskView {
    find(ports, task).await.into()
}

/// Neither before there is a webhook, nor where none is active any more.
pub(super) async fn nothing_is_recorded_without_an_active_webhook(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let (watched, user) = (given_watched(ports).await, given::user(ports).await);
    let webhook = given::webhook(ports, project.id).await;
    let inactive = WebhookChange { is_active: Some(false), ..webhook_change(webhook.id) };
    ports.webhooks.save(inactive).await.unwrap().unwrap();
    let task = given::task(ports, project.id).await;
    let found = find(ports, task.id).await;
    let patch = TaskPatch { title: Some(title("Weed")), ..TaskPatch::default() };
    ports.tasks.save(found.apply(patch, owner.id, after(1)).unwrap().unwrap()).await.unwrap().unwrap();
    let comment = ports.comments.create(new_comment(&found, owner.id), None).await.unwrap();
    assert!(ports.comments.delete(comment_removal(comment.id)).await.unwrap());
    assert!(ports.tasks.delete(find(ports, task.id).await.remove(owner.id, after(2))).await.unwrap());
    let patch = ProjectPatch { name: Some(project_name("Yard")), ..ProjectPatch::default() };
    ports.projects.save(project.apply(patch, after(1)).unwrap()).await.unwrap().unwrap();
    ports.members.put(new_member(&project, user.id, GrantedRole::Viewer)).await.unwrap().unwrap();
    assert!(ports.members.remove(member_removal(project.id, user.id, MemberRole::Viewer)).await.unwrap());
    assert_eq!(recorded(ports).await, []);
    given::task(ports, watched.id).await;
    assert!(ports.projects.delete(watched.id, watched.version, MOMENT, None).await.unwrap());
    let kinds: Vec<_> = recorded(ports).await.iter().map(|changed| changed.change.kind().as_str()).collect();
    assert_eq!(kinds, ["task.created"]);
}
