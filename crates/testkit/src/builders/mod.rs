//! Values with valid, unique defaults. Fields are public: a test sets those it is about and takes the others from
//! here.
//!
//! ```
//! use fasttrack_domain::user::{NewUser, Role};
//! use fasttrack_testkit::builders::new_user;
//!
//! let admin = NewUser { role: Role::Admin, ..new_user() };
//! assert_ne!(admin.email, new_user().email);
//! ```

mod api_token;
mod planning;
mod texts;
mod webhooks;

pub use api_token::{new_api_token, token_name};
pub use planning::{color, due, just_before, label_ids, label_name, new_label, reminders, requested};
pub use texts::{body, description, display_name, project_name, title, unicode};
pub use webhooks::{
    attempt, delivering, new_ping, new_webhook, webhook_change, webhook_rotation, webhook_secret, webhook_url,
};

use chrono::TimeDelta;
use fasttrack_domain::{
    Timestamp,
    comment::{CommentRemoval, NewComment},
    email::Email,
    email_verification::NewEmailVerification,
    event::Event,
    id::{CommentId, InvitationId, ProjectId, SessionId, TaskId, UserId},
    idempotency::{Idempotency, IdempotencyKey, KeyedRequest},
    identity::{ExternalSubject, Identity},
    invitation::{MAX_INVITATIONS, NewInvitation, NewInvitationToken},
    job::JobPayload,
    key::InstanceKey,
    membership::{GrantedRole, MAX_MEMBERS, MemberChange, MemberRemoval, MemberRole},
    notification::{NewNotification, NotificationContent, TaskNames},
    password::PasswordHash,
    password_reset::NewPasswordReset,
    ports::outbox::{Consequence, EventSubscriber},
    project::{NewProject, Project},
    revocation::{Revocation, Revoked},
    session::{Client, Exchange, NewSession, RefreshGrant},
    task::{NewTask, TaskDraft, TaskInProject, TaskProject},
    text::DisplayName,
    ticket::{NewTicket, SecretHash, TICKET_LIFETIME},
    token::{AccessClaims, TokenId, TokenSource},
    user::{NewUser, Role, User},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// The moment at which tests begin: 2026-01-02 03:04:05.678901 UTC. No part is zero, so that a lost part is noticed.
pub const MOMENT: Timestamp = Timestamp::from_timestamp_micros(1_767_323_045_678_901).unwrap();

/// `minutes` after [`MOMENT`].
pub fn after(minutes: i64) -> Timestamp {
    MOMENT + TimeDelta::minutes(minutes)
}

/// The id of no user. Reads return what exists, whoever reads.
pub const NOBODY: UserId = UserId::new(0);

/// A number that no other call in this process gets.
fn unique() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// An address that no account has.
pub fn email() -> Email {
    Email::parse(&format!("user{}@example.org", unique())).unwrap()
}

/// An active user. Its password hash is made up, so that no password matches.
pub fn new_user() -> NewUser {
    let email = email();
    NewUser {
        display_name: email.default_display_name(),
        email,
        email_verified: true,
        role: Role::User,
        password_hash: Some(PasswordHash::new(format!("hash-{}", unique()))),
        is_external: false,
        created_at: MOMENT,
        audit: None,
    }
}

/// A project with a description.
pub fn new_project(owner_id: UserId) -> NewProject {
    NewProject {
        name: project_name(&format!("Project {}", unique())),
        description: Some(description("What it is for")),
        owner_id,
        created_at: MOMENT,
        quota: 1_000,
    }
}

/// A task with a description and without assignee, created by the project's owner.
pub fn new_task(project: &TaskProject) -> NewTask {
    let title = title(&format!("Task {}", unique()));
    let draft = TaskDraft { description: Some(description("How to do it")), ..TaskDraft::new(title) };
    NewTask::new(project.clone(), draft, project.owner_id, MOMENT, 100_000)
}

/// A comment.
pub fn new_comment(task: &TaskInProject, author_id: UserId) -> NewComment {
    NewComment::on(task, author_id, body(&format!("Comment {}", unique())), MOMENT)
}

/// The deletion of a comment by nobody, one minute after [`MOMENT`].
pub fn comment_removal(id: CommentId) -> CommentRemoval {
    CommentRemoval { id, actor_id: NOBODY, at: after(1), audit: None }
}

/// A request with this key, and a fingerprint that no other has.
pub fn keyed_request(key: &str) -> KeyedRequest {
    KeyedRequest { key: IdempotencyKey::parse(key.to_owned()).unwrap(), fingerprint: unique_digest() }
}

fn unique_digest() -> [u8; 32] {
    let mut digest = [0xff; 32];
    digest[..8].copy_from_slice(&unique().to_be_bytes());
    digest
}

/// A request of this user, with a key of its own, that is done at [`MOMENT`].
pub fn idempotency(user_id: UserId) -> Idempotency {
    Idempotency { request: keyed_request(&format!("key-{}", unique())), user_id, at: MOMENT }
}

/// A refresh token that is good for 7 days from [`MOMENT`].
pub fn refresh_grant() -> RefreshGrant {
    RefreshGrant { token_id: TokenId::new(format!("refresh-{}", unique())), expires_at: MOMENT + TimeDelta::days(7) }
}

/// A session that begins at [`MOMENT`].
pub fn new_session(user_id: UserId) -> NewSession {
    NewSession {
        user_id,
        proven_by: None,
        renewed: None,
        refresh: refresh_grant(),
        client: Client::new(Some("192.0.2.1".to_owned()), Some("Browser/1.0")),
        created_at: MOMENT,
    }
}

/// The exchange of `spent` for another token, one minute after [`MOMENT`] and without leeway for reuse.
pub fn exchange(session_id: SessionId, spent: &RefreshGrant) -> Exchange {
    Exchange {
        spent: spent.token_id.clone(),
        session_id,
        session_key: None,
        next: refresh_grant(),
        client: Client::new(Some("198.51.100.2".to_owned()), Some("Browser/2.0")),
        at: after(1),
        reusable_since: None,
        session_lifetime: Duration::from_secs(90 * 24 * 60 * 60),
    }
}

/// An entry of the blocklist, good for 15 minutes from [`MOMENT`].
pub fn revocation(subject: Revoked) -> Revocation {
    Revocation { subject, until: after(15) }
}

/// A user of another issuer that has no account.
pub fn identity() -> Identity {
    let subject = ExternalSubject::parse(format!("subject-{}", unique())).unwrap();
    Identity { issuer: "https://issuer.example".to_owned(), subject }
}

/// A ticket of this user that is good for 30 s from [`MOMENT`].
pub fn new_ticket(user_id: UserId) -> NewTicket {
    let claims = AccessClaims {
        user_id,
        role: Role::User,
        source: TokenSource::Session(SessionId::new(5)),
        token_id: TokenId::new(format!("access-{}", unique())),
        epoch: 3,
        issued_at: MOMENT,
        expires_at: after(15),
        user_key: Some(InstanceKey::new([1; InstanceKey::LENGTH])),
        session_key: Some(InstanceKey::new([2; InstanceKey::LENGTH])),
    };
    NewTicket { hash: SecretHash::new(unique_digest()), claims, expires_at: MOMENT + TICKET_LIFETIME }
}

/// A reset token for this user, drawn at [`MOMENT`].
pub fn new_password_reset(user: &User) -> NewPasswordReset {
    NewPasswordReset {
        user_id: user.id,
        email: user.email.clone(),
        hash: SecretHash::new(unique_digest()),
        again: false,
        created_at: MOMENT,
    }
}

/// A verification token for the address that this user has to prove, drawn at [`MOMENT`].
pub fn new_email_verification(user: &User) -> NewEmailVerification {
    NewEmailVerification {
        user_id: user.id,
        email: user.unproven_email().unwrap_or(&user.email).clone(),
        hash: SecretHash::new(unique_digest()),
        again: false,
        created_at: MOMENT,
    }
}

/// Adds a member to a project, by its owner at [`MOMENT`].
pub fn new_member(project: &Project, user_id: UserId, role: GrantedRole) -> MemberChange {
    MemberChange {
        project_id: project.id,
        project: project.name.clone(),
        user_id,
        before: None,
        role,
        actor_id: project.owner_id,
        at: MOMENT,
        quota: MAX_MEMBERS,
        is_watched: false,
        audit: None,
    }
}

/// Ends a membership one minute after [`MOMENT`].
pub fn member_removal(project_id: ProjectId, user_id: UserId, before: MemberRole) -> MemberRemoval {
    MemberRemoval { project_id, user_id, before, at: after(1), watched_actor: None, audit: None }
}

/// An invitation of an address that no account has, by the project's owner at [`MOMENT`].
pub fn new_invitation(project: &Project, role: GrantedRole) -> NewInvitation {
    NewInvitation {
        project_id: project.id,
        email: email(),
        role,
        invited_by: project.owner_id,
        created_at: MOMENT,
        quota: MAX_INVITATIONS,
        audit: None,
    }
}

/// A token of this invitation, drawn at [`MOMENT`].
pub fn new_invitation_token(invitation_id: InvitationId) -> NewInvitationToken {
    NewInvitationToken { invitation_id, hash: SecretHash::new(unique_digest()), again: false, created_at: MOMENT }
}

/// Names of a task, which needn't exist, in this project.
pub fn task_names(project_id: ProjectId, task: i64) -> TaskNames {
    TaskNames { task_id: TaskId::new(task), task: title("Paint"), project_id, project: project_name("House") }
}

/// The mail about this task, which somebody of the name `by` assigned to `user_id`.
pub fn task_assigned_mail(user_id: UserId, task: TaskNames, by: &str) -> JobPayload {
    JobPayload::TaskAssignedMail { user_id, task, assigned_by: display_name(by), assigned_by_id: Some(UserId::new(13)) }
}

/// The notification of `user_id` about a comment in this project. It is dropped unless the user has access to that.
pub fn new_notification(user_id: UserId, project_id: ProjectId, comment_id: i64) -> NewNotification {
    let (task, comment_id) = (task_names(project_id, 11), CommentId::new(comment_id));
    let content = NotificationContent::CommentAdded { task, comment_id, author: display_name("Ann") };
    NewNotification { user_id, actor_id: UserId::new(13), content, at: MOMENT }
}

/// A subscriber that returns what `consequences` returns.
pub fn subscriber(
    consequences: impl Fn(&Event, &DisplayName) -> Vec<Consequence> + Send + Sync + 'static,
) -> Arc<dyn EventSubscriber> {
    struct Subscriber<F>(F);

    impl<F: Fn(&Event, &DisplayName) -> Vec<Consequence> + Send + Sync> EventSubscriber for Subscriber<F> {
        fn consequences(&self, event: &Event, actor: &DisplayName) -> Vec<Consequence> {
            self.0(event, actor)
        }
    }

    Arc::new(Subscriber(consequences))
}
