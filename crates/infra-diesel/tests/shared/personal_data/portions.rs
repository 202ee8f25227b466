//! The size of the portions that an account is erased in.

use super::Sql;
use fasttrack_domain::{
    id::UserId,
    ports::{Repositories, erasure::Begun},
};
use fasttrack_testkit::builders::{MOMENT, new_user};

/// Rows of one kind that a portion may change, so that other writers don't wait long.
const PORTION: i64 = 200;

/// What is erased in portions: one query for each kind of row.
const KINDS: [&str; 8] = [
    "SELECT count(*) AS count FROM tasks WHERE project_id = 1",
    "SELECT count(*) AS count FROM comments",
    "SELECT count(*) AS count FROM tasks WHERE assignee_id = 1",
    "SELECT count(*) AS count FROM notifications WHERE user_id = 1",
    "SELECT count(*) AS count FROM notifications WHERE actor_id = 1",
    "SELECT count(*) AS count FROM deliveries WHERE webhook_id = 1",
    "SELECT count(*) AS count FROM deliveries WHERE actor_id = 1",
    "SELECT count(*) AS count FROM user_changes WHERE user_id = 1",
];

fn statements(at: &str) -> String {
    let numbers = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 700)";
    let task = "project_id, title, status, priority, assignee_id, created_at, updated_at, version";
    let content = r#"{"type":"comment_added","data":{"task_id":1,"task":"a","project_id":2,"project":"b","comment_id":1,"author":"c"}}"#;
    let change = r#"{"change":"project_updated","payload":{"id":2,"name":"House","description":null,"status":"active","owner_id":2,"created_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z","version":1}}"#;
    let payload = format!(
        r#"{{"kind":"change","actor":{{"id":1,"display_name":"Ann"}},"at":"2026-01-02T03:04:05Z","change":{change}}}"#
    );
    let delivery = "webhook_id, message_id, kind, subject, status, attempts, attempts_before, created_at, next_attempt_at, actor_id, payload";
    format!(
        "INSERT INTO projects (name, status, owner_id, created_at, updated_at, version)
            VALUES ('Own', 'active', 1, {at}, {at}, 1), ('House', 'active', 2, {at}, {at}, 1);
        INSERT INTO tasks ({task}) {numbers} SELECT 1, 'Own', 'todo', 'low', NULL, {at}, {at}, 1 FROM numbers;
        UPDATE tasks SET parent_id = 1 WHERE id > 1;
        INSERT INTO comments (task_id, author_id, body, created_at) SELECT id, 2, 'Done', {at} FROM tasks;
        INSERT INTO tasks ({task}) {numbers} SELECT 2, 'Paint', 'todo', 'low', 1, {at}, {at}, 1 FROM numbers;
        INSERT INTO notifications (user_id, seq, content, created_at, actor_id)
            {numbers} SELECT 1, n, '{content}', {at}, 2 FROM numbers UNION ALL SELECT 2, n, '{content}', {at}, 1 FROM numbers;
        INSERT INTO user_changes (user_id, kind, thing_id, project_id, seq, changed_at)
            {numbers} SELECT 1, 'task', n, 2, n, {at} FROM numbers;
        INSERT INTO webhooks (project_id, url, types, is_active, secret, created_at, updated_at)
            SELECT id, 'https://house.example', 'project.updated', TRUE, 'whsec_', {at}, {at} FROM projects ORDER BY id;
        INSERT INTO deliveries ({delivery})
            {numbers} SELECT 1, n, 'project.updated', 'project/1', 'pending', 0, 0, {at}, {at}, 2, '{payload}' FROM numbers
            UNION ALL SELECT 2, n, 'project.updated', 'project/2', 'pending', 0, 0, {at}, {at}, 1, '{payload}' FROM numbers;"
    )
}

async fn counts<S: Sql>(database: &S) -> [i64; KINDS.len()] {
    let mut counts = [0; KINDS.len()];
    for (count, kind) in counts.iter_mut().zip(KINDS) {
        *count = database.count(kind.to_owned()).await;
    }
    counts
}

/// Erases an account with many rows. Each portion is done by other repositories, as after a restart.
pub async fn assert_portions_are_small<S: Sql>(open: impl Fn() -> Repositories, database: &S) {
    let users = open().users;
    for _ in 0..2 {
        users.create(new_user()).await.unwrap();
    }
    database.execute(statements(S::EPOCH)).await;
    let user = users.find(UserId::new(1)).await.unwrap().unwrap();
    let new = user.erase(None, MOMENT);
    let begun = open().erasures.begin(new.clone()).await.unwrap();
    assert!(matches!(begun, Begun::Erased(_)), "{begun:?}");

    let (mut before, mut steps) = (counts(database).await, 0);
    assert_eq!(before, [700; KINDS.len()]);
    while !open().erasures.step(&new.erasure).await.unwrap() {
        let after = counts(database).await;
        for ((before, after), kind) in before.iter().zip(after).zip(KINDS) {
            assert!(before - after <= PORTION, "{kind}: {before} and {after}");
        }
        before = after;
        steps += 1;
        assert!(steps < 100, "the erasure doesn't end: {before:?}");
    }
    assert_eq!(counts(database).await, [0; KINDS.len()]);
    let ended = "SELECT count(*) AS count FROM tasks WHERE project_id = 2 AND version = 2";
    assert_eq!(database.count(ended.to_owned()).await, 700);
    let others = "SELECT count(*) AS count FROM notifications WHERE user_id = 2 AND content LIKE '%\"Deleted user\"%'";
    assert_eq!(database.count(others.to_owned()).await, 700);
    let sent = "SELECT count(*) AS count FROM deliveries WHERE actor_id = 0 AND payload LIKE '%\"Deleted user\"%'";
    assert_eq!(database.count(sent.to_owned()).await, 700);
}
