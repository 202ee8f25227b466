//! Ends the assignments of an erased account.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{
        Connection, Error, Moment, SqlTimestamp, dialect, event,
        schema::{tasks, users},
    },
    portion::{PORTION, is_full},
};
use diesel::{ExpressionMethods, IntoSql, OptionalExtension, QueryDsl, dsl::case_when, update};
use fasttrack_domain::{
    Timestamp,
    change::Thing,
    event::Touched,
    id::{ProjectId, TaskId, UserId},
};
use std::collections::BTreeMap;

/// The receiver, if it is active. It can't be erased meanwhile.
async fn active(conn: &mut Connection, receiver: UserId) -> Result<Option<i64>, Error> {
    let account =
        users::table.find(receiver.get()).filter(users::is_active.eq(true)).filter(users::erased_at.is_null());
    Ok(dialect::key_share!(account.select(users::id)).first(conn).await.optional()?)
}

/// The events for tasks, given by their ids and projects, whose assignments change. The erased account isn't shown anything.
fn touched(assigned: &[(i64, i64)], at: Timestamp) -> Vec<Touched> {
    let mut of_projects = BTreeMap::<_, Vec<_>>::new();
    for (task, project) in assigned {
        of_projects.entry(*project).or_default().push(Thing::task(TaskId::new(*task)));
    }
    let events = |(project, tasks): (i64, Vec<Thing>)| Touched::of_many(ProjectId::new(project), at, &tasks);
    of_projects.into_iter().flat_map(events).collect()
}

/// Assigns a portion of the account's tasks to the receiver, or to nobody. Returns whether none is left.
pub(super) async fn end(
    conn: &mut Connection,
    user: i64,
    receiver: Option<UserId>,
    at: Timestamp,
) -> Result<bool, Error> {
    let receiver = match receiver {
        Some(receiver) => active(conn, receiver).await?,
        None => None,
    };
    let assigned = tasks::table.filter(tasks::assignee_id.eq(user)).order(tasks::id).limit(PORTION);
    // Locked in the order of their ids, as everywhere.
    let assigned = dialect::no_key_update!(assigned.select((tasks::id, tasks::project_id)));
    let assigned: Vec<(i64, i64)> = assigned.load(conn).await?;
    let is_last = !is_full(assigned.len());
    if !assigned.is_empty() {
        event::record_all(conn, &touched(&assigned, at)).await?;
        let at = SqlTimestamp(at);
        let updated_at = case_when(tasks::updated_at.lt(at), at.into_sql::<Moment>()).otherwise(tasks::updated_at);
        let ids: Vec<_> = assigned.into_iter().map(|(task, _)| task).collect();
        update(tasks::table.filter(tasks::id.eq_any(ids)))
            .set((
                tasks::assignee_id.eq(receiver),
                tasks::updated_at.eq(updated_at),
                tasks::version.eq(tasks::version + 1),
            ))
            .execute(conn)
            .await?;
    }
    Ok(is_last)
}
