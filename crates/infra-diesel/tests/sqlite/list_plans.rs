//! No list reads rows that don't match its filters, or sorts those that it finds.

use crate::lists;
use diesel::{QueryableByName, connection::InstrumentationEvent, sql_query, sql_types::Text};
use diesel_async::{AsyncConnection, RunQueryDsl};
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

/// Searches of one row by its whole key: what a list is of, and what is joined to each of its rows.
const SINGLE_ROWS: [&str; 5] = [
    "SEARCH projects USING INTEGER PRIMARY KEY (rowid=?)",
    "SEARCH members USING PRIMARY KEY (project_id=? AND user_id=?)",
    "SEARCH mine USING PRIMARY KEY (project_id=? AND user_id=?)",
    "SEARCH tasks USING INTEGER PRIMARY KEY (rowid=?)",
    "SEARCH users USING INTEGER PRIMARY KEY (rowid=?)",
];

/// Results of at most the rows of a page.
const PAGES: [&str; 2] = ["CO-ROUTINE page", "MATERIALIZE page"];

/// The plan of a query.
async fn plan(database: &Database, sql: &str) -> Vec<String> {
    let explain = format!("EXPLAIN QUERY PLAN {sql}");
    let steps: Vec<Step> = database.read(async move |conn| Ok(sql_query(explain).load(conn).await?)).await.unwrap();
    steps.into_iter().map(|step| step.detail).collect()
}

#[tokio::test]
async fn every_filter_is_a_condition_of_an_index() {
    let database = Database::open(&SqliteLocation::Memory).unwrap();
    database.migrate().await.unwrap();
    let recorded: Arc<Mutex<Vec<String>>> = Arc::default();
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
    lists::each(&database.repositories(), async |columns| {
        let queries = take(&mut *recorded.lock().unwrap());
        let queries: Vec<_> = queries.into_iter().filter(|sql| sql.starts_with("SELECT ")).collect();
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
