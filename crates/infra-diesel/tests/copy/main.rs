//! Copies between databases: every table, every row, and the ids of later rows.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use fasttrack_domain::{membership::MemberRole, ports::Repositories, task::TaskProject};
use fasttrack_infra_diesel::{
    SchemaState,
    copy::{Content, CopyError, Endpoint, Progress, Table, copy},
    postgres,
    sqlite::{self, SqliteLocation},
};
use fasttrack_testkit::{
    builders::{new_project, new_task, new_user},
    postgres::Cluster,
};
use std::collections::BTreeSet;
use tempfile::TempDir;

fn open(directory: &TempDir, name: &str) -> sqlite::Database {
    sqlite::Database::open(&SqliteLocation::File(directory.path().join(name))).unwrap()
}

async fn execute(database: &sqlite::Database, sql: impl Into<String>) {
    let sql = sql.into();
    database.write(async move |conn| Ok(conn.batch_execute(&sql).await?)).await.unwrap();
}

async fn filled(directory: &TempDir) -> sqlite::Database {
    let database = open(directory, "source.db");
    database.migrate().await.unwrap();
    execute(&database, include_str!("fill.sql")).await;
    database
}

async fn copied(from: &Endpoint, to: &Endpoint) -> Vec<(Table, Content)> {
    copy(from, to, |_| ()).await.unwrap()
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

async fn names(database: &sqlite::Database, query: impl Into<String>) -> Vec<String> {
    let query = query.into();
    let rows: Vec<Name> = database.read(async move |conn| Ok(sql_query(query).load(conn).await?)).await.unwrap();
    rows.into_iter().map(|row| row.name).collect()
}

/// Compares all rows of both files in SQLite.
async fn assert_equal(database: &sqlite::Database, directory: &TempDir, other: &str) {
    for table in Table::ALL.map(Table::name) {
        let file = directory.path().join(other);
        let query = format!(
            "SELECT name FROM (SELECT 'left' AS name, * FROM (SELECT * FROM {table} EXCEPT SELECT * FROM other.{table}))
             UNION ALL SELECT name FROM (SELECT 'right' AS name, * FROM (SELECT * FROM other.{table} EXCEPT SELECT * FROM {table}))"
        );
        let rows: Vec<Name> = database
            .read(async move |conn| {
                conn.batch_execute(&format!("ATTACH '{}' AS other", file.display())).await?;
                let rows = sql_query(query).load(conn).await?;
                conn.batch_execute("DETACH other").await?;
                Ok(rows)
            })
            .await
            .unwrap();
        assert_eq!(rows.len(), 0, "{table}");
    }
}

/// New ids are above the highest of the source, whose rows `fill.sql` has deleted.
async fn assert_ids_go_on(repositories: &Repositories) {
    let user = repositories.users.create(new_user()).await.unwrap();
    assert_eq!(user.id.get(), 301);
    let project = repositories.projects.create(new_project(user.id), None).await.unwrap();
    assert_eq!(project.id.get(), 121);
}

#[tokio::test]
async fn every_table_is_copied() {
    let directory = tempfile::tempdir().unwrap();
    let database = open(&directory, "fasttrack.db");
    database.migrate().await.unwrap();
    // The index of words is filled from the tasks.
    let schema = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*' \
         AND name NOT GLOB 'task_words*'";
    let tables: BTreeSet<_> = names(&database, schema).await.into_iter().collect();
    let kept: BTreeSet<_> =
        ["__diesel_schema_migrations", "schema_expansions"].into_iter().chain(Table::ALL.map(Table::name)).collect();
    assert_eq!(tables.iter().map(String::as_str).collect::<BTreeSet<_>>(), kept);
}

#[tokio::test]
async fn a_copy_in_another_file_is_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let source = filled(&directory).await;
    let target = open(&directory, "target.db");
    let mut steps = Vec::new();
    let contents = copy(&Endpoint::Sqlite(source), &Endpoint::Sqlite(target.clone()), |progress| steps.push(progress))
        .await
        .unwrap();

    assert_equal(&target, &directory, "source.db").await;
    assert_eq!(contents.iter().map(|(table, _)| *table).collect::<Vec<_>>(), Table::ALL);
    let rows: u64 = contents.iter().map(|(_, content)| content.rows).sum();
    let rows_of = |wanted| contents.iter().find(|(table, _)| *table == wanted).unwrap().1.rows;
    assert_eq!((rows_of(Table::Tasks), rows_of(Table::Members)), (2500, 1240));
    assert!(steps.is_sorted_by_key(|step| step.done));
    assert!(
        matches!(steps.last(), Some(Progress { checking: true, done, total, .. }) if *done == 2 * rows && done == total)
    );
    assert_ids_go_on(&target.repositories()).await;
}

