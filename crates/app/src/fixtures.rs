//! What the unit tests share: actors in each role, what belongs to them, and a clock that stands still. A mock without an
//! expectation fails the test that calls it: what a test doesn't prepare must not happen.

use fasttrack_domain::{
    Timestamp,
    api_token::Reach,
    audit::Origin,
    email::Email,
    event::{Change, ProjectChanged, ProjectShared, TaskEvent, TaskEventKind, TaskRef},
    id::{LabelId, ProjectId, SessionId, TaskId, UserId},
    idempotency::{IdempotencyKey, IdempotencyRecord, KeyedRequest},
    key::InstanceKey,
    label::{Color, Label},
    membership::{GrantedRole, Member, MemberRole},
    notification::{Notification, NotificationContent, TaskNames},
    policy::Actor,
    ports::{
        RepositoryError,
        audit::MockAuditLog,
        clock::MockClock,
        idempotency::MockIdempotencyRepository,
        token::{MockTokenIssuer, TokenPair},
    },
    project::{Project, ProjectStatus, ProjectView},
    session::{Login, RefreshGrant, Session},
    task::{NewTask, Task, TaskDraft, TaskInProject, TaskProject},
    text::DisplayName,
    token::{AccessClaims, SecretToken, TokenId, TokenSource},
    user::{Role, User},
};
use std::{fmt::Debug, sync::Arc, time::Duration};

pub(crate) const OWNER_ID: UserId = UserId::new(1);
pub(crate) const ASSIGNEE_ID: UserId = UserId::new(2);
pub(crate) const OWNER: Actor = Actor::new(OWNER_ID, Role::User);
pub(crate) const ASSIGNEE: Actor = Actor::new(ASSIGNEE_ID, Role::User);
pub(crate) const STRANGER: Actor = Actor::new(UserId::new(3), Role::User);
pub(crate) const ADMIN: Actor = Actor::new(UserId::new(4), Role::Admin);
pub(crate) const EDITOR: Actor = Actor::new(UserId::new(5), Role::User);
pub(crate) const COMMENTER: Actor = Actor::new(UserId::new(6), Role::User);
pub(crate) const VIEWER: Actor = Actor::new(UserId::new(7), Role::User);

pub(crate) const ACCESS_LIFETIME: Duration = Duration::from_mins(15);

/// The key of every user and session in these fixtures.
pub(crate) const KEY: InstanceKey = InstanceKey::new([7; InstanceKey::LENGTH]);

/// Drives a use case to its end. It must be `Send`, as any server may move it between threads.
pub(crate) fn run<F: Future + Send>(future: F) -> F::Output {
    futures_executor::block_on(future)
}

/// Returns a time in seconds. The fixtures were created at 0, and [`now`] is 1000.
pub(crate) fn at(seconds: u64) -> Timestamp {
    Timestamp::UNIX_EPOCH + Duration::from_secs(seconds)
}

pub(crate) fn now() -> Timestamp {
    at(1000)
}

pub(crate) fn clock() -> Arc<MockClock> {
    let mut clock = MockClock::new();
    clock.expect_now().returning(now);
    Arc::new(clock)
}

pub(crate) fn parsed<T: TryFrom<String, Error: Debug>>(text: &str) -> T {
    text.to_owned().try_into().unwrap()
}

pub(crate) fn email() -> Email {
    Email::parse("ann@example.org").unwrap()
}

/// Accepts any entry.
pub(crate) fn audit_log() -> Arc<MockAuditLog> {
    let mut audit = MockAuditLog::new();
    audit.expect_record().return_const(());
    Arc::new(audit)
}

/// The origin of every request.
pub(crate) fn origin() -> Origin {
    Origin { ip: Some([192, 0, 2, 1].into()), request_id: Some("request-1".to_owned()) }
}

pub(crate) fn conflict(constraint: &'static str) -> RepositoryError {
    RepositoryError::Conflict { constraint }
}

pub(crate) fn unavailable() -> RepositoryError {
    RepositoryError::Unavailable("gone fishing".into())
}

pub(crate) fn keyed_request() -> KeyedRequest {
    KeyedRequest { key: IdempotencyKey::parse("retry-1".to_owned()).unwrap(), fingerprint: [7; 32] }
}

/// Expects one look-up of [`keyed_request`] of OWNER for each of `looks`, in their order.
pub(crate) fn knowing(looks: impl IntoIterator<Item = Option<IdempotencyRecord>>) -> MockIdempotencyRepository {
    let mut records = MockIdempotencyRepository::new();
    for known in looks {
        records
            .expect_find()
            .times(1)
            .withf(|user, key, at| *user == OWNER.id && *key == keyed_request().key && *at == now())
            .return_once(|_, _, _| Ok(known));
    }
    records
}

/// The actor by a token that is for these projects alone.
pub(crate) fn narrowed(Actor { id, role, .. }: Actor, projects: &[i64]) -> Actor {
    Actor { id, role, reach: Reach::only(projects.iter().copied().map(ProjectId::new).collect()) }
}

/// The active account behind an actor, of version 3 and token epoch 5.
pub(crate) fn user(Actor { id, role, .. }: Actor) -> User {
    User {
        id,
        email: email(),
        email_verified: true,
        pending_email: None,
        display_name: DisplayName::cut("Ann").unwrap(),
        role,
        is_active: true,
        is_external: false,
        created_at: at(0),
        updated_at: at(0),
        version: 3,
        token_epoch: 5,
        key: KEY,
    }
}

/// OWNER's active project, of version 4.
pub(crate) fn project() -> Project {
    Project {
        id: ProjectId::new(7),
        name: parsed("Garden"),
        description: None,
        status: ProjectStatus::Active,
        owner_id: OWNER.id,
        created_at: at(0),
        updated_at: at(0),
        version: 4,
    }
}

