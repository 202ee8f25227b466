//! Here are the columns of a task that is written: how a row is inserted and updated.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{Cached, Connection, Error, SqlTimestamp, bulk, index_text::index_text, quota, recorded, schema::tasks},
    assignee::Assignee,
};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, IntoSql, OptionalExtension, QueryDsl, QueryResult,
    dsl::case_when,
    insert_into,
    sql_types::{BigInt, Bool},
    update as update_rows,
};
use fasttrack_domain::{
    due::Due,
    id::{TaskId, UserId},
    position::Position,
    task::{NewTask, TaskChange},
    text::Description,
};

/// The columns of a new task. The project's id and the assignee can be expressions. The words are written with the row.
macro_rules! row {
    ($task:expr, $project:expr, $assignee:expr) => {
        (
            tasks::project_id.eq($project),
            tasks::title.eq($task.title.as_str()),
            tasks::description.eq($task.description.as_ref().map(Description::as_str)),
            tasks::status.eq($task.status.as_str()),
            tasks::priority.eq($task.priority.as_str()),
            tasks::assignee_id.eq($assignee),
            tasks::created_at.eq(SqlTimestamp($task.created_at)),
            tasks::updated_at.eq(SqlTimestamp($task.created_at)),
            tasks::version.eq(1),
            tasks::due_at.eq($task.due.map(|due| SqlTimestamp(due.at()))),
            tasks::due_is_day.eq($task.due.is_some_and(Due::is_day)),
            tasks::parent_id.eq($task.parent_id.map(TaskId::get)),
            tasks::completed_at.eq($task.completed_at().map(SqlTimestamp)),
            tasks::has_labels.eq(!$task.labels.as_slice().is_empty()),
            tasks::has_reminders.eq(!$task.reminders.as_slice().is_empty()),
            tasks::words_version.eq(1),
        )
    };
}

/// The update of a task that is stored in the version that the change is based on: of the columns that each change may
/// touch, and of these. It returns the id.
///
/// Where the words don't change, those of the index are of the new version if they were of the former one.
macro_rules! statement {
    ($change:expr $(, $column:expr)*) => {{
        let (task, has_words) = (&$change.task, $change.words.is_some());
        let words_version = case_when(
            tasks::words_version.eq(tasks::version).or(has_words.into_sql::<Bool>()),
            task.version.into_sql::<BigInt>(),
        );
        update_rows(tasks::table.find(task.id.get()))
            .filter(tasks::version.eq($change.based_on))
            .set((
                tasks::title.eq(task.title.as_str()),
                tasks::description.eq(task.description.as_ref().map(Description::as_str)),
                tasks::status.eq(task.status.as_str()),
                tasks::updated_at.eq(SqlTimestamp(task.updated_at)),
                tasks::version.eq(task.version),
                tasks::completed_at.eq(task.completed_at.map(SqlTimestamp)),
                tasks::has_labels.eq(!task.labels.as_slice().is_empty()),
                tasks::has_reminders.eq(!task.reminders.as_slice().is_empty()),
                tasks::words_version.eq(words_version.otherwise(tasks::words_version)),
                $($column),*
            ))
            .returning(tasks::id)
    }};
}

/// The same of all columns. SQLite writes each index of a column that is set, whether or not its value is another.
macro_rules! full_statement {
    ($change:expr) => {{
        let task = &$change.task;
        statement!(
            $change,
            tasks::priority.eq(task.priority.as_str()),
            tasks::assignee_id.eq(Assignee::of_stored(task.assignee_id)),
            tasks::due_at.eq(task.due.map(|due| SqlTimestamp(due.at()))),
            tasks::due_is_day.eq(task.due.is_some_and(Due::is_day)),
            tasks::parent_id.eq(task.parent_id.map(TaskId::get)),
            tasks::moved_to.eq(task.moved_to.as_ref().map(Position::as_str))
        )
    }};
}

/// Inserts a task without labels and reminders, counts it, and inserts its words and events. Returns its id.
pub(super) async fn insert_recorded(conn: &mut Connection, task: &NewTask) -> Result<i64, Error> {
    let project = task.project.id.get();
    let counter = quota::tasks_of(project, task.quota);
    let row = row!(task, recorded::counted(&counter), Assignee::of_new(task.assignee_id));
    let insert = insert_into(tasks::table).values(row).returning(tasks::id);
    let words = index_text(project, task.assignee_id.map(UserId::get), &task.words());
    let events = |id| task.events(TaskId::new(id));
    recorded::insert(conn, counter, insert, "{task,task_id}", Some(words), events).await
}

/// Inserts the row of a task, and returns its id.
pub(super) async fn insert(conn: &mut Connection, task: &NewTask) -> QueryResult<i64> {
    let row = row!(task, task.project.id.get(), Assignee::of_new(task.assignee_id));
    insert_into(tasks::table).values(row).returning(tasks::id).get_result(conn).await
}

/// Inserts the rows of tasks whose assignees exist, and returns their ids in this order.
pub(super) async fn insert_all(conn: &mut Connection, new: &[NewTask]) -> QueryResult<Vec<i64>> {
    let mut rows = Vec::with_capacity(new.len());
    for task in new {
        rows.push(row!(task, task.project.id.get(), task.assignee_id.map(UserId::get)));
    }
    let mut ids = Vec::with_capacity(new.len());
    for batch in bulk::batches(rows) {
        let inserted: Vec<i64> = insert_into(tasks::table).values(batch).returning(tasks::id).get_results(conn).await?;
        ids.extend(inserted);
    }
    // Ids are assigned in the order of the rows.
    ids.sort_unstable();
    Ok(ids)
}

/// Updates the row of a task, and writes its words and the events of the change. Returns whether the version is stored that
/// the change is based on.
pub(super) async fn update_recorded(conn: &mut Connection, change: &TaskChange) -> Result<bool, Error> {
    let (project, assignee) = (change.task.project_id.get(), change.task.assignee_id.map(UserId::get));
    let words = change.words.as_ref().map(|words| index_text(project, assignee, words));
    let touched = change.touched();
    let (events, touched) = (&change.events, touched.as_slice());
    if change.keeps_plan {
        recorded::update(conn, statement!(change), words, events, touched).await
    } else {
        recorded::update(conn, full_statement!(change), words, events, touched).await
    }
}

/// Updates the row of a task. Returns whether the version is stored that the change is based on.
pub(in super::super::super) async fn update(conn: &mut Connection, change: &TaskChange) -> QueryResult<bool> {
    let saved: QueryResult<i64> = if change.keeps_plan {
        Cached(statement!(change)).get_result(conn).await
    } else {
        Cached(full_statement!(change)).get_result(conn).await
    };
    Ok(saved.optional()?.is_some())
}
