//! No list reads rows that don't match its filters.

use crate::lists;
use diesel::{QueryableByName, connection::InstrumentationEvent, sql_query, sql_types::Text};
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use fasttrack_domain::{
    id::{ProjectId, UserId},
    task::{TaskPageRequest, TaskQuery},
};
use fasttrack_infra_diesel::postgres::{Connection, Database};
use fasttrack_testkit::postgres::Cluster;
use futures_util::future::join_all;
use std::{
    mem::take,
    sync::{Arc, Mutex},
};

/// Enough rows for the planner to prefer one index to another; many match one filter alone.
const FILL: &str = r"
    INSERT INTO users (email, display_name, role, is_active, token_epoch, created_at, updated_at, version)
        SELECT n || '@example.org', n, (ARRAY['admin', 'user'])[1 + n % 2], n % 3 > 0, 0, now(), now(), 1
        FROM generate_series(1, 1000) n;
    INSERT INTO projects (name, status, owner_id, created_at, updated_at, version)
        SELECT n, (ARRAY['active', 'archived'])[1 + n % 2], 1 + n % 10, now(), now(), 1
        FROM generate_series(1, 1000) n;
    INSERT INTO members (project_id, user_id, role, created_at)
        SELECT p, 11 + (p + m) % 50, (ARRAY['editor', 'commenter', 'viewer'])[1 + (p + m) % 3], now()
        FROM generate_series(1, 1000) p, generate_series(1, 10) m;
    INSERT INTO tasks (project_id, title, status, priority, assignee_id, created_at, updated_at, version, due_at)
        SELECT 1 + n % 5, n, (ARRAY['todo', 'in_progress', 'done'])[1 + n % 3],
            (ARRAY['low', 'medium', 'high'])[1 + n % 7 % 3], CASE WHEN n % 2 > 0 THEN 1 + n % 11 END, now(),
            now() + n * interval '1 second', 1, CASE WHEN n % 3 > 0 THEN now() + n * interval '1 second' END
        FROM generate_series(1, 4000) n;
    INSERT INTO task_words
        SELECT id, array_to_tsvector(ARRAY['#' || project_id, 'fence' || id % 100, 'paint' || id % 90]) FROM tasks;
    INSERT INTO audit (at, actor_id, action, object, changes)
        SELECT now() - n * interval '1 minute', CASE WHEN n % 3 > 0 THEN n % 50 END, 'login',
            CASE WHEN n % 5 > 0 THEN 'user/' || n % 70 END, '{}'
        FROM generate_series(1, 4000) n;
    -- By its statistics the planner may prefer to go through all rows in the order of their ids, where it expects many that
    -- fit. Here it has to show what it can do where none does.
    ALTER TABLE users DROP CONSTRAINT users_pkey CASCADE;
    ALTER TABLE projects DROP CONSTRAINT projects_pkey CASCADE;
    ALTER TABLE tasks DROP CONSTRAINT tasks_pkey CASCADE;
    CREATE INDEX projects_by_id ON projects USING hash (id);
    CREATE INDEX users_by_id ON users USING hash (id);
    CREATE INDEX tasks_by_id ON tasks USING hash (id);
    ANALYZE;
";

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    #[diesel(column_name = "QUERY PLAN")]
    line: String,
}

/// The plan of a query for any parameters.
async fn plan(database: &Database, sql: &str) -> Vec<String> {
    let values = (1..100).take_while(|n| sql.contains(&format!("${n}"))).map(|_| "NULL").collect::<Vec<_>>().join(", ");
    let (prepare, explain) = (format!("PREPARE query AS {sql}"), format!("EXPLAIN EXECUTE query({values})"));
    let steps = async move |conn: &mut Connection| {
        conn.batch_execute(&prepare).await?;
        let steps = sql_query(&explain).load(conn).await?;
        // Only this one: those of the repositories are cached by Diesel.
        conn.batch_execute("DEALLOCATE query").await?;
        Ok(steps)
    };
    let steps: Vec<Step> = database.read(steps).await.unwrap();
    steps.into_iter().map(|step| step.line).collect()
}

/// Whether a repository makes the query: others are of Diesel.
fn is_ours(sql: &str) -> bool {
    sql.contains('"') || sql.contains(" members ")
}

/// The queries that a connection has begun.
type Recorded = Arc<Mutex<Vec<String>>>;

