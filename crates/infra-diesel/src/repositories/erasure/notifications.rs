//! Replaces the name of an erased account in notifications of others.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{Cached, Connection, Database, Error, schema::notifications},
    portion::{PORTION, is_full},
};
use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, update};
use fasttrack_domain::{
    erasure::Erasure, notification::NotificationContent, ports::RepositoryError, text::DisplayName,
};

/// The column `actor_id` of a notification whose actor's name was replaced. No user has it.
const ERASED: i64 = 0;

/// A notification: its user, its number, and its content.
type Row = (i64, i64, String);

/// The notifications that name the user with this id, in the order in which they are locked.
async fn of_actor(conn: &mut Connection, actor: i64) -> Result<Vec<Row>, Error> {
    let query = notifications::table
        .filter(notifications::actor_id.eq(actor))
        .order((notifications::user_id, notifications::seq))
        .limit(PORTION)
        .select((notifications::user_id, notifications::seq, notifications::content));
    Ok(query.load(conn).await?)
}

/// Notifications of a former release, which didn't store who acted, behind this user and number.
async fn without_actor(conn: &mut Connection, (user, seq): (i64, i64)) -> Result<Vec<Row>, Error> {
    let query = notifications::table
        .filter(notifications::actor_id.is_null())
        // The first condition bounds the range of the index.
        .filter(notifications::user_id.ge(user))
        .filter(notifications::user_id.gt(user).or(notifications::seq.gt(seq)))
        .order((notifications::user_id, notifications::seq))
        .limit(PORTION)
        .select((notifications::user_id, notifications::seq, notifications::content));
    Ok(query.load(conn).await?)
}

/// The content with another name. One that can't be read is changed as a text.
fn replaced(content: &str, erasure: &Erasure) -> Result<String, Error> {
    if let Ok(mut readable) = serde_json::from_str::<NotificationContent>(content) {
        readable.set_actor(erasure.placeholder_name());
        return Ok(serde_json::to_string(&readable)?);
    }
    let quoted = |name: &DisplayName| serde_json::to_string(name.as_str());
    Ok(content.replace(&quoted(&erasure.display_name)?, &quoted(&erasure.placeholder_name())?))
}

async fn replace(conn: &mut Connection, rows: &[Row], erasure: &Erasure) -> Result<(), Error> {
    for (user, seq, content) in rows {
        let change = (notifications::content.eq(replaced(content, erasure)?), notifications::actor_id.eq(ERASED));
        Cached(update(notifications::table.find((*user, *seq))).set(change)).execute(conn).await?;
    }
    Ok(())
}

/// Whether the content names the account. A former release stored the name alone.
fn names(content: &str, erasure: &Erasure) -> bool {
    let content = serde_json::from_str::<NotificationContent>(content);
    content.is_ok_and(|content| content.actor() == Some(&erasure.display_name))
}

/// Replaces the account's name in a portion of others' notifications, and, once none of these is left, in all of former
/// releases. Returns whether none is left.
pub(super) async fn replace_actor(database: &Database, erasure: &Erasure) -> Result<bool, RepositoryError> {
    let erased = erasure.clone();
    let portion = async move |conn: &mut Connection| {
        let rows = of_actor(conn, erased.user_id.get()).await?;
        replace(conn, &rows, &erased).await?;
        Ok(!is_full(rows.len()))
    };
    if !database.write(portion).await? {
        return Ok(false);
    }
    // Those of former releases are read outside of the transaction, as most name others.
    let (mut after, mut is_last) = ((0, 0), false);
    while !is_last {
        let mut rows = database.read(async move |conn| without_actor(conn, after).await).await?;
        is_last = !is_full(rows.len());
        after = rows.last().map_or(after, |(user, seq, _)| (*user, *seq));
        rows.retain(|(_, _, content)| names(content, erasure));
        if !rows.is_empty() {
            let erased = erasure.clone();
            database.write(async move |conn| replace(conn, &rows, &erased).await).await?;
        }
    }
    Ok(true)
}
