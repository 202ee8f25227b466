//! Tasks under other tasks.
//!
//! PostgreSQL: whoever puts a task under another one holds the lock of the project's row, and then reads where both stand.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::super::{Connection, Error};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Nullable},
};
use fasttrack_domain::{
    id::{ProjectId, TaskId},
    ports::constraint,
    task::{LineageRequest, Lineages, MAX_LEVELS},
};

/// A task above `origin` or itself, and at which level from there; without an id the number of levels from `origin` down.
#[derive(QueryableByName)]
struct LineageRow {
    #[diesel(sql_type = BigInt)]
    origin: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    id: Option<i64>,
    #[diesel(sql_type = BigInt)]
    level: i64,
}

/// Ids as a list in SQL. No task has the id 0.
fn list(ids: &[TaskId]) -> String {
    if ids.is_empty() {
        return "0".to_owned();
    }
    ids.iter().map(TaskId::to_string).collect::<Vec<_>>().join(", ")
}

/// The statement that reads [`LineageRow`]s. More levels than there can be are not read.
fn statement(project: ProjectId, request: &LineageRequest) -> String {
    let (parents, moved) = (list(&request.parents), list(&request.tasks));
    format!(
        "WITH RECURSIVE above (origin, id, parent_id, level) AS ( \
             SELECT id, id, parent_id, CAST(1 AS BIGINT) FROM tasks WHERE project_id = {project} AND id IN ({parents}) \
             UNION ALL SELECT above.origin, tasks.id, tasks.parent_id, above.level + 1 \
             FROM above JOIN tasks ON tasks.id = above.parent_id WHERE above.level < {MAX_LEVELS}), \
         below (origin, id, level) AS ( \
             SELECT id, id, CAST(1 AS BIGINT) FROM tasks WHERE project_id = {project} AND id IN ({moved}) \
             UNION ALL SELECT below.origin, tasks.id, below.level + 1 \
             FROM below JOIN tasks ON tasks.parent_id = below.id \
             WHERE below.level < {MAX_LEVELS} AND tasks.id NOT IN ({moved})) \
         SELECT origin, id, level FROM above \
         UNION ALL SELECT origin, NULL, max(level) FROM below GROUP BY origin"
    )
}

/// See [`TaskRepository::find_lineages`](fasttrack_domain::ports::task::TaskRepository::find_lineages).
pub(super) async fn find_lineages(
    conn: &mut Connection,
    project: ProjectId,
    request: &LineageRequest,
) -> Result<Lineages, Error> {
    let mut rows: Vec<LineageRow> = sql_query(statement(project, request)).load(conn).await?;
    rows.sort_unstable_by_key(|row| row.level);
    let mut lineages = Lineages::default();
    for LineageRow { origin, id, level } in rows {
        let origin = TaskId::new(origin);
        if let Some(id) = id {
            lineages.ancestors.entry(origin).or_default().push(TaskId::new(id));
        } else {
            lineages.heights.insert(origin, usize::try_from(level).unwrap_or(MAX_LEVELS));
        }
    }
    Ok(lineages)
}

// @spec SPEC-022
/// `Conflict` with [`constraint::PARENT`] unless each of these tasks may be put under its parent; `None` is a new task. The
/// caller holds the lock of the project.
pub(super) async fn check(
    conn: &mut Connection,
    project: ProjectId,
    placed: &[(TaskId, Option<TaskId>)],
) -> Result<(), Error> {
    if placed.is_empty() {
        return Ok(());
    }
    let mut parents: Vec<_> = placed.iter().map(|(parent, _)| *parent).collect();
    parents.sort_unstable();
    parents.dedup();
    let tasks = placed.iter().filter_map(|(_, task)| *task).collect();
    let request = LineageRequest { parents, tasks };
    let lineages = find_lineages(conn, project, &request).await?;
    // What is above a parent stays where it is, so that each task can be judged on its own.
    let stays = lineages.ancestors.values().flatten().all(|task| !request.tasks.contains(task));
    if stays && placed.iter().all(|(parent, task)| lineages.check(*parent, *task).is_ok()) {
        Ok(())
    } else {
        Err(Error::Conflict(constraint::PARENT))
    }
}
