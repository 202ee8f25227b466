//! Ends the assignments of an erased account.

use super::{
    super::{
        Connection, Error, Moment, SqlTimestamp, dialect,
        schema::{tasks, users},
    },
    portion::{PORTION, is_full},
};
use diesel::{ExpressionMethods, IntoSql, OptionalExtension, QueryDsl, dsl::case_when, update};
use diesel_async::RunQueryDsl;
use fasttrack_domain::{Timestamp, id::UserId};

/// The receiver, if it is active. It can't be erased meanwhile.
async fn active(conn: &mut Connection, receiver: UserId) -> Result<Option<i64>, Error> {
    let account =
        users::table.find(receiver.get()).filter(users::is_active.eq(true)).filter(users::erased_at.is_null());
    Ok(dialect::key_share!(account.select(users::id)).first(conn).await.optional()?)
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
    let assigned = tasks::table.filter(tasks::assignee_id.eq(user)).order(tasks::id).limit(PORTION).select(tasks::id);
    // Locked in the order of their ids, as everywhere.
    let assigned: Vec<i64> = dialect::no_key_update!(assigned).load(conn).await?;
    let is_last = !is_full(assigned.len());
    if !assigned.is_empty() {
        let at = SqlTimestamp(at);
        let updated_at = case_when(tasks::updated_at.lt(at), at.into_sql::<Moment>()).otherwise(tasks::updated_at);
        update(tasks::table.filter(tasks::id.eq_any(assigned)))
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