/// The role in that project of whoever is called after it; ASSIGNEE, STRANGER and ADMIN have none.
pub(crate) fn membership(user: UserId) -> Option<MemberRole> {
    let roles = [
        (OWNER, MemberRole::Owner),
        (EDITOR, MemberRole::Editor),
        (COMMENTER, MemberRole::Commenter),
        (VIEWER, MemberRole::Viewer),
    ];
    roles.into_iter().find(|(actor, _)| actor.id == user).map(|(_, role)| role)
}

/// That project as this user sees it. It has a webhook.
pub(crate) fn view(reader: UserId) -> ProjectView {
    view_of(project(), reader)
}

/// That project in another state, as this user sees it.
pub(crate) fn view_of(project: Project, reader: UserId) -> ProjectView {
    ProjectView { project, membership: membership(reader), has_webhooks: true }
}

/// The member with the role that the actor is called after.
pub(crate) fn member(Actor { id, .. }: Actor) -> Member {
    Member {
        user_id: id,
        display_name: parsed("Ann"),
        email: Some(email()),
        role: membership(id).unwrap(),
        created_at: at(0),
    }
}

/// The same project for its owner, as far as tasks depend on it.
pub(crate) fn task_project() -> TaskProject {
    view(OWNER.id).into()
}

/// A task of that project that ASSIGNEE hasn't begun, of version 4, as OWNER finds it.
pub(crate) fn task() -> TaskInProject {
    let draft = TaskDraft { assignee_id: Some(ASSIGNEE.id), ..TaskDraft::new(parsed("Paint the fence")) };
    let task = NewTask::new(task_project(), draft, OWNER.id, at(0), 1).stored(TaskId::new(9));
    let task = Task { version: 4, ..task };
    TaskInProject { task, assignee: Some(user(ASSIGNEE).person()), labels: Vec::new(), project: task_project() }
}

/// A label of that project.
pub(crate) fn label(id: i64) -> Label {
    Label {
        id: LabelId::new(id),
        project_id: project().id,
        name: parsed(&format!("Label {id}")),
        color: Color::default(),
    }
}

/// A task as this user finds it.
pub(crate) fn seen_by(reader: UserId, mut found: TaskInProject) -> TaskInProject {
    found.project.membership = membership(reader);
    found
}

pub(crate) fn login(user: User) -> Login {
    let session = Session {
        id: SessionId::new(8),
        user_id: user.id,
        created_at: at(0),
        last_used_at: at(0),
        expires_at: at(9000),
        ip: None,
        user_agent: None,
        key: KEY,
    };
    Login { session, user }
}

pub(crate) fn next_refresh() -> RefreshGrant {
    RefreshGrant { token_id: TokenId::new("next".to_owned()), expires_at: at(9000) }
}

/// Tokens that can be read: an access token is user, role, session and epoch, a refresh token its id.
pub(crate) fn pair(access: &str, refresh: &str) -> TokenPair {
    TokenPair {
        access: SecretToken::new(access.to_owned()),
        refresh: SecretToken::new(refresh.to_owned()),
        expires_in: ACCESS_LIFETIME,
    }
}

/// Grants [`next_refresh`] and issues tokens as [`pair`] has them.
pub(crate) fn issuer() -> Arc<MockTokenIssuer> {
    let mut issuer = MockTokenIssuer::new();
    issuer.expect_grant_refresh().returning(|_| next_refresh());
    issuer.expect_issue().returning(|access, refresh, _| {
        let said = format!("{} {} {} {}", access.user_id, access.role, access.session_id, access.epoch);
        Ok(pair(&said, refresh.token_id.as_str()))
    });
    Arc::new(issuer)
}

/// What OWNER did to [`task`] just now.
pub(crate) fn event(kind: TaskEventKind) -> TaskEvent {
    let TaskInProject { task, project, .. } = task();
    TaskEvent { task: TaskRef::new(task.id, &task.title, &project), actor_id: OWNER.id, at: now(), kind }
}

/// OWNER made EDITOR a member of [`project`] just now.
pub(crate) fn shared() -> ProjectShared {
    ProjectShared {
        project_id: project().id,
        project: project().name,
        user_id: EDITOR.id,
        role: GrantedRole::Editor,
        actor_id: OWNER.id,
        at: now(),
    }
}

/// OWNER changed [`project`] just now.
pub(crate) fn changed() -> ProjectChanged {
    let change = Box::new(Change::ProjectUpdated(project()));
    ProjectChanged { project_id: project().id, actor_id: OWNER.id, at: now(), change }
}

/// The names of [`task`], as notifications contain them.
pub(crate) fn task_names() -> TaskNames {
    TaskNames::from(&event(TaskEventKind::TaskAssigned { assignee_id: ASSIGNEE.id }).task)
}

/// An unread notification of this number.
pub(crate) fn notification(seq: i64) -> Notification {
    let content = NotificationContent::TaskAssigned { task: task_names(), assigned_by: parsed("Ann") };
    Notification { seq, content, at: now(), read: false }
}

/// The claims of an access token of ASSIGNEE.
pub(crate) fn claims() -> AccessClaims {
    AccessClaims {
        user_id: ASSIGNEE.id,
        role: ASSIGNEE.role,
        source: TokenSource::Session(SessionId::new(8)),
        token_id: TokenId::new("access".to_owned()),
        epoch: 5,
        issued_at: at(1000),
        expires_at: at(1900),
        user_key: Some(KEY),
        session_key: Some(KEY),
    }
}
