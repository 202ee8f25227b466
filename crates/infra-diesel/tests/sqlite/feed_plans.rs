//! The change feed is read by indexes: neither other projects nor things that didn't change cost anything.

use crate::feed_queries;
use diesel::{QueryableByName, connection::InstrumentationEvent, sql_query, sql_types::Text};
use diesel_async::{AsyncConnection, RunQueryDsl};
use fasttrack_infra_diesel::sqlite::{Connection, Database, SqliteLocation};
use std::{
    collections::BTreeSet,
    mem::take,
    sync::{Arc, Mutex},
};

/// Parts of queries, and the steps that a query with that part has.
const STEPS: [(&str, &[&str]); 9] = [
    ("UNION SELECT +user_id FROM user_changes", &["changes_seq (seq>?)", "user_changes_seq (seq>?)"]),
    ("AND lost_seq > ", &["user_changes_lost (user_id=? AND lost_seq>?)"]),
    ("SELECT id, comment_count FROM tasks", &["tasks_project_id (project_id=? AND rowid>?)"]),
    ("AS is_of_member", &["tasks_assignee_id (assignee_id=? AND rowid>?)"]),
    ("FROM members LEFT JOIN user_changes", &["changes_project_id (project_id=? AND seq>?)", "changes_seq (seq=?)"]),
    ("changes.project_id = wanted.value", &["changes_project_id (project_id=? AND seq>?)", "changes_seq (seq=?)"]),
    ("FROM changes WHERE seq > ", &["changes_seq (seq>?)"]),
    ("FROM user_changes AS own", &["user_changes_user_id (user_id=? AND seq>?)"]),
    ("FROM changes WHERE task_id", &["changes_task_id (task_id=?"]),
];

/// Parts of queries that sort what they read: a page of each project, and users that are named once.
const SORTED: [&str; 2] = ["ORDER BY found.seq LIMIT ", "UNION SELECT +user_id FROM user_changes"];

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[tokio::test]
async fn pages_of_the_feed_are_read_by_indexes() {
    let database = Database::open(&SqliteLocation::Memory).unwrap();
    database.migrate().await.unwrap();
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
    // In memory there is one connection.
    let instrument = async move |conn: &mut Connection| {
        conn.set_instrumentation(record);
        Ok(())
    };
    database.write(instrument).await.unwrap();
    feed_queries::call(&database.repositories()).await;

    let recorded = take(&mut *recorded.lock().unwrap());
    let mut seen = BTreeSet::new();
    for sql in recorded {
        let Some((part, expected)) = STEPS.iter().find(|(part, _)| sql.contains(part)) else { continue };
        seen.insert(*part);
        let explain = format!("EXPLAIN QUERY PLAN {sql}");
        let steps: Vec<Step> = database.read(async move |conn| Ok(sql_query(explain).load(conn).await?)).await.unwrap();
        let plan: Vec<_> = steps.into_iter().map(|step| step.detail).collect();
        for step in *expected {
            assert!(plan.iter().any(|line| line.contains(step)), "{step}: {sql}\n{plan:#?}");
        }
        // Lists of ids are tables, too.
        let scans = plan.iter().filter(|line| line.starts_with("SCAN ") && !line.contains("VIRTUAL TABLE"));
        assert_eq!(scans.count(), 0, "{sql}\n{plan:#?}");
        let sorts = plan.iter().any(|line| line.contains("TEMP B-TREE"));
        assert!(!sorts || SORTED.iter().any(|part| sql.contains(part)), "{sql}\n{plan:#?}");
    }
    assert_eq!(seen.len(), STEPS.len(), "{seen:?}");
}
