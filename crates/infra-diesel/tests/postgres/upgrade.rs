//! Upgrades of databases of older releases.

use chrono::DateTime;
use fasttrack_domain::{
    email::Email,
    id::{ProjectId, SessionId, TaskId, UserId},
    membership::MemberRole,
    page::{Limit, PageRequest},
    ports::{Repositories, outbox::Consequence},
    position::Position,
    project::ProjectFilter,
    revocation::Revoked,
    search::SearchQuery,
    statistics::StatisticsDelta,
    task::{TaskFilter, TaskPageRequest, TaskQuery},
};
use fasttrack_infra_diesel::{SchemaState, postgres::Database};
use fasttrack_testkit::{
    builders::{NOBODY, subscriber},
    postgres::{self, Cluster},
};
use std::{collections::HashSet, sync::Arc};

/// The first three migrations, as Diesel keeps a record of them.
const FORMER: [&str; 4] = [
    include_str!("../../../../migrations/postgres/2026-11-21-000001_core/up.sql"),
    include_str!("../../../../migrations/postgres/2026-11-21-000002_idempotency/up.sql"),
    include_str!("../../../../migrations/postgres/2026-11-21-000003_schema_expansions/up.sql"),
    "CREATE TABLE __diesel_schema_migrations (
         version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
     );
     INSERT INTO __diesel_schema_migrations (version)
         VALUES ('20261121000001'), ('20261121000002'), ('20261121000003')",
];

const ROWS: &str = "
    INSERT INTO users (email, display_name, role, is_active, token_epoch, created_at, updated_at, version)
        VALUES ('ann@example.org', 'Ann', 'user', true, 0, now(), now(), 1);
    INSERT INTO projects (name, status, owner_id, created_at, updated_at, version)
        SELECT 'Garden', 'active', 1, now(), now(), 1 FROM generate_series(1, 2);
    INSERT INTO tasks (project_id, title, status, priority, created_at, updated_at, version)
        SELECT 1, 'Paint', unnest('{todo,done,todo,in_progress,todo,done}'::text[]), 'low', now(), to_timestamp(60), 1;
    INSERT INTO events (kind, payload, created_at) SELECT 'task_created', '{}', now() FROM generate_series(1, 6);
";

#[tokio::test]
async fn tasks_that_are_there_are_counted_and_their_events_forgotten() {
    let Some(cluster) = Cluster::shared() else { return };
    let old = cluster.create_database();
    for sql in FORMER.into_iter().chain([ROWS]) {
        postgres::Database::execute(&old, sql);
    }
    let database = Database::open(old.url(), 2).unwrap();
    let applied = database.migrate().await.unwrap();
    assert!(applied[0].ends_with("consequences"), "{applied:?}");

    let Repositories { outbox, statistics, .. } = database.repositories();
    let count = subscriber(|event, _| StatisticsDelta::of(event).map(Consequence::Count).into_iter().collect());
    assert_eq!(outbox.dispatch(Arc::new([count]), 10).await.unwrap().events, 0);
    let counted = statistics.find(ProjectId::new(1), NOBODY).await.unwrap().unwrap().statistics;
    assert_eq!((counted.todo, counted.in_progress, counted.done), (3, 1, 2));
    assert_eq!(counted.updated_at.timestamp(), 60);
    assert_eq!(statistics.find(ProjectId::new(2), NOBODY).await.unwrap().unwrap().statistics.total(), 0);
    assert_eq!(statistics.rebuild(counted.updated_at).await.unwrap(), 0);
}

const SESSIONS: &str = "
    INSERT INTO sessions (user_id, created_at, last_used_at, expires_at)
        SELECT 1, now(), now(), now() + interval '1 day' FROM generate_series(1, 2)
";

#[tokio::test]
async fn rows_of_former_programs_get_keys() {
    let Some(cluster) = Cluster::shared() else { return };
    let old = cluster.create_database();
    for sql in FORMER.into_iter().chain([ROWS, SESSIONS]) {
        postgres::Database::execute(&old, sql);
    }
    let database = Database::open(old.url(), 2).unwrap();
    database.migrate().await.unwrap();
    // Older programs may run beside this one.
    for sql in [&ROWS.replace("ann@", "bob@"), SESSIONS] {
        postgres::Database::execute(&old, sql);
    }
    let Repositories { users, sessions, .. } = database.repositories();
    let mut keys = HashSet::new();
    for id in 1..=2 {
        keys.insert(users.find(UserId::new(id)).await.unwrap().unwrap().key);
    }
    let page = sessions.list(UserId::new(1), DateTime::UNIX_EPOCH, PageRequest::default()).await.unwrap();
    keys.extend(page.items.into_iter().map(|session| session.key));
    assert_eq!(keys.len(), 6);
}

