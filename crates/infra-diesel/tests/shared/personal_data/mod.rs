//! What each column holds of a user, and what becomes of that when the account is erased.

mod columns;
mod portions;

pub use portions::assert_portions_are_small;

use columns::{
    Column,
    Holds::{Erased, Exported},
    columns,
};
use fasttrack_domain::{
    comment::{Comment, CommentView},
    email::Email,
    event::{Change, ProjectChanged},
    id::{CommentId, ProjectId, TaskId, UserId},
    job::JobPayload,
    notification::NotificationContent,
    password::PasswordHash,
    person::Person,
    ports::{Repositories, erasure::Begun},
    user::NewUser,
    webhook::{DeliveryContent, NewDelivery},
};
use fasttrack_testkit::builders::{MOMENT, body, display_name, new_notification, new_user, task_names};

/// SQL on a database, and what is written differently there.
pub trait Sql {
    /// An expression for the first moment of 1970.
    const EPOCH: &'static str;

    /// An expression for 32 bytes of the value 0x77.
    const BYTES: &'static str;

    /// An expression for the hexadecimal form of a column.
    fn hex(column: &str) -> String;

    /// A query for how many tasks the index of words has with this lexeme, with the name `count`.
    fn tasks_with(lexeme: &str) -> String;

    async fn execute(&self, sql: String);

    /// Executes a query for one number, with the name `count`.
    async fn count(&self, sql: String) -> i64;
}

/// The user that is erased. Every text of it has its name.
const USER: UserId = UserId::new(1);

/// What the index of words has of [`USER`]: a word of its own task, and the assignee of another task.
const LEXEMES: [&str; 2] = ["xanthippe", "@1"];

/// Inserts into every column that holds something of a user: of [`USER`] and of another one, who shares a project with it.
async fn fill<S: Sql>(repositories: &Repositories, database: &S) {
    let new = NewUser {
        email: Email::parse("xanthippe@example.org").unwrap(),
        display_name: display_name("Xanthippe"),
        password_hash: Some(PasswordHash::new("hash of xanthippe".to_owned())),
        ..new_user()
    };
    assert_eq!(repositories.users.create(new).await.unwrap().id, USER);
    let other = repositories.users.create(new_user()).await.unwrap().id;
    let mut content = new_notification(other, ProjectId::new(2), 2).content;
    content.set_actor(display_name("Xanthippe"));
    let assigned = |user_id| JobPayload::TaskAssignedMail {
        user_id,
        task: task_names(ProjectId::new(2), TaskId::new(2).get()),
        assigned_by: display_name("Xanthippe"),
        // As a former release stored it.
        assigned_by_id: None,
    };
    let event = commented();
    let delivery = NewDelivery::of(&event, &display_name("Xanthippe")).content();
    let reset = JobPayload::PasswordResetMail { email: Email::parse("xanthippe@example.org").unwrap() };
    database.execute(statements::<S>(&content, &assigned(USER), &assigned(other), &reset)).await;
    database.execute(statements_of_webhooks::<S>(&event, &delivery)).await;
    assert_eq!(repositories.search.fill(100).await.unwrap(), 2);
}

/// A comment of [`USER`] in the project of the other one, as it is recorded for webhooks.
fn commented() -> ProjectChanged {
    let (id, task_id, author_id) = (CommentId::new(2), TaskId::new(2), USER);
    let comment = Comment { id, task_id, author_id, body: body("Done"), created_at: MOMENT };
    let author = Person { id: USER, display_name: display_name("Xanthippe") };
    let change = Box::new(Change::CommentCreated(CommentView { comment, author }));
    ProjectChanged { project_id: ProjectId::new(2), actor_id: USER, at: MOMENT, change }
}

