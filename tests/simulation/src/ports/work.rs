//! Projects and what is in them.

use super::{Faulty, port};
use async_trait::async_trait;
use fasttrack_domain::{
    Timestamp,
    audit::AuditEntry,
    change::{FeedPage, FeedRequest},
    comment::{Comment, CommentInProject, CommentRemoval, NewComment},
    id::{CommentId, DeliveryId, InvitationId, LabelId, ProjectId, TaskId, UserId, WebhookId},
    idempotency::Idempotency,
    invitation::{Acceptance, FoundInvitation, Invitation, InvitationToSend, NewInvitation, NewInvitationToken},
    label::{Label, LabelChange, LabelView, NewLabel},
    membership::{Member, MemberChange, MemberRemoval, MemberRole},
    page::{Page, PageRequest},
    ports::{
        RepositoryError,
        change::{ChangeFeed, FeedNews},
        comment::{CommentRepository, TaskComments},
        invitation::{InvitationRepository, ProjectInvitations},
        label::{LabelRepository, ProjectLabels},
        member::{MemberRepository, ProjectMembers},
        project::ProjectRepository,
        statistics::{StatisticsRepository, StatisticsView},
        task::{ProjectTasks, TaskRepository},
        webhook::{WebhookCounts, WebhookRepository},
    },
    project::{NewProject, Project, ProjectChange, ProjectFilter, ProjectTransfer, ProjectView},
    task::{
        BulkTasks, Gap, LineageRequest, Lineages, NewTask, Place, Task, TaskChange, TaskInProject, TaskPage,
        TaskPageRequest, TaskProject, TaskQuery, TaskRemoval,
    },
    ticket::SecretHash,
    webhook::{
        Delivery, DeliveryInProject, NewPing, NewWebhook, Webhook, WebhookChange, WebhookInProject, WebhookRotation,
    },
};

port! {
    ProjectRepository as "projects" {
        create(project: NewProject, idempotency: Option<Idempotency>) -> Project;
        find(id: ProjectId, reader: UserId) -> Option<ProjectView>;
        roles(ids: Vec<ProjectId>, reader: UserId) -> Vec<(ProjectId, Option<MemberRole>)>;
        list(filter: ProjectFilter, page: PageRequest) -> Page<ProjectView>;
        save(change: ProjectChange) -> Option<Project>;
        delete(id: ProjectId, based_on: i64, now: Timestamp, audit: Option<AuditEntry>) -> bool;
        find_inbox(owner: UserId) -> Option<ProjectView>;
        create_inbox(project: NewProject) -> Project;
    }
}

port! {
    MemberRepository as "members" {
        list(project: ProjectId, reader: UserId, page: PageRequest) -> Option<ProjectMembers>;
        find(project: ProjectId, user: UserId) -> Option<Member>;
        put(change: MemberChange) -> Option<Member>;
        remove(removal: MemberRemoval) -> bool;
        transfer(transfer: ProjectTransfer) -> Option<Project>;
    }
}

port! {
    InvitationRepository as "invitations" {
        create(invitation: NewInvitation) -> Invitation;
        list(project: ProjectId, reader: UserId, now: Timestamp, page: PageRequest) -> Option<ProjectInvitations>;
        delete(project: ProjectId, id: InvitationId, now: Timestamp, audit: Option<AuditEntry>) -> bool;
        find_to_send(id: InvitationId, now: Timestamp) -> Option<InvitationToSend>;
        set_token(token: NewInvitationToken) -> bool;
        find(hash: SecretHash, reader: UserId, now: Timestamp) -> Option<FoundInvitation>;
        accept(acceptance: Acceptance) -> bool;
        delete_expired(now: Timestamp, limit: u32) -> u64;
    }
}

port! {
    LabelRepository as "labels" {
        create(label: NewLabel) -> Label;
        list(project: ProjectId, reader: UserId, page: PageRequest) -> Option<ProjectLabels>;
        find(id: LabelId, reader: UserId) -> Option<LabelView>;
        find_in_project(project: ProjectId, ids: Vec<LabelId>) -> Vec<Label>;
        save(change: LabelChange) -> Option<Label>;
        delete(id: LabelId, now: Timestamp, audit: Option<AuditEntry>) -> bool;
    }
}

port! {
    TaskRepository as "tasks" {
        find_project(id: ProjectId, reader: UserId) -> Option<TaskProject>;
        create(task: NewTask, idempotency: Option<Idempotency>) -> Task;
        create_all(tasks: Vec<NewTask>, idempotency: Option<Idempotency>) -> Vec<Task>;
        find(id: TaskId, reader: UserId) -> Option<TaskInProject>;
        find_in_project(project: ProjectId, ids: Vec<TaskId>, reader: UserId) -> Option<BulkTasks>;
        find_lineages(project: ProjectId, request: LineageRequest) -> Lineages;
        find_gap(project: ProjectId, moved: TaskId, place: Place) -> Option<Gap>;
        list_in_project(
            project: ProjectId,
            reader: UserId,
            query: TaskQuery,
            page: TaskPageRequest
        ) -> Option<ProjectTasks>;
        list_assigned(assignee: UserId, query: TaskQuery, page: TaskPageRequest) -> TaskPage;
        list_visible(reader: UserId, all: bool, query: TaskQuery, page: TaskPageRequest) -> TaskPage;
        save(change: TaskChange) -> Option<Task>;
        save_all(changes: Vec<TaskChange>) -> Option<Vec<Task>>;
        delete(removal: TaskRemoval) -> bool;
    }
}

port! {
    CommentRepository as "comments" {
        create(comment: NewComment, idempotency: Option<Idempotency>) -> Comment;
        find(id: CommentId) -> Option<CommentInProject>;
        list_on_task(task: TaskId, reader: UserId, page: PageRequest) -> Option<TaskComments>;
        delete(removal: CommentRemoval) -> bool;
    }
}

port! {
    ChangeFeed as "changes" {
        read(request: FeedRequest) -> FeedPage;
        head() -> i64;
        news(after: i64, limit: u32) -> FeedNews;
        prune(before: Timestamp, limit: u32) -> u64;
    }
}

port! {
    StatisticsRepository as "statistics" {
        find(project: ProjectId, reader: UserId) -> Option<StatisticsView>;
        rebuild(now: Timestamp) -> u64;
    }
}

port! {
    WebhookRepository as "webhooks" {
        create(webhook: NewWebhook) -> Webhook;
        find(id: WebhookId, reader: UserId) -> Option<WebhookInProject>;
        list(project: ProjectId, page: PageRequest) -> Page<Webhook>;
        save(change: WebhookChange) -> Option<Webhook>;
        delete(id: WebhookId, audit: Option<AuditEntry>) -> bool;
        rotate(rotation: WebhookRotation) -> bool;
        ping(ping: NewPing) -> bool;
        deliveries(id: WebhookId, page: PageRequest) -> Page<Delivery>;
        find_delivery(id: DeliveryId, reader: UserId) -> Option<DeliveryInProject>;
        retry(id: DeliveryId, at: Timestamp, audit: Option<AuditEntry>) -> bool;
        delete_ended(before: Timestamp, limit: u32) -> u64;
        counts(now: Timestamp, limit: u32) -> WebhookCounts;
    }
}
