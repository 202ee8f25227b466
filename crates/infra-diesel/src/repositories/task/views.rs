//! Reads tasks within the transaction that changes them.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{
        Connection, Error,
        schema::{tasks, users},
    },
    found::TaskRow,
};
use diesel::{ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, SelectableHelper};
use fasttrack_domain::task::TaskView;

/// How many tasks one statement selects: SQLite allows 32,766 parameters.
const TASKS: usize = 1_000;

/// Returns those of these tasks that exist, as users see them. Those with ascending ids are in this order.
pub(in super::super) async fn read(conn: &mut Connection, ids: &[i64]) -> Result<Vec<TaskView>, Error> {
    let mut views = Vec::with_capacity(ids.len());
    for ids in ids.chunks(TASKS) {
        let query = tasks::table
            .left_join(users::table.on(users::id.nullable().eq(tasks::assignee_id)))
            .filter(tasks::id.eq_any(ids))
            .order(tasks::id)
            .select((TaskRow::as_select(), users::display_name.nullable()));
        let rows: Vec<(TaskRow, Option<String>)> = query.load(conn).await?;
        for (task, assignee) in rows {
            views.push(task.view(assignee)?);
        }
    }
    Ok(views)
}
