//! Reads what changed, without its content.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::super::{Cached, Connection, Error, dialect, feed_sql, schema::change_feed};
use diesel::{
    OptionalExtension, QueryDsl, QueryableByName, sql_query,
    sql_types::{BigInt, Nullable, Text},
};
use fasttrack_domain::{
    change::{FeedReader, ThingKind},
    id::ProjectId,
};

/// The latest number, and the one below which positions have expired.
#[derive(Clone, Copy)]
pub(super) struct Head {
    pub(super) seq: i64,
    pub(super) pruned_seq: i64,
}

/// Returns the head of the feed. Its row is inserted by the first change.
pub(super) async fn head(conn: &mut Connection) -> Result<Head, Error> {
    let query = change_feed::table.find(1_i64).select((change_feed::seq, change_feed::pruned_seq));
    let row: Option<(i64, i64)> = query.first(conn).await.optional()?;
    let (seq, pruned_seq) = row.unwrap_or((0, 0));
    Ok(Head { seq, pruned_seq })
}

/// A thing that changed.
#[derive(QueryableByName)]
struct ChangeRow {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    thing_id: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    task_id: Option<i64>,
    #[diesel(sql_type = BigInt)]
    project_id: i64,
    #[diesel(sql_type = BigInt)]
    seq: i64,
}

/// A thing that a user looks at again, the number of the latest change of the user's access to its project, and of a project
/// that of its latest loss.
#[derive(QueryableByName)]
struct UserRow {
    #[diesel(embed)]
    change: ChangeRow,
    #[diesel(sql_type = Nullable<BigInt>)]
    access_seq: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    lost_seq: Option<i64>,
}

/// A thing that changed, or that the reader's access to changed.
#[derive(Clone, Copy)]
pub(super) struct Changed {
    pub(super) kind: ThingKind,
    pub(super) id: i64,
    /// The task of a comment.
    pub(super) task_id: Option<i64>,
    pub(super) project_id: i64,
    pub(super) seq: i64,
    pub(super) origin: Origin,
}

/// Where a change is from.
#[derive(Clone, Copy)]
pub(super) enum Origin {
    /// The changes of a project that the reader sees, or that is gone.
    Project,
    /// The reader's own: whether the reader sees the thing is to be found out.
    Reader {
        /// Whether the reader's access to the project changes among the changes that are read.
        is_access_changed: bool,
    },
    /// The loss of a project, also of one that the reader sees again: its gain has a higher number, or will have one.
    Loss,
}

impl ChangeRow {
    fn entity(self, table: &'static str, origin: Origin) -> Result<Changed, Error> {
        let kind = self.kind.parse().map_err(Error::corrupt(table, self.thing_id))?;
        let Self { thing_id: id, task_id, project_id, seq, .. } = self;
        Ok(Changed { kind, id, task_id, project_id, seq, origin })
    }
}

/// The changes of all projects behind a number.
const OF_ALL: &str =
    "SELECT kind, thing_id, task_id, project_id, seq FROM changes WHERE seq > $1 ORDER BY seq LIMIT $2";

/// The changes behind a number in each project of a list.
fn of_some() -> String {
    let ([before_ids, after_ids], [before, after]) = (feed_sql::WANTED, feed_sql::EACH_CHANGES);
    format!(
        "SELECT found.kind, found.thing_id, found.task_id, found.project_id, found.seq \
         FROM {before_ids}$1{after_ids}{before}changes.project_id = wanted.value AND changes.seq > $2 \
             ORDER BY changes.seq LIMIT $3{after} \
         ORDER BY found.seq LIMIT $3"
    )
}

/// The changes behind a number in each project that a user is a member of, or in those of a list among them.
///
/// Of a project that the user has gained since, these are what is behind the gain, which brings the rest. Where it wasn't lost
/// since, as its owner has changed, these are also what was deleted.
///
/// The parameters are numbered in the order in which they stand, as SQLite numbers them so.
fn of_member(is_narrowed: bool) -> String {
    let ([before, after], [before_ids, after_ids]) = (feed_sql::EACH_CHANGES, dialect::IS_AMONG);
    let narrowed =
        if is_narrowed { format!(" AND members.project_id{before_ids}$4{after_ids}") } else { String::new() };
    format!(
        "SELECT found.kind, found.thing_id, found.task_id, found.project_id, found.seq \
         FROM members LEFT JOIN user_changes AS gained ON gained.user_id = members.user_id \
                 AND gained.kind = 'project' AND gained.thing_id = members.project_id\
             {before}changes.project_id = members.project_id \
                 AND changes.seq > CASE WHEN gained.lost_seq > $1 THEN gained.seq ELSE $1 END \
                 AND (changes.seq > coalesce(gained.seq, 0) OR changes.is_deleted) \
                 ORDER BY changes.seq LIMIT $2{after} \
         WHERE members.user_id = $3{narrowed} ORDER BY found.seq LIMIT $2"
    )
}

