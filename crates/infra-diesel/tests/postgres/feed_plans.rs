//! The change feed is read by indexes: neither other projects nor things that didn't change cost anything.

use crate::feed_queries;
use diesel::{QueryableByName, connection::InstrumentationEvent, sql_query, sql_types::Text};
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use fasttrack_infra_diesel::postgres::{Connection, Database};
use fasttrack_testkit::postgres::Cluster;
use std::{
    collections::BTreeSet,
    mem::take,
    sync::{Arc, Mutex},
};

/// Parts of queries, and the index that a query with that part uses.
const INDEXES: [(&str, &str); 9] = [
    ("UNION SELECT +user_id FROM user_changes", " user_changes_seq "),
    ("AND lost_seq > ", " user_changes_lost "),
    ("SELECT id, comment_count FROM tasks", " tasks_project_id "),
    ("AS is_of_member", " tasks_assignee_id "),
    ("FROM members LEFT JOIN user_changes", " changes_project_id "),
    ("changes.project_id = wanted.value", " changes_project_id "),
    ("FROM changes WHERE seq > ", " changes_seq "),
    ("FROM user_changes AS own", " user_changes_user_id "),
    ("FROM changes WHERE task_id", " changes_task_id "),
];

/// Changes of 200 projects, of which each has 100, comments on 100 tasks, and what 200 users have to look at again. Their
/// numbers are below those of the test.
const FILL: &str = "
    INSERT INTO changes (project_id, kind, thing_id, task_id, seq, is_deleted, changed_at)
        SELECT 1000 + n % 200, 'task', 100000 + n, NULL, n - 50000, false, now() FROM generate_series(1, 20000) n;
    INSERT INTO changes (project_id, kind, thing_id, task_id, seq, is_deleted, changed_at)
        SELECT 1000 + n % 200, 'comment', 100000 + n, 100000 + n % 100, n - 90000, n % 2 = 0, now()
        FROM generate_series(1, 10000) n;
    INSERT INTO user_changes (user_id, kind, thing_id, task_id, project_id, seq, changed_at)
        SELECT 1000 + n % 200, 'project', n, NULL, n, n - 90000, now() FROM generate_series(1, 20000) n;
    ANALYZE;
";

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    #[diesel(column_name = "QUERY PLAN")]
    line: String,
}

#[tokio::test]
async fn pages_of_the_feed_are_read_by_indexes() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    // One connection: the one whose queries are recorded.
    let database = Database::open(empty.url(), 1).unwrap();
    database.migrate().await.unwrap();
    database.write(async |conn| Ok(conn.batch_execute(FILL).await?)).await.unwrap();
    let recorded: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let record = {
        let recorded = Arc::clone(&recorded);
        move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                let text = query.to_string();
                recorded.lock().unwrap().insert(text.split(" -- binds").next().unwrap().to_owned());
            }
        }
    };
    let instrument = async move |conn: &mut Connection| {
        conn.set_instrumentation(record);
        // A plan for any parameters, by an index wherever there is one.
        conn.batch_execute("SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off").await?;
        Ok(())
    };
    database.write(instrument).await.unwrap();
    feed_queries::call(&database.repositories()).await;

    let recorded = take(&mut *recorded.lock().unwrap());
    let mut seen = BTreeSet::new();
    for sql in recorded {
        let Some((part, index)) = INDEXES.iter().find(|(part, _)| sql.contains(part)) else { continue };
        seen.insert(*part);
        let query = sql.clone();
        let values =
            (1..100).take_while(|n| sql.contains(&format!("${n}"))).map(|_| "NULL").collect::<Vec<_>>().join(", ");
        let explain = format!("EXPLAIN EXECUTE query({values})");
        let steps = async move |conn: &mut Connection| {
            conn.batch_execute(&format!("DEALLOCATE ALL; PREPARE query AS {query}")).await?;
            Ok(sql_query(explain).load(conn).await?)
        };
        let steps: Vec<Step> = database.read(steps).await.unwrap();
        let plan: Vec<_> = steps.into_iter().map(|step| step.line).collect();
        assert!(plan.iter().any(|line| line.contains(index)), "{sql}\n{plan:#?}");
        assert!(!plan.iter().any(|line| line.contains("Seq Scan")), "{sql}\n{plan:#?}");
    }
    assert_eq!(seen.len(), INDEXES.len(), "{seen:?}");
}