fn statements_of_webhooks<S: Sql>(event: &ProjectChanged, delivery: &DeliveryContent) -> String {
    let at = S::EPOCH;
    let (event, delivery) = (serde_json::to_string(event).unwrap(), serde_json::to_string(delivery).unwrap());
    format!(
        "INSERT INTO webhooks (project_id, url, types, is_active, secret, previous_secret, created_at, updated_at)
            VALUES (1, 'https://xanthippe.example', 'task.created', TRUE, 'whsec_xanthippe', 'whsec_xanthippe', {at}, {at}),
                (2, 'https://house.example', 'task.created', TRUE, 'whsec_house', NULL, {at}, {at});
        UPDATE projects SET active_webhooks = 1;
        INSERT INTO deliveries (webhook_id, message_id, kind, subject, status, attempts, attempts_before, created_at,
                next_attempt_at, finished_at, actor_id, person_id, payload)
            VALUES (1, 'msg_1', 'comment.created', 'task/1', 'pending', 0, 0, {at}, {at}, NULL, 2, NULL, '{{}}'),
                (2, 'msg_2', 'comment.created', 'task/2', 'pending', 0, 0, {at}, {at}, NULL, 1, 1, '{delivery}'),
                (2, 'msg_3', 'comment.created', 'task/2', 'failed', 1, 0, {at}, NULL, {at}, 2, 1, '{delivery}'),
                (2, 'msg_4', 'comment.created', 'task/2', 'failed', 1, 0, {at}, NULL, {at}, 2, 1, '\"Xanthippe\"');
        INSERT INTO events (kind, payload, created_at) VALUES ('project_changed', '{event}', {at});"
    )
}

fn statements<S: Sql>(
    content: &NotificationContent,
    held: &JobPayload,
    queued: &JobPayload,
    reset: &JobPayload,
) -> String {
    let (at, bytes) = (S::EPOCH, S::BYTES);
    let content = serde_json::to_string(content).unwrap();
    let [held, queued, reset] = [held, queued, reset].map(|payload| serde_json::to_string(payload).unwrap());
    format!(
        r#"UPDATE users SET mailbox = 'Xanthippe@example.org', pending_email = 'xanthippe@example.com' WHERE id = 1;
        INSERT INTO projects (name, description, status, owner_id, created_at, updated_at, version) VALUES
            ('Xanthippe''s', 'Of Xanthippe', 'active', 1, {at}, {at}, 1), ('House', NULL, 'active', 2, {at}, {at}, 1);
        INSERT INTO inboxes (user_id, project_id) VALUES (1, 1);
        INSERT INTO members (project_id, user_id, role, created_at) VALUES (2, 1, 'editor', {at});
        UPDATE projects SET member_count = 1 WHERE id = 2;
        INSERT INTO tasks (project_id, title, description, status, priority, assignee_id, created_at, updated_at, version)
            VALUES (1, 'Of Xanthippe', 'Of Xanthippe', 'todo', 'low', NULL, {at}, {at}, 1),
                (2, 'Paint', NULL, 'todo', 'low', 1, {at}, {at}, 1);
        INSERT INTO labels (project_id, name, name_key, color) VALUES (1, 'Of Xanthippe', 'of xanthippe', '#808080');
        UPDATE projects SET label_count = 1 WHERE id = 1;
        INSERT INTO task_labels (task_id, label_id) VALUES (1, 1);
        INSERT INTO task_reminders (task_id, at) VALUES (1, {at}), (2, {at});
        INSERT INTO comments (task_id, author_id, body, created_at)
            VALUES (1, 2, 'To Xanthippe', {at}), (2, 1, 'Done', {at});
        INSERT INTO sessions (user_id, created_at, last_used_at, expires_at, ip, user_agent)
            VALUES (1, {at}, {at}, {at}, 'ip of xanthippe', 'agent of xanthippe');
        INSERT INTO refresh_tokens (jti, session_id, expires_at) VALUES ('token of xanthippe', 1, {at});
        INSERT INTO api_tokens (user_id, name, prefix, hash, scopes, project_ids, created_at, revoked_at)
            VALUES (1, 'Of Xanthippe', 'ft_xanthippe', {bytes}, 'tasks:read', '[1]', {at}, NULL);
        INSERT INTO idempotency_records (user_id, key, fingerprint, created, expires_at)
            VALUES (1, 'key of xanthippe', {bytes}, 'by xanthippe', {at});
        INSERT INTO notification_heads (user_id, last_seq, read_up_to) VALUES (1, 1, 0), (2, 2, 0);
        INSERT INTO notifications (user_id, seq, content, created_at, actor_id)
            VALUES (1, 1, '{content}', {at}, 2), (2, 1, '{content}', {at}, 1), (2, 2, '{content}', {at}, NULL);
        INSERT INTO jobs (kind, payload, attempts, run_at, created_at, key, dead_at, last_error)
            VALUES ('task_assigned_mail', '{queued}', 0, {at}, {at}, NULL, NULL, NULL),
                ('password_reset_mail', '{reset}', 12, {at}, {at}, 'of xanthippe@example.org', {at}, 'no xanthippe');
        INSERT INTO password_resets (user_id, email, hash, mails, expires_at)
            VALUES (1, 'xanthippe@example.org', {bytes}, 1, {at});
        INSERT INTO email_verifications (user_id, email, hash, mails, repeats, expires_at)
            VALUES (1, 'xanthippe@example.com', {bytes}, 1, 0, {at});
        INSERT INTO identities (issuer, subject, user_id, created_at)
            VALUES ('https://issuer.example', 'xanthippe', 1, {at});
        INSERT INTO invitations (project_id, email, address_key, role, invited_by, created_at, expires_at)
            VALUES (2, 'xanthippe@example.org', 'xanthippe@example.org', 'viewer', 2, {at}, {at}),
                (1, 'friend.of.xanthippe@example.org', 'friend.of.xanthippe@example.org', 'viewer', 1, {at}, {at});
        INSERT INTO invitation_mails (address_key, sent_at) VALUES ('xanthippe@example.org', {at});
        INSERT INTO user_changes (user_id, kind, thing_id, project_id, seq, changed_at) VALUES (1, 'task', 2, 2, 1, {at});
        INSERT INTO sent_notices (mail, user_id, kind, sent_at) VALUES ('m', 1, 'account', {at});
        INSERT INTO held_notices (user_id, mail, key, kind, payload, held_at)
            VALUES (1, '', 'task 1', 'task', '{held}', {at}), (2, '', 'task 2', 'task', '{queued}', {at});
        INSERT INTO audit (at, actor_id, action, object, changes, ip) VALUES ({at}, 1, 'user.updated', 'user/1',
            '{{"display_name":["Ann","Xanthippe"],"email":["xanthippe@example.com","xanthippe@example.org"],"role":["user","admin"]}}',
            '192.0.2.1');"#
    )
}