/// A filled database, whose only connection records its queries, and plans them for any parameters.
async fn recording(url: &str) -> (Database, Recorded) {
    // One connection: the one whose queries are recorded.
    let database = Database::open(url, 1).unwrap();
    database.migrate().await.unwrap();
    database.write(async |conn| Ok(conn.batch_execute(FILL).await?)).await.unwrap();
    let recorded: Recorded = Arc::default();
    let record = {
        let recorded = Arc::clone(&recorded);
        move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                let text = query.to_string();
                recorded.lock().unwrap().push(text.split(" -- binds").next().unwrap().to_owned());
            }
        }
    };
    let instrument = async move |conn: &mut Connection| {
        conn.set_instrumentation(record);
        Ok(conn.batch_execute("SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off").await?)
    };
    database.write(instrument).await.unwrap();
    (database, recorded)
}

/// Takes the reads of repositories that were recorded.
fn reads(recorded: &Recorded) -> Vec<String> {
    let queries = take(&mut *recorded.lock().unwrap());
    queries.into_iter().filter(|sql| sql.starts_with("SELECT ") && is_ours(sql)).collect()
}

fn is_filter(line: &str) -> bool {
    line.contains("Filter:") && !line.contains("Join Filter:")
}

#[tokio::test]
async fn every_filter_is_a_condition_of_an_index() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let (database, recorded) = recording(empty.url()).await;
    lists::each(&database.repositories(), async |columns| {
        let queries = reads(&recorded);
        assert!(!queries.is_empty(), "{columns:?}");
        for sql in queries {
            let plan = plan(&database, &sql).await;
            // Accounts are listed by administrators alone, and one has an address: an index for one filter is enough.
            if sql.contains(r#"FROM "users""#) {
                assert!(plan.iter().any(|line| line.contains("Index Cond:")), "{columns:?}: {sql}\n{plan:#?}");
                continue;
            }
            // The status is compared with each project of a user.
            let compares_status = sql.contains(r#""projects"."status" = $"#) && sql.contains(r#"FROM ("members""#);
            assert!(compares_status || !plan.iter().any(|line| is_filter(line)), "{columns:?}: {sql}\n{plan:#?}");
            for column in &columns {
                let is_in = |line: &String| line.contains("Index Cond:") && line.contains(column);
                assert!(plan.iter().any(is_in), "{columns:?}: {sql}\n{plan:#?}");
            }
        }
        recorded.lock().unwrap().clear();
    })
    .await;
}

#[tokio::test]
async fn every_order_is_read_from_an_index() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let (database, recorded) = recording(empty.url()).await;
    lists::each_order(&database.repositories(), async |index| {
        let queries = reads(&recorded);
        assert!(!queries.is_empty(), "{index}");
        for sql in queries {
            let plan = plan(&database, &sql).await;
            assert!(plan.iter().any(|line| line.contains(&format!(" {index} "))), "{index}: {sql}\n{plan:#?}");
            // One task of a project has a position: where it is behind the cursor by its id, it is on the page.
            let reads_others = |line: &String| is_filter(line) && !line.contains("Filter: (id > $");
            assert!(!plan.iter().any(reads_others), "{index}: {sql}\n{plan:#?}");
        }
        recorded.lock().unwrap().clear();
    })
    .await;
}

#[tokio::test]
async fn pages_read_together_are_read_from_an_index() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let (database, recorded) = recording(empty.url()).await;
    let tasks = database.repositories().tasks;
    let list = |project| {
        tasks.list_in_project(ProjectId::new(project), UserId::new(1), TaskQuery::default(), TaskPageRequest::default())
    };
    for page in join_all((1..9).map(list)).await {
        assert!(page.unwrap().is_some());
    }
    let sql = reads(&recorded).into_iter().find(|sql| sql.contains(" AS asked (")).unwrap();
    // Parameters of a prepared text have no types, as `unnest` takes any.
    let sql = (1..5).fold(sql, |sql, n| sql.replace(&format!("${n}"), &format!("${n}::bigint[]")));
    let plan = plan(&database, &sql).await;
    let is_condition = |line: &String| line.contains("Index Cond: ((project_id = asked.id) AND (id > asked.after))");
    assert!(plan.iter().any(is_condition), "{sql}\n{plan:#?}");
    assert!(!plan.iter().any(|line| line.contains("Sort") || is_filter(line)), "{sql}\n{plan:#?}");
}

#[tokio::test]
async fn search_reads_the_index_of_words() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let (database, recorded) = recording(empty.url()).await;
    lists::each_search(&database.repositories(), async || {
        let queries = reads(&recorded);
        assert!(!queries.is_empty());
        for sql in queries {
            let plan = plan(&database, &sql).await;
            assert!(plan.iter().any(|line| line.contains(" on task_words_words")), "{sql}\n{plan:#?}");
        }
        recorded.lock().unwrap().clear();
    })
    .await;
}
