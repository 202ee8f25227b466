//! Adds jobs to the queue.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::super::{Connection, Error, SqlTimestamp, bulk, schema::jobs};
use diesel::{ExpressionMethods, Insertable, dsl::sql, insert_into, sql_types::Text, upsert::excluded};
use fasttrack_domain::{Timestamp, job::NewJob};
use std::collections::HashMap;
use uuid::Uuid;

#[derive(Insertable)]
#[diesel(table_name = jobs, treat_none_as_default_value = false)]
struct NewJobRow {
    kind: &'static str,
    payload: String,
    attempts: i64,
    run_at: SqlTimestamp,
    created_at: SqlTimestamp,
    key: Option<String>,
    priority: i64,
    nonce: String,
}

/// A value for the column `nonce`.
pub(super) fn nonce() -> String {
    Uuid::new_v4().simple().to_string()
}

/// Queues jobs, in this order, those with a key last. Once they are committed, the caller notifies
/// [`Hints::jobs`](crate::hints::Hints).
pub(in super::super) async fn enqueue(conn: &mut Connection, jobs: &[NewJob]) -> Result<(), Error> {
    insert(conn, jobs, None).await
}

/// Queues jobs that are due at `run_at`, as [`enqueue`] does.
pub(in super::super) async fn enqueue_for(
    conn: &mut Connection,
    jobs: &[NewJob],
    run_at: Timestamp,
) -> Result<(), Error> {
    insert(conn, jobs, Some(run_at)).await
}

/// The partial index `jobs_key` as a conflict target, which Diesel builds for PostgreSQL alone.
const SAME_KEY: &str = "(key) WHERE key IS NOT NULL AND dead_at IS NULL";

async fn insert(conn: &mut Connection, jobs: &[NewJob], run_at: Option<Timestamp>) -> Result<(), Error> {
    if jobs.is_empty() {
        return Ok(());
    }
    let row = |job: &NewJob| {
        Ok(NewJobRow {
            kind: job.payload.name(),
            payload: serde_json::to_string(&job.payload)?,
            attempts: 0,
            run_at: SqlTimestamp(run_at.unwrap_or(job.created_at)),
            created_at: SqlTimestamp(job.created_at),
            key: job.payload.key(),
            priority: job.payload.priority().rank(),
            nonce: nonce(),
        })
    };
    let rows = jobs.iter().map(row).collect::<Result<Vec<_>, Error>>()?;
    let (keyed, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.key.is_some());
    bulk::insert(conn, jobs::table, rows).await?;
    for batch in bulk::batches(last_of_each_key(keyed)) {
        insert_into(jobs::table)
            .values(batch)
            .on_conflict(sql::<Text>(SAME_KEY))
            .do_update()
            // A job that is leased runs once more; one that waits hasn't run yet.
            .set((jobs::payload.eq(excluded(jobs::payload)), jobs::is_asked_again.eq(jobs::worker.is_not_null())))
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Of rows with one key keeps the last, in the place of the first: a statement can update a row once.
fn last_of_each_key(rows: Vec<NewJobRow>) -> Vec<NewJobRow> {
    let mut places = HashMap::with_capacity(rows.len());
    let mut last: Vec<NewJobRow> = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(&place) = places.get(&row.key) {
            last[place] = row;
        } else {
            places.insert(row.key.clone(), last.len());
            last.push(row);
        }
    }
    last
}
