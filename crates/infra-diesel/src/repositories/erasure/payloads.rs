//! Erases an account from the payloads of jobs and of held notices.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{Connection, Database, Error, Moment, SqlTimestamp, schema::jobs},
    portion::{PORTION, is_full},
};
use diesel::{
    ExpressionMethods, QueryDsl, QueryableByName, delete, sql_query,
    sql_types::{BigInt, Text},
};
use fasttrack_domain::{
    erasure::{Erasure, Remainder},
    job::JobPayload,
    ports::RepositoryError,
};

/// A table with payloads, and the time of each.
#[derive(Clone, Copy)]
struct Table {
    name: &'static str,
    time: &'static str,
    /// Whether the time is that at which the payload was queued. A notice is held at any later time.
    is_queue_time: bool,
}

/// Jobs come first: what a worker holds for a digest meanwhile is found afterwards.
const TABLES: [Table; 2] = [
    Table { name: "jobs", time: "created_at", is_queue_time: true },
    Table { name: "held_notices", time: "held_at", is_queue_time: false },
];

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    payload: String,
    #[diesel(sql_type = Moment)]
    at: SqlTimestamp,
}

/// A stored payload, and what takes its place: nothing where the row is deleted.
struct Change {
    id: i64,
    before: String,
    after: Option<String>,
}

async fn read(conn: &mut Connection, Table { name, time, .. }: Table, after: i64) -> Result<Vec<Row>, Error> {
    let query = format!("SELECT id, payload, {time} AS at FROM {name} WHERE id > {after} ORDER BY id LIMIT {PORTION}");
    Ok(sql_query(query).load(conn).await?)
}

/// The change of a row; `None` where it has nothing of the account, or can't be read.
fn change(row: Row, table: Table, erasure: &Erasure) -> Option<Change> {
    let payload = serde_json::from_str::<JobPayload>(&row.payload).ok()?;
    let queued_at = if table.is_queue_time { row.at.0 } else { erasure.at };
    let after = match payload.without(erasure, queued_at) {
        Remainder::Unchanged => return None,
        Remainder::Replaced(replaced) => Some(serde_json::to_string(&replaced).ok()?),
        Remainder::Nothing => None,
    };
    (after.as_ref() != Some(&row.payload)).then_some(Change { id: row.id, before: row.payload, after })
}

/// Changes rows that have the same payload as before.
async fn write(conn: &mut Connection, table: Table, changes: Vec<Change>) -> Result<(), Error> {
    let name = table.name;
    for Change { id, before, after } in changes {
        if let Some(after) = after {
            let statement = format!("UPDATE {name} SET payload = $1 WHERE id = {id} AND payload = $2");
            sql_query(statement).bind::<Text, _>(after).bind::<Text, _>(before).execute(conn).await?;
        } else {
            let statement = format!("DELETE FROM {name} WHERE id = {id} AND payload = $1");
            sql_query(statement).bind::<Text, _>(before).execute(conn).await?;
        }
    }
    Ok(())
}

/// Erases a portion. Returns whether nothing is left. Most payloads have nothing of the account, so that they are read
/// outside of the transaction.
pub(super) async fn erase(database: &Database, erasure: &Erasure) -> Result<bool, RepositoryError> {
    for table in TABLES {
        let (mut after, mut changes, mut is_last) = (0, Vec::new(), false);
        while !is_last && !is_full(changes.len()) {
            let rows = database.read(async move |conn| read(conn, table, after).await).await?;
            is_last = !is_full(rows.len());
            after = rows.last().map_or(after, |row| row.id);
            changes.extend(rows.into_iter().filter_map(|row| change(row, table, erasure)));
        }
        if !changes.is_empty() {
            database.write(async move |conn| write(conn, table, changes).await).await?;
        }
        if !is_last {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Deletes a job that no worker runs.
pub(super) async fn delete_waiting(conn: &mut Connection, job: &JobPayload) -> Result<(), Error> {
    let waiting = jobs::table.filter(jobs::key.eq(job.key())).filter(jobs::dead_at.is_null());
    delete(waiting.filter(jobs::worker.is_null())).execute(conn).await?;
    Ok(())
}
