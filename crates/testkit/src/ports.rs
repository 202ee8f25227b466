use crate::builders::{new_comment, new_project, new_session, new_task, new_user, subscriber};
use fasttrack_domain::{
    comment::Comment,
    id::{ProjectId, TaskId, UserId},
    notification::NewNotification,
    ports::{
        audit::AuditRepository,
        comment::CommentRepository,
        email_verification::EmailVerificationRepository,
        health::HealthCheck,
        idempotency::IdempotencyRepository,
        identity::IdentityRepository,
        job::JobQueue,
        notice::NoticeRepository,
        notification::NotificationRepository,
        outbox::{Consequence, Dispatched, EventSubscriber, Outbox},
        password::PasswordCosts,
        password_reset::PasswordResetRepository,
        project::ProjectRepository,
        rate_limit::LoginAttempts,
        revocation::RevocationRepository,
        session::SessionRepository,
        statistics::StatisticsRepository,
        task::TaskRepository,
        ticket::TicketRepository,
        user::UserRepository,
    },
    project::Project,
    session::{Login, NewSession, RefreshGrant},
    task::{NewTask, Task},
    token::Revocation,
    user::{NewUser, Role, User},
};
use std::sync::Arc;

/// The adapters before one database, and short ways to fill it. The `given_` methods panic where storage fails.
#[derive(Clone)]
pub struct Ports {
    /// Accounts.
    pub users: Arc<dyn UserRepository>,
    /// Projects.
    pub projects: Arc<dyn ProjectRepository>,
    /// Tasks.
    pub tasks: Arc<dyn TaskRepository>,
    /// Comments.
    pub comments: Arc<dyn CommentRepository>,
    /// Sessions and their refresh tokens.
    pub sessions: Arc<dyn SessionRepository>,
    /// The blocklist.
    pub revocations: Arc<dyn RevocationRepository>,
    /// Requests that were done under an idempotency key.
    pub idempotency: Arc<dyn IdempotencyRepository>,
    /// Events, until what follows from them is committed.
    pub outbox: Arc<dyn Outbox>,
    /// What users are told.
    pub notifications: Arc<dyn NotificationRepository>,
    /// How many tasks of a project stand where.
    pub statistics: Arc<dyn StatisticsRepository>,
    /// How many mails of notice users get.
    pub notices: Arc<dyn NoticeRepository>,
    /// The queue of jobs.
    pub jobs: Arc<dyn JobQueue>,
    /// Stand-ins for access tokens.
    pub tickets: Arc<dyn TicketRepository>,
    /// What verifying the stored hashes costs.
    pub password_costs: Arc<dyn PasswordCosts>,
    /// Proofs of addresses.
    pub verifications: Arc<dyn EmailVerificationRepository>,
    /// Ways back into accounts.
    pub resets: Arc<dyn PasswordResetRepository>,
    /// Logins that count against an address.
    pub login_attempts: Arc<dyn LoginAttempts>,
    /// Which account a user of another issuer has.
    pub identities: Arc<dyn IdentityRepository>,
    /// Who did what.
    pub audit: Arc<dyn AuditRepository>,
    /// Whether the database can be used.
    pub health: Arc<dyn HealthCheck>,
}

impl Ports {
    /// An active user.
    pub async fn given_user(&self) -> User {
        self.users.create(new_user()).await.unwrap()
    }

    /// An active admin.
    pub async fn given_admin(&self) -> User {
        self.users.create(NewUser { role: Role::Admin, ..new_user() }).await.unwrap()
    }

    /// An active project.
    pub async fn given_project(&self, owner: UserId) -> Project {
        self.projects.create(new_project(owner), None).await.unwrap()
    }

    /// A project with an owner of its own.
    pub async fn given_projects_owner(&self) -> (Project, User) {
        let owner = self.given_user().await;
        (self.given_project(owner.id).await, owner)
    }

    /// A task that the project's owner made and nobody works on.
    pub async fn given_task(&self, project: ProjectId) -> Task {
        self.given_task_like(project, |task| task).await
    }

    /// A task that the project's owner made, with what `adjust` makes of the defaults.
    pub async fn given_task_like(&self, project: ProjectId, adjust: impl FnOnce(NewTask) -> NewTask) -> Task {
        let project = self.tasks.find_project(project).await.unwrap().unwrap();
        self.tasks.create(adjust(new_task(&project)), None).await.unwrap()
    }

    /// A comment of `author`.
    pub async fn given_comment(&self, task: TaskId, author: UserId) -> Comment {
        let task = self.tasks.find(task).await.unwrap().unwrap();
        self.comments.create(new_comment(&task, author), None).await.unwrap()
    }

    /// A login, and the refresh token that was handed out for it.
    pub async fn given_login(&self, user: UserId) -> (Login, RefreshGrant) {
        let session = new_session(user);
        let refresh = session.refresh.clone();
        (self.open(session).await, refresh)
    }

    /// The login that `session` begins.
    pub async fn open(&self, session: NewSession) -> Login {
        self.sessions.open(session).await.unwrap().unwrap().login
    }

    /// Dispatches every event that waits, `limit` at a time. What came of each time.
    pub async fn dispatch(&self, subscribers: Arc<[Arc<dyn EventSubscriber>]>, limit: usize) -> Vec<Dispatched> {
        let mut all = Vec::new();
        loop {
            let dispatched = self.outbox.dispatch(Arc::clone(&subscribers), limit).await.unwrap();
            let more = dispatched.more;
            all.push(dispatched);
            if !more {
                return all;
            }
        }
    }

    /// Exactly these consequences, as those of one event. What follows from events that wait is dropped.
    pub async fn given_consequences(&self, consequences: Vec<Consequence>) -> Dispatched {
        self.dispatch(Arc::new([]), 100).await;
        let (project, _) = self.given_projects_owner().await;
        self.given_task(project.id).await;
        let subscriber = subscriber(move |_, _| consequences.clone());
        self.outbox.dispatch(Arc::new([subscriber]), 1).await.unwrap()
    }

    /// These notifications, in this order.
    pub async fn given_notifications(&self, notifications: impl IntoIterator<Item = NewNotification>) -> Dispatched {
        self.given_consequences(notifications.into_iter().map(Consequence::Notify).collect()).await
    }

    /// All that was ever put on the blocklist and not yet forgotten.
    pub async fn blocklist(&self) -> Vec<Revocation> {
        self.revocations.since(0).await.unwrap().revocations
    }
}
