//! Deletes old rows of the feed.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::super::{
    Connection, Error, Lock, SqlTimestamp, dialect,
    schema::{change_feed, changes, user_changes},
};
use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, delete, update};
use fasttrack_domain::change::ThingKind;

/// The row of a deleted thing: its kind, id and number.
type Tombstone = (String, i64, i64);

/// The oldest tombstones from before this time.
async fn tombstones(conn: &mut Connection, before: SqlTimestamp, limit: i64) -> Result<Vec<Tombstone>, Error> {
    let oldest = changes::table
        // Without a parameter, as an index has these alone.
        .filter(changes::is_deleted)
        .filter(changes::changed_at.lt(before))
        .order((changes::changed_at, changes::seq))
        .limit(limit)
        .select((changes::kind, changes::thing_id, changes::seq));
    Ok(oldest.load(conn).await?)
}

/// The ids of tombstones of one kind.
fn ids(tombstones: &[Tombstone], kind: ThingKind) -> Vec<i64> {
    tombstones.iter().filter(|(name, ..)| name == kind.as_str()).map(|(_, id, _)| *id).collect()
}

/// Deletes rows of what went with these tasks and projects. Returns how many.
async fn delete_under(conn: &mut Connection, gone: &[Tombstone], limit: i64) -> Result<usize, Error> {
    let (tasks, projects) = (ids(gone, ThingKind::Task), ids(gone, ThingKind::Project));
    let mut under = Vec::<i64>::new();
    if !tasks.is_empty() {
        let of_tasks = changes::table.filter(changes::task_id.eq_any(tasks)).limit(limit).select(changes::seq);
        under.extend(of_tasks.load::<i64>(conn).await?);
    }
    if !projects.is_empty() {
        let of_projects = changes::table
            .filter(changes::project_id.eq_any(projects))
            .filter(changes::kind.ne(ThingKind::Project.as_str()))
            .limit(limit)
            .select(changes::seq);
        under.extend(of_projects.load::<i64>(conn).await?);
    }
    if under.is_empty() {
        return Ok(0);
    }
    Ok(delete(changes::table.filter(changes::seq.eq_any(under))).execute(conn).await?)
}

/// Deletes these tombstones, and returns how many they are.
async fn delete_tombstones(conn: &mut Connection, gone: &[Tombstone]) -> Result<usize, Error> {
    let numbers: Vec<i64> = gone.iter().map(|(_, _, seq)| *seq).collect();
    Ok(delete(changes::table.filter(changes::seq.eq_any(numbers))).execute(conn).await?)
}

/// Deletes the oldest changes of access from before this time, and returns their numbers.
async fn delete_of_users(conn: &mut Connection, before: SqlTimestamp, limit: i64) -> Result<Vec<i64>, Error> {
    let oldest = user_changes::table
        .filter(user_changes::changed_at.lt(before))
        .order((user_changes::changed_at, user_changes::seq))
        .limit(limit)
        .select((user_changes::user_id, user_changes::seq));
    // An erasure deletes some itself.
    let oldest: Vec<(i64, i64)> = dialect::skip_locked!(oldest).load(conn).await?;
    let (users, numbers): (Vec<i64>, Vec<i64>) = oldest.into_iter().unzip();
    if !numbers.is_empty() {
        let pruned = user_changes::user_id.eq_any(users).and(user_changes::seq.eq_any(&numbers));
        delete(user_changes::table.filter(pruned)).execute(conn).await?;
    }
    Ok(numbers)
}

// @spec SPEC-026
/// See [`ChangeFeed::prune`](fasttrack_domain::ports::change::ChangeFeed::prune). A tombstone goes after all that is under it,
/// which nobody is shown any more.
pub(super) async fn prune(conn: &mut Connection, before: SqlTimestamp, limit: u32) -> Result<u64, Error> {
    // What is pruned isn't written meanwhile.
    dialect::lock(conn, Lock::Outbox).await?;
    let limit = i64::from(limit);
    let gone = tombstones(conn, before, limit).await?;
    let mut deleted = delete_under(conn, &gone, limit).await?;
    let mut last = None;
    if i64::try_from(deleted).is_ok_and(|deleted| deleted < limit) {
        deleted += delete_tombstones(conn, &gone).await?;
        last = gone.iter().map(|(_, _, seq)| *seq).max();
    }
    let of_users = delete_of_users(conn, before, limit).await?;
    deleted += of_users.len();
    if let Some(pruned) = last.max(of_users.into_iter().max()) {
        let feed = change_feed::table.find(1_i64).filter(change_feed::pruned_seq.lt(pruned));
        update(feed).set(change_feed::pruned_seq.eq(pruned)).execute(conn).await?;
    }
    Ok(deleted as u64)
}
