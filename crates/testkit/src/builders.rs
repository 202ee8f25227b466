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

use chrono::TimeDelta;
use fasttrack_domain::{
    Timestamp,
    comment::NewComment,
    email::Email,
    email_verification::NewEmailVerification,
    event::Event,
    id::{CommentId, ProjectId, SessionId, TaskId, UserId},
    idempotency::{Idempotency, IdempotencyKey, KeyedRequest},
    identity::{ExternalSubject, Identity},
    key::InstanceKey,
    notification::{NewNotification, NotificationContent, TaskNames},
    password::PasswordHash,
    password_reset::NewPasswordReset,
    ports::outbox::{Consequence, EventSubscriber},
    project::NewProject,
    revocation::{Revocation, Revoked},
    session::{Client, Exchange, NewSession, RefreshGrant},
    task::{NewTask, TaskDraft, TaskInProject, TaskProject},
    text::{CommentBody, Description, DisplayName, ProjectName, TaskTitle},
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

/// The notification of `user_id` about the comment with this id.
pub fn new_notification(user_id: UserId, comment_id: i64) -> NewNotification {
    let task = TaskNames {
        task_id: TaskId::new(11),
        task: title("Paint"),
        project_id: ProjectId::new(12),
        project: project_name("House"),
    };
    let content =
        NotificationContent::CommentAdded { task, comment_id: CommentId::new(comment_id), author: display_name("Ann") };
    NewNotification { user_id, content, at: MOMENT }
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

/// A display name. Panics where the text is not valid.
pub fn display_name(text: &str) -> DisplayName {
    DisplayName::parse(text.to_owned()).unwrap()
}

/// A project name. Panics where the text is not valid.
pub fn project_name(text: &str) -> ProjectName {
    ProjectName::parse(text.to_owned()).unwrap()
}

/// A task title. Panics where the text is not valid.
pub fn title(text: &str) -> TaskTitle {
    TaskTitle::parse(text.to_owned()).unwrap()
}

/// A description. Panics where the text is not valid.
pub fn description(text: &str) -> Description {
    Description::parse(text.to_owned()).unwrap()
}

/// The body of a comment. Panics where the text is not valid.
pub fn body(text: &str) -> CommentBody {
    CommentBody::parse(text.to_owned()).unwrap()
}

/// A text of exactly `length` characters that are often stored wrongly: of one to four bytes, combining, joining, right
/// to left, control characters, quotes and wildcards.
pub fn unicode(length: usize) -> String {
    "aZéß漢🦀e\u{301}א\u{200d}'\"\\\n%_\u{1}".chars().cycle().take(length).collect()
}
