//! The ports of what an erased account leaves behind, and what the cases have in common.

use crate::{builders::NOBODY, given};
use fasttrack_domain::{
    erasure::Erasure,
    id::{ProjectId, TaskId, UserId},
    ports::{
        audit::AuditRepository, comment::CommentRepository, erasure::ErasureRepository, job::JobQueue,
        notice::NoticeRepository, notification::NotificationRepository, outbox::Outbox,
        password_reset::PasswordResetRepository, project::ProjectRepository, task::TaskRepository,
        user::UserRepository,
    },
    task::{NewTask, Task, TaskInProject},
    user::User,
};

ports! {
    users: UserRepository,
    projects: ProjectRepository,
    tasks: TaskRepository,
    comments: CommentRepository,
    outbox: Outbox,
    notifications: NotificationRepository,
    notices: NoticeRepository,
    jobs: JobQueue,
    resets: PasswordResetRepository,
    audit: AuditRepository,
    erasures: ErasureRepository,
}

/// Erases the account to the end.
pub(super) async fn erase(ports: &Ports, user: &User, reassign_to: Option<UserId>) -> Erasure {
    let erasure = given::erasure(ports, user, reassign_to).await;
    given::all_portions(ports, &erasure).await;
    erasure
}

pub(super) async fn find(ports: &Ports, task: TaskId) -> Option<TaskInProject> {
    ports.tasks.find(task, NOBODY).await.unwrap()
}

pub(super) async fn given_assigned(ports: &Ports, project: ProjectId, user: UserId) -> Task {
    given::task_with(ports, project, |task| NewTask { assignee_id: Some(user), ..task }).await
}