/// What a user looks at again behind a number.
const OF_USER: &str = "SELECT own.kind, own.thing_id, own.task_id, own.project_id, own.seq, access.seq AS access_seq, \
         own.lost_seq FROM user_changes AS own LEFT JOIN user_changes AS access ON access.user_id = own.user_id \
         AND access.kind = 'project' AND access.thing_id = own.project_id \
     WHERE own.user_id = $1 AND own.seq > $2 ORDER BY own.seq LIMIT $3";

/// The losses of projects behind a number that a user has gained again since.
const LOST: &str = "SELECT kind, thing_id, task_id, project_id, lost_seq AS seq FROM user_changes \
     WHERE user_id = $1 AND lost_seq > $2 AND lost_seq < seq ORDER BY lost_seq LIMIT $3";

/// Reads up to `limit` changes behind a number in the projects that the reader sees, by ascending number.
async fn of_projects(
    conn: &mut Connection,
    reader: &FeedReader,
    seq: i64,
    limit: i64,
) -> Result<Vec<ChangeRow>, Error> {
    let list = |ids: &[ProjectId]| dialect::id_list(ids);
    Ok(match (reader.sees_all, reader.reach.ids()) {
        (true, None) => {
            let query = sql_query(OF_ALL).bind::<BigInt, _>(seq).bind::<BigInt, _>(limit);
            Cached(query).load(conn).await?
        }
        (true, Some(ids)) => {
            let query = sql_query(of_some()).bind::<Text, _>(list(ids));
            Cached(query.bind::<BigInt, _>(seq).bind::<BigInt, _>(limit)).load(conn).await?
        }
        (false, None) => {
            let query = sql_query(of_member(false)).bind::<BigInt, _>(seq).bind::<BigInt, _>(limit);
            Cached(query.bind::<BigInt, _>(reader.id.get())).load(conn).await?
        }
        (false, Some(ids)) => {
            let query = sql_query(of_member(true)).bind::<BigInt, _>(seq).bind::<BigInt, _>(limit);
            let query = query.bind::<BigInt, _>(reader.id.get()).bind::<Text, _>(list(ids));
            Cached(query).load(conn).await?
        }
    })
}

/// Reads up to `limit` changes behind a number that concern the reader, by ascending number.
pub(super) async fn behind(
    conn: &mut Connection,
    reader: &FeedReader,
    seq: i64,
    limit: i64,
) -> Result<Vec<Changed>, Error> {
    let of_projects = of_projects(conn, reader, seq, limit).await?;
    let mut changed = Vec::with_capacity(of_projects.len());
    for row in of_projects {
        changed.push(row.entity("changes", Origin::Project)?);
    }
    let query = sql_query(OF_USER).bind::<BigInt, _>(reader.id.get()).bind::<BigInt, _>(seq);
    let rows: Vec<UserRow> = Cached(query.bind::<BigInt, _>(limit)).load(conn).await?;
    for UserRow { change, access_seq, lost_seq } in rows {
        let is_access_changed = access_seq.is_some_and(|access| access > seq);
        let is_loss = lost_seq == Some(change.seq) && !reader.sees_all;
        let origin = if is_loss { Origin::Loss } else { Origin::Reader { is_access_changed } };
        changed.push(change.entity("user_changes", origin)?);
    }
    if !reader.sees_all {
        let query = sql_query(LOST).bind::<BigInt, _>(reader.id.get()).bind::<BigInt, _>(seq);
        let rows: Vec<ChangeRow> = Cached(query.bind::<BigInt, _>(limit)).load(conn).await?;
        for row in rows {
            changed.push(row.entity("user_changes", Origin::Loss)?);
        }
    }
    changed.sort_unstable_by_key(|changed| changed.seq);
    changed.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(changed)
}

/// The first deleted comments on a task between two. Only comments have a task.
const DELETED_COMMENTS: &str = "SELECT kind, thing_id, task_id, project_id, seq FROM changes \
     WHERE task_id = $1 AND is_deleted AND thing_id > $2 AND thing_id < $3 ORDER BY thing_id LIMIT $4";

/// Returns the ids of the first comments on a task that were deleted lately, in ascending order: those with ids between
/// `after` and `before`.
pub(super) async fn deleted_comments(
    conn: &mut Connection,
    task: i64,
    (after, before): (i64, i64),
    limit: i64,
) -> Result<Vec<i64>, Error> {
    let query = sql_query(DELETED_COMMENTS).bind::<BigInt, _>(task).bind::<BigInt, _>(after);
    let rows: Vec<ChangeRow> = Cached(query.bind::<BigInt, _>(before).bind::<BigInt, _>(limit)).load(conn).await?;
    Ok(rows.into_iter().map(|row| row.thing_id).collect())
}