#[tokio::test]
async fn to_postgresql_and_back_nothing_changes() {
    let Some(cluster) = Cluster::shared() else { return };
    let (first, second) = (cluster.create_database(), cluster.create_database());
    let (first, second) = (on_postgres(first.url()), on_postgres(second.url()));
    let directory = tempfile::tempdir().unwrap();
    let source = filled(&directory).await;
    let back = open(&directory, "back.db");

    let out = copied(&Endpoint::Sqlite(source), &Endpoint::Postgres(first.clone())).await;
    assert_eq!(copied(&Endpoint::Postgres(first.clone()), &Endpoint::Postgres(second.clone())).await, out);
    assert_eq!(copied(&Endpoint::Postgres(second.clone()), &Endpoint::Sqlite(back.clone())).await, out);

    assert_equal(&back, &directory, "source.db").await;
    assert_ids_go_on(&back.repositories()).await;
    assert_ids_go_on(&second.repositories()).await;
    let given = "INSERT INTO events (id, kind, payload, created_at) VALUES (5000, 'given', '{}', now())";
    let given = second.write(async move |conn| Ok(conn.batch_execute(given).await?)).await;
    assert!(given.is_err(), "ids are the database's own again");
}

fn on_postgres(url: &str) -> postgres::Database {
    postgres::Database::open(url, 4).unwrap()
}

#[tokio::test]
async fn the_target_fills_its_index_of_words() {
    let directory = tempfile::tempdir().unwrap();
    let source = open(&directory, "source.db");
    source.migrate().await.unwrap();
    let repositories = source.repositories();
    let owner = repositories.users.create(new_user()).await.unwrap().id;
    let project = repositories.projects.create(new_project(owner), None).await.unwrap();
    let project = TaskProject::new(project, Some(MemberRole::Owner));
    let task = repositories.tasks.create(new_task(&project), None).await.unwrap();
    let outdated = "SELECT title AS name FROM tasks WHERE words_version <> version";
    assert!(names(&source, outdated).await.is_empty());

    let target = open(&directory, "target.db");
    copied(&Endpoint::Sqlite(source), &Endpoint::Sqlite(target.clone())).await;
    assert_eq!(names(&target, outdated).await, [task.title.as_str()]);
    assert_eq!(target.repositories().search.fill(100).await.unwrap(), 1);
    assert!(names(&target, outdated).await.is_empty());
}

#[tokio::test]
async fn a_target_with_rows_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let source = filled(&directory).await;
    let target = open(&directory, "target.db");
    target.migrate().await.unwrap();
    let user = target.repositories().users.create(new_user()).await.unwrap();
    let refused = copy(&Endpoint::Sqlite(source), &Endpoint::Sqlite(target.clone()), |_| ()).await.unwrap_err();
    assert_eq!(refused.to_string(), "the target isn't empty: it has rows in users");
    assert_eq!(names(&target, "SELECT email AS name FROM users").await, [user.email.as_str()]);
    assert!(names(&target, "SELECT title AS name FROM tasks").await.is_empty());
}

#[tokio::test]
async fn a_copy_that_differs_is_undone() {
    for (tampering, table) in [
        (
            "CREATE TRIGGER t AFTER INSERT ON tasks WHEN new.id = 2001 BEGIN UPDATE tasks SET title = 'x' WHERE id = 2001; END",
            Table::Tasks,
        ),
        (
            "CREATE TRIGGER t AFTER INSERT ON events WHEN new.id = 7 BEGIN DELETE FROM events WHERE id = 7; END",
            Table::Events,
        ),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let source = filled(&directory).await;
        let target = open(&directory, "target.db");
        target.migrate().await.unwrap();
        execute(&target, tampering).await;
        match copy(&Endpoint::Sqlite(source), &Endpoint::Sqlite(target.clone()), |_| ()).await {
            Err(CopyError::Differs { table: wrong, read, written }) => assert!(wrong == table && read != written),
            other => panic!("{other:?}"),
        }
        assert!(names(&target, "SELECT email AS name FROM users").await.is_empty());
    }
}

#[tokio::test]
async fn a_source_of_another_version_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let database = open(&directory, "source.db");
    let (source, target) = (Endpoint::Sqlite(database.clone()), Endpoint::Sqlite(open(&directory, "target.db")));
    let refused = copy(&source, &target, |_| ()).await;
    assert!(matches!(refused, Err(CopyError::Schema(SchemaState::Behind(_)))), "{refused:?}");

    database.migrate().await.unwrap();
    let added = "INSERT INTO schema_expansions VALUES ('99990101000000');
                 INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')";
    execute(&database, added).await;
    let refused = copy(&source, &target, |_| ()).await;
    assert!(
        matches!(refused, Err(CopyError::Schema(SchemaState::Newer(_)))),
        "what was added would be lost: {refused:?}"
    );
}

#[tokio::test]
async fn a_database_in_memory_can_not_be_copied() {
    let directory = tempfile::tempdir().unwrap();
    let memory = sqlite::Database::open(&SqliteLocation::Memory).unwrap();
    let refused = copy(&Endpoint::Sqlite(memory), &Endpoint::Sqlite(open(&directory, "target.db")), |_| ()).await;
    assert!(matches!(refused, Err(CopyError::Source(_))), "{refused:?}");
}