/// How many values a column has of [`USER`].
async fn values<S: Sql>(database: &S, column: &Column) -> i64 {
    let Column { table, name, kind, .. } = column;
    let is_of_user = match kind.trim_start_matches("Nullable<").trim_end_matches('>') {
        "Text" => format!("lower({name}) LIKE '%xanthippe%'"),
        "BigInt" => format!("{name} = 1"),
        "Binary" => format!("lower({}) = '{}'", S::hex(name), "77".repeat(32)),
        other => panic!("`{table}.{name}` can't be compared, as it is {other}"),
    };
    database.count(format!("SELECT count(*) AS count FROM {table} WHERE {is_of_user}")).await
}

/// Erases an account that has something in every column, and looks for it in the whole database.
pub async fn assert_everything_is_erased<S: Sql>(repositories: &Repositories, database: &S) {
    fill(repositories, database).await;
    let columns = columns();
    let erased = || columns.iter().filter(|column| matches!(column.holds, Exported | Erased));
    for column in erased() {
        assert!(values(database, column).await > 0, "`{}.{}` is not filled", column.table, column.name);
    }
    for lexeme in LEXEMES {
        assert_eq!(database.count(S::tasks_with(lexeme)).await, 1, "{lexeme}");
    }

    let user = repositories.users.find(USER).await.unwrap().unwrap();
    let new = user.erase(None, MOMENT);
    let begun = repositories.erasures.begin(new.clone()).await.unwrap();
    assert!(matches!(begun, Begun::Erased(_)), "{begun:?}");
    let mut steps = 0;
    while !repositories.erasures.step(&new.erasure).await.unwrap() {
        steps += 1;
        assert!(steps < 20, "the erasure doesn't end");
    }

    for column in erased() {
        assert_eq!(values(database, column).await, 0, "`{}.{}`", column.table, column.name);
    }
    // Nor is the name anywhere else.
    for column in columns.iter().filter(|column| column.kind.contains("Text")) {
        assert_eq!(values(database, column).await, 0, "`{}.{}`", column.table, column.name);
    }
    // The task of another one, which isn't assigned any more, is indexed anew.
    assert_eq!(repositories.search.fill(100).await.unwrap(), 1);
    for lexeme in LEXEMES {
        assert_eq!(database.count(S::tasks_with(lexeme)).await, 0, "{lexeme}");
    }
    let stays = "SELECT count(*) AS count FROM comments WHERE author_id = 1".to_owned();
    assert_eq!(database.count(stays).await, 1);
    let kept =
        r#"SELECT count(*) AS count FROM audit WHERE object = 'user/1' AND changes LIKE '%"role":["user","admin"]%'"#;
    assert_eq!(database.count(kept.to_owned()).await, 1);
}
