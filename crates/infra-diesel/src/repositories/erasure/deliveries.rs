//! Replaces the name of an erased account in what is sent to webhooks of others.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{
        Cached, Connection, Database, Error, dialect,
        schema::{deliveries, events},
    },
    portion::{PORTION, is_full},
};
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, update};
use fasttrack_domain::{
    erasure::Erasure,
    event::{Change, ProjectChanged},
    ports::RepositoryError,
    text::DisplayName,
    webhook::DeliveryContent,
};

/// The columns `actor_id` and `person_id` where the name was replaced. No user has it.
const ERASED: i64 = 0;

/// A delivery: its id, whom it names, and its payload.
type Row = (i64, Option<i64>, Option<i64>, String);

/// The payload with another name. One that can't be read is changed as a text.
fn replaced(payload: &str, erasure: &Erasure) -> Result<String, Error> {
    if let Ok(mut content) = serde_json::from_str::<DeliveryContent>(payload) {
        content.rename(erasure.user_id, &erasure.placeholder_name());
        return Ok(serde_json::to_string(&content)?);
    }
    let quoted = |name: &DisplayName| serde_json::to_string(name.as_str());
    Ok(payload.replace(&quoted(&erasure.display_name)?, &quoted(&erasure.placeholder_name())?))
}

/// Replaces the name in a portion of deliveries. Returns whether none is left.
async fn in_deliveries(conn: &mut Connection, erasure: &Erasure) -> Result<bool, Error> {
    let user = erasure.user_id.get();
    let naming = || deliveries::table.filter(deliveries::actor_id.eq(user).or(deliveries::person_id.eq(user)));
    // Whoever changes one may hold the lock of its webhook, for which this doesn't wait.
    let portion = naming().limit(PORTION).select((
        deliveries::id,
        deliveries::actor_id,
        deliveries::person_id,
        deliveries::payload,
    ));
    let rows: Vec<Row> = dialect::skip_locked!(portion).load(conn).await?;
    for (id, actor, person, payload) in rows {
        let erased = |id: Option<i64>| if id == Some(user) { Some(ERASED) } else { id };
        let change = (
            deliveries::actor_id.eq(erased(actor)),
            deliveries::person_id.eq(erased(person)),
            deliveries::payload.eq(replaced(&payload, erasure)?),
        );
        Cached(update(deliveries::table.find(id)).set(change)).execute(conn).await?;
    }
    let rest: Option<i64> = naming().select(deliveries::id).first(conn).await.optional()?;
    Ok(rest.is_none())
}

/// Events that wait, behind this one: their ids and payloads.
async fn waiting(conn: &mut Connection, after: i64) -> Result<Vec<(i64, String)>, Error> {
    let changes = events::table.filter(events::kind.eq(ProjectChanged::NAME)).filter(events::id.gt(after));
    Ok(changes.order(events::id).limit(PORTION).select((events::id, events::payload)).load(conn).await?)
}

/// The payload of an event with another name; `None` where it doesn't name the account, or can't be read.
fn renamed(payload: &str, erasure: &Erasure) -> Option<String> {
    let mut event: ProjectChanged = serde_json::from_str(payload).ok()?;
    let change: &mut Change = &mut event.change;
    if change.person() != Some(erasure.user_id) {
        return None;
    }
    change.rename(erasure.user_id, &erasure.placeholder_name());
    serde_json::to_string(&event).ok().filter(|renamed| renamed != payload)
}

/// Replaces the name in events that wait. They are read outside of the transaction, as most name others.
async fn in_events(database: &Database, erasure: &Erasure) -> Result<(), RepositoryError> {
    let (mut after, mut is_last) = (0, false);
    while !is_last {
        let rows = database.read(async move |conn| waiting(conn, after).await).await?;
        is_last = !is_full(rows.len());
        after = rows.last().map_or(after, |(id, _)| *id);
        let renamed = rows.into_iter().filter_map(|(id, before)| Some((id, renamed(&before, erasure)?, before)));
        let changes: Vec<(i64, String, String)> = renamed.collect();
        if !changes.is_empty() {
            database.write(async move |conn| write(conn, changes).await).await?;
        }
    }
    Ok(())
}

/// Changes events that have the same payload as before.
async fn write(conn: &mut Connection, changes: Vec<(i64, String, String)>) -> Result<(), Error> {
    for (id, renamed, before) in changes {
        let event = events::table.filter(events::id.eq(id)).filter(events::payload.eq(before));
        update(event).set(events::payload.eq(renamed)).execute(conn).await?;
    }
    Ok(())
}

/// Replaces the account's name in a portion of deliveries, and, once none of these is left, in all events that wait. Returns
/// whether none is left.
pub(super) async fn replace_name(database: &Database, erasure: &Erasure) -> Result<bool, RepositoryError> {
    let erased = erasure.clone();
    if !database.write(async move |conn| in_deliveries(conn, &erased).await).await? {
        return Ok(false);
    }
    in_events(database, erasure).await?;
    Ok(true)
}
