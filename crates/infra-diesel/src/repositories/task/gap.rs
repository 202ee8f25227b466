//! Finds the neighbors of a place in the order that people gave to the tasks of a project.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::super::{Cached, Connection, Error, task_sql::POSITION};
use diesel::{
    OptionalExtension, QueryableByName, sql_query,
    sql_types::{BigInt, Nullable, Text},
};
use fasttrack_domain::{
    id::{ProjectId, TaskId},
    position::Position,
    task::{Gap, Place},
};

/// The position of the task that the place is beside, and the next one in the direction of the place.
#[derive(QueryableByName)]
struct GapRow {
    #[diesel(sql_type = Nullable<Text>)]
    beside: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    next: Option<String>,
}

/// The statement that finds a [`GapRow`], with the parameters project, moved task, and the task that the place is beside.
fn statement(place: Place) -> String {
    let next = |condition: &str, direction: &str| {
        format!(
            "(SELECT {POSITION} FROM tasks WHERE project_id = $1 AND id <> $2{condition} \
             ORDER BY {POSITION}{direction} LIMIT 1) AS next"
        )
    };
    let (next, beside) = match place {
        Place::First => return format!("SELECT CAST(NULL AS TEXT) AS beside, {}", next("", "")),
        Place::After(_) => (next(&format!(" AND {POSITION} > here.place"), ""), "here.place AS beside"),
        Place::Before(_) => (next(&format!(" AND {POSITION} < here.place"), " DESC"), "here.place AS beside"),
    };
    format!(
        "SELECT {beside}, {next} FROM (SELECT {POSITION} AS place FROM tasks WHERE project_id = $1 AND id = $3) AS here"
    )
}

// @spec SPEC-022
// @decision DEC-0030
/// See [`TaskRepository::find_gap`](fasttrack_domain::ports::task::TaskRepository::find_gap).
pub(super) async fn find_gap(
    conn: &mut Connection,
    project: ProjectId,
    moved: TaskId,
    place: Place,
) -> Result<Option<Gap>, Error> {
    let query = sql_query(statement(place)).bind::<BigInt, _>(project.get()).bind::<BigInt, _>(moved.get());
    let row: Option<GapRow> = match place.neighbor() {
        None => Cached(query).get_result(conn).await.optional()?,
        Some(neighbor) => Cached(query.bind::<BigInt, _>(neighbor.get())).get_result(conn).await.optional()?,
    };
    let Some(GapRow { beside, next }) = row else { return Ok(None) };
    let position = |text: Option<String>| text.map(Position::parse).transpose();
    let corrupt = Error::corrupt("tasks", place.neighbor().unwrap_or(moved).get());
    let (beside, next) = (position(beside).map_err(&corrupt)?, position(next).map_err(&corrupt)?);
    Ok(Some(match place {
        Place::First | Place::After(_) => Gap { before: beside, after: next },
        Place::Before(_) => Gap { before: next, after: beside },
    }))
}