/// 70 live sessions of one user, the first five of which were not used for long.
const MANY_SESSIONS: &str = "
    INSERT INTO sessions (user_id, created_at, last_used_at, expires_at)
        SELECT 1, now(), CASE WHEN n > 5 THEN now() ELSE to_timestamp(0) END, now() + interval '1 day'
        FROM generate_series(1, 70) AS n
";

#[tokio::test]
async fn sessions_beyond_the_cap_end_with_the_upgrade() {
    let Some(cluster) = Cluster::shared() else { return };
    let old = cluster.create_database();
    for sql in FORMER.into_iter().chain([ROWS, MANY_SESSIONS]) {
        postgres::Database::execute(&old, sql);
    }
    let database = Database::open(old.url(), 2).unwrap();
    database.migrate().await.unwrap();
    let Repositories { sessions, revocations, .. } = database.repositories();
    let page = PageRequest { limit: Limit::new(100).unwrap(), cursor: None };
    let live = sessions.list(UserId::new(1), DateTime::UNIX_EPOCH, page).await.unwrap().items;
    assert!(live.iter().map(|session| session.id.get()).eq((21..=70).rev()));
    // Of a session that was not used for a day, no access token is left.
    let ended = revocations.since(0).await.unwrap().revocations.into_iter().map(|revocation| revocation.subject);
    let expected = (6..=20).map(|id| Revoked::Session(SessionId::new(id)));
    assert_eq!(ended.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
}

/// Accounts with these addresses, whose ids are 1, 2 and so on.
fn users(addresses: &[&str]) -> String {
    let row = |address: &&str| format!("('{address}', 'Ann', 'user', TRUE, 0, now(), now(), 1)");
    let rows = addresses.iter().map(row).collect::<Vec<_>>().join(", ");
    let columns = "email, display_name, role, is_active, token_epoch, created_at, updated_at, version";
    format!("INSERT INTO users ({columns}) VALUES {rows}")
}

fn former(old: &postgres::Database, rows: &str) -> Database {
    for sql in FORMER.into_iter().chain([rows]) {
        postgres::Database::execute(old, sql);
    }
    Database::open(old.url(), 2).unwrap()
}

#[tokio::test]
async fn addresses_get_the_form_of_today() {
    let Some(cluster) = Cluster::shared() else { return };
    let old = cluster.create_database();
    let database = former(&old, &users(&["αννας@example.org", "straße@bücher.example", "åsa@example.org", "a b@x"]));
    database.migrate().await.unwrap();
    let accounts = database.repositories().users;
    for (given, id, mailbox) in [
        ("ΑΝΝΑΣ@example.org", 1, "αννας@example.org"),
        ("STRASSE@xn--bcher-kva.example", 2, "straße@xn--bcher-kva.example"),
        ("A\u{30a}SA@example.org", 3, "åsa@example.org"),
    ] {
        let found = accounts.find_credentials(&Email::parse(given).unwrap()).await.unwrap().unwrap().user;
        assert_eq!((found.id.get(), found.email.as_str(), found.email_verified), (id, mailbox, false));
    }
    let odd = accounts.find(UserId::new(4)).await.unwrap().unwrap();
    assert_eq!(odd.email.as_str(), "a b@x");
}

#[tokio::test]
async fn addresses_that_clash_are_named_and_nothing_changes() {
    let Some(cluster) = Cluster::shared() else { return };
    let old = cluster.create_database();
    let clashing = ["ann@example.org", "αννας@example.org", "αννασ@example.org", "ß@x.org", "ẞ@x.org"];
    let database = former(&old, &users(&clashing));
    let before = database.schema_state().await.unwrap();
    let error = database.migrate().await.unwrap_err().to_string();
    assert!(error.contains("users 3 and 2, 4 and 5"), "{error}");
    assert_eq!(database.schema_state().await.unwrap(), before);
    let rid = "UPDATE users SET email = id || '@example.org' WHERE id IN (2, 5)";
    postgres::Database::execute(&old, rid);
    database.migrate().await.unwrap();
    assert_eq!(database.schema_state().await.unwrap(), SchemaState::UpToDate);
}

/// Statements of the release before members: its new projects and tasks, a change, a notification and a deletion.
const FORMER_STATEMENTS: &str = "
    INSERT INTO projects (name, description, status, owner_id, created_at, updated_at, version)
        VALUES ('Shed', NULL, 'active', 1, now(), now(), 1), ('Gone', NULL, 'active', 1, now(), now(), 1);
    UPDATE users SET project_count = project_count + 2 WHERE id = 1;
    INSERT INTO tasks (project_id, title, description, status, priority, assignee_id, created_at, updated_at, version)
        VALUES (3, 'Sweep', NULL, 'todo', 'low', 1, now(), now(), 1);
    UPDATE projects SET name = 'Barn', updated_at = now(), version = 2 WHERE id = 3 AND version = 1;
    INSERT INTO notifications (user_id, seq, content, created_at) VALUES (1, 1, '{}', now());
    DELETE FROM projects WHERE id = 4 AND version = 1;
";

#[tokio::test]
async fn owners_are_members_also_of_what_former_programs_make() {
    let Some(cluster) = Cluster::shared() else { return };
    let old = cluster.create_database();
    let database = former(&old, ROWS);
    database.migrate().await.unwrap();
    postgres::Database::execute(&old, FORMER_STATEMENTS);
    let Repositories { projects, members, tasks, .. } = database.repositories();
    let owner = UserId::new(1);
    let views = projects.list(ProjectFilter::of(owner), PageRequest::default()).await.unwrap().items;
    assert_eq!(views.iter().map(|view| view.project.id.get()).collect::<Vec<_>>(), [1, 2, 3]);
    for view in views {
        assert_eq!(view.membership, Some(MemberRole::Owner));
        let member = members.find(view.project.id, owner).await.unwrap().unwrap();
        assert_eq!((member.role, member.created_at), (MemberRole::Owner, view.project.created_at));
    }
    assert_eq!(members.find(ProjectId::new(4), owner).await.unwrap(), None);
    let task = tasks.find(TaskId::new(7), owner).await.unwrap().unwrap();
    assert_eq!((task.project.name.as_str(), task.project.membership), ("Barn", Some(MemberRole::Owner)));
    assert_eq!(task.assignee.unwrap().display_name.as_str(), "Ann");
}

/// Statements of the release before planning: a new task, and changes of three.
const FORMER_TASKS: &str = "
    INSERT INTO tasks (project_id, title, description, status, priority, assignee_id, created_at, updated_at, version)
        VALUES (1, 'Sweep', NULL, 'done', 'low', NULL, to_timestamp(7), to_timestamp(7), 1);
    UPDATE tasks SET status = 'in_progress', updated_at = to_timestamp(9), version = 2 WHERE id = 2 AND version = 1;
    UPDATE tasks SET title = 'Fence', status = 'done', updated_at = to_timestamp(8), version = 2 WHERE id = 4 AND version = 1;
    UPDATE tasks SET title = 'Gate', updated_at = to_timestamp(9), version = 2 WHERE id = 6 AND version = 1;
";

#[tokio::test]
async fn tasks_of_former_programs_are_completed_placed_and_found() {
    let Some(cluster) = Cluster::shared() else { return };
    let old = cluster.create_database();
    let database = former(&old, ROWS);
    database.migrate().await.unwrap();
    let Repositories { tasks, search, .. } = database.repositories();
    assert_eq!(search.fill(100).await.unwrap(), 6);
    postgres::Database::execute(&old, FORMER_TASKS);
    // Those that changed, and the new one.
    assert_eq!(search.fill(100).await.unwrap(), 4);
    assert_eq!(search.fill(100).await.unwrap(), 0);
    for (id, completed) in [(1, None), (2, None), (4, Some(8)), (6, Some(60)), (7, Some(7))] {
        let task = tasks.find(TaskId::new(id), NOBODY).await.unwrap().unwrap().task;
        assert_eq!(task.completed_at.map(|at| at.timestamp()), completed, "{id}");
        assert_eq!(task.position(), Position::initial(task.id));
    }
    for (words, expected) in [(None, &[1, 2, 3, 4, 5, 6, 7][..]), (Some("fen"), &[4])] {
        let filter =
            TaskFilter { search: words.map(|words| SearchQuery::parse(words).unwrap()), ..TaskFilter::default() };
        let query = TaskQuery { filter, sort: "position".parse().unwrap() };
        let found = tasks.list_in_project(ProjectId::new(1), NOBODY, query, TaskPageRequest::default()).await.unwrap();
        let ids: Vec<_> = found.unwrap().page.items.iter().map(|view| view.task.id.get()).collect();
        assert_eq!(ids, expected);
    }
}
