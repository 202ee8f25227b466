//! No list reads rows that don't match its filters, or sorts those that it finds.

use crate::lists;
use diesel::{QueryableByName, connection::InstrumentationEvent, sql_query, sql_types::Text};
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use fasttrack_infra_diesel::sqlite::{Connection, Database, SqliteLocation};
use std::{
    mem::take,
    sync::{Arc, Mutex},
};

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// Searches of one row by its whole key, and of the few that a task has: what a list is of, and what is joined to each of its
/// rows.
const SINGLE_ROWS: [&str; 9] = [
    "SEARCH projects USING INTEGER PRIMARY KEY (rowid=?)",
    "SEARCH members USING PRIMARY KEY (project_id=? AND user_id=?)",
    "SEARCH mine USING PRIMARY KEY (project_id=? AND user_id=?)",
    "SEARCH tasks USING INTEGER PRIMARY KEY (rowid=?)",
    // A project has one task at a position.
    "SEARCH tasks USING INDEX tasks_project_id_position (project_id=? AND <expr>=?)",
    "SEARCH users USING INTEGER PRIMARY KEY (rowid=?)",
    "SEARCH task_labels USING PRIMARY KEY (task_id=?)",
    "SEARCH labels USING INTEGER PRIMARY KEY (rowid=?)",
    "SEARCH task_reminders USING PRIMARY KEY (task_id=?)",
];

/// Results of at most the rows of a page.
const PAGES: [&str; 2] = ["CO-ROUTINE page", "MATERIALIZE page"];

/// The plan of a query.
async fn plan(database: &Database, sql: &str) -> Vec<String> {
    let explain = format!("EXPLAIN QUERY PLAN {sql}");
    let steps: Vec<Step> = database.read(async move |conn| Ok(sql_query(explain).load(conn).await?)).await.unwrap();
    steps.into_iter().map(|step| step.detail).collect()
}

/// The queries that a connection has begun.
type Recorded = Arc<Mutex<Vec<String>>>;

/// A database in memory, whose only connection records its queries.
async fn recording() -> (Database, Recorded) {
    let database = Database::open(&SqliteLocation::Memory).unwrap();
    database.migrate().await.unwrap();
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
        Ok(())
    };
    database.write(instrument).await.unwrap();
    (database, recorded)
}

/// Takes the reads that were recorded.
fn reads(recorded: &Recorded) -> Vec<String> {
    let queries = take(&mut *recorded.lock().unwrap());
    queries.into_iter().filter(|sql| sql.starts_with("SELECT ")).collect()
}

#[tokio::test]
async fn every_filter_is_a_condition_of_an_index() {
    let (database, recorded) = recording().await;
    lists::each(&database.repositories(), async |columns| {
        let queries = reads(&recorded);
        assert!(!queries.is_empty(), "{columns:?}");
        for sql in queries {
            let plan = plan(&database, &sql).await;
            let searches: Vec<_> = plan.iter().filter(|step| step.starts_with("SEARCH ")).collect();
            assert!(!searches.is_empty(), "{columns:?}: {sql}\n{plan:#?}");
            for search in searches {
                let is_complete = columns.iter().all(|column| search.contains(&format!("{column}=?")));
                let is_single_row = SINGLE_ROWS.iter().any(|single_row| search.starts_with(single_row));
                assert!(is_complete || is_single_row, "{columns:?}: {sql}\n{plan:#?}");
            }
            // Nothing else is scanned or sorted.
            let of_pages = plan.iter().filter(|step| PAGES.contains(&step.as_str())).count();
            let scans = plan.iter().filter(|step| step.starts_with("SCAN ")).count();
            assert!(scans == of_pages, "{columns:?}: {sql}\n{plan:#?}");
            let sorts = plan.iter().any(|step| step.contains("TEMP B-TREE"));
            assert!(!sorts || of_pages > 0, "{columns:?}: {sql}\n{plan:#?}");
        }
        recorded.lock().unwrap().clear();
    })
    .await;
}

/// Tasks of some projects and users, so that there are statistics. Most of them are of project 1 and user 1.
const FILL: &str = "
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20)
    INSERT INTO users (email, display_name, role, is_active, token_epoch, created_at, updated_at, version)
        SELECT n || '@example.org', n, 'user', 1, 0, 0, 0, 1 FROM numbers;
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20)
    INSERT INTO projects (name, status, owner_id, created_at, updated_at, version)
        SELECT n, 'active', n, 0, 0, 1 FROM numbers;
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 2000)
    INSERT INTO tasks (project_id, title, status, priority, assignee_id, created_at, updated_at, version, due_at)
        SELECT CASE WHEN n % 3 THEN 1 ELSE 1 + n % 20 END, n, CASE n % 2 WHEN 0 THEN 'todo' ELSE 'done' END,
            CASE n % 5 WHEN 0 THEN 'low' ELSE 'high' END, CASE WHEN n % 4 THEN 1 ELSE 1 + n % 20 END, 0, n, 1,
            CASE WHEN n % 2 THEN n END
        FROM numbers;
    ANALYZE;
";

/// Whether a step reads the result of another step.
fn is_of_result(step: &str) -> bool {
    ["SCAN page", "SCAN part"].iter().any(|part| step.starts_with(part))
}

async fn check_orders(database: &Database, recorded: &Recorded) {
    lists::each_order(&database.repositories(), async |index| {
        let queries = reads(recorded);
        assert!(!queries.is_empty(), "{index}");
        for sql in queries {
            let plan = plan(database, &sql).await;
            let used = format!(" {index} ");
            let is_right = |step: &&String| {
                step.contains(&used) || SINGLE_ROWS.iter().any(|single_row| step.starts_with(single_row))
            };
            let searches: Vec<_> = plan.iter().filter(|step| step.starts_with("SEARCH ")).collect();
            assert!(searches.iter().any(|step| step.contains(&used)), "{index}: {sql}\n{plan:#?}");
            assert!(searches.iter().all(is_right), "{index}: {sql}\n{plan:#?}");
            assert!(!plan.iter().any(|step| step.starts_with("SCAN ") && !is_of_result(step)), "{sql}\n{plan:#?}");
            // Only tasks with equal keys are sorted, where the index is read backwards.
            assert!(!plan.iter().any(|step| step == "USE TEMP B-TREE FOR ORDER BY"), "{sql}\n{plan:#?}");
        }
        recorded.lock().unwrap().clear();
    })
    .await;
}

#[tokio::test]
async fn every_order_is_read_from_an_index() {
    let (database, recorded) = recording().await;
    check_orders(&database, &recorded).await;
    database.write(async |conn| Ok(conn.batch_execute(FILL).await?)).await.unwrap();
    recorded.lock().unwrap().clear();
    check_orders(&database, &recorded).await;
}

#[tokio::test]
async fn search_reads_the_index_of_words() {
    let (database, recorded) = recording().await;
    lists::each_search(&database.repositories(), async || {
        let queries = reads(&recorded);
        assert!(!queries.is_empty());
        for sql in queries {
            let plan = plan(&database, &sql).await;
            let finds = |step: &String| step.starts_with("SCAN task_words VIRTUAL TABLE INDEX") && step.contains('M');
            assert!(plan.iter().any(finds), "{sql}\n{plan:#?}");
            assert!(!plan.iter().any(|step| step.starts_with("SCAN tasks USING")), "{sql}\n{plan:#?}");
        }
        recorded.lock().unwrap().clear();
    })
    .await;
}
