//! Adds deliveries to webhooks whose rows are locked.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::super::{
    Cached, Connection, Error, SqlTimestamp, bulk, dialect,
    schema::{deliveries, projects, webhooks},
};
use diesel::{
    ExpressionMethods, Insertable, QueryDsl, Queryable, Selectable, SelectableHelper, delete as delete_from, update,
};
use fasttrack_domain::{
    Timestamp,
    id::UserId,
    webhook::{DeliveryContent, DeliveryStatus, DeliverySubject, MAX_DELIVERIES, NewDelivery, WebhookTypes},
};
use std::collections::HashMap;
use uuid::Uuid;

/// Rows that are in memory at once: each has a copy of its content, which may take 60 KiB.
const ROWS: usize = 100;

/// A webhook that gets deliveries. Its row is locked.
#[derive(Queryable, Selectable)]
#[diesel(table_name = webhooks)]
pub(super) struct Receiver {
    id: i64,
    project_id: i64,
    types: String,
    due_at: Option<SqlTimestamp>,
    delivery_count: i64,
}

impl Receiver {
    /// The types that it subscribes to. Where they can't be read it gets nothing, so that it doesn't hold up others.
    fn types(&self) -> Option<WebhookTypes> {
        match self.types.parse() {
            Ok(types) => Some(types),
            Err(error) => {
                tracing::error!(webhook = self.id, %error, "the types of a webhook can't be read");
                None
            }
        }
    }
}

/// What one delivery sends, for any number of webhooks.
pub(super) struct NewContent {
    kind: &'static str,
    subject: String,
    at: SqlTimestamp,
    actor_id: Option<i64>,
    person_id: Option<i64>,
    payload: String,
}

impl NewContent {
    pub(super) fn of(content: &DeliveryContent, subject: DeliverySubject) -> Result<Self, Error> {
        Ok(Self {
            kind: content.kind().as_str(),
            subject: subject.to_string(),
            at: SqlTimestamp(content.at()),
            actor_id: content.actor_id().map(UserId::get),
            person_id: content.person().map(UserId::get),
            payload: serde_json::to_string(content)?,
        })
    }
}

#[derive(Insertable)]
#[diesel(table_name = deliveries, treat_none_as_default_value = false)]
struct NewRow {
    webhook_id: i64,
    message_id: String,
    kind: &'static str,
    subject: String,
    status: &'static str,
    attempts: i64,
    attempts_before: i64,
    next_attempt_at: Option<SqlTimestamp>,
    created_at: SqlTimestamp,
    actor_id: Option<i64>,
    person_id: Option<i64>,
    payload: String,
}

impl NewRow {
    /// A delivery that is due at once.
    fn new(webhook_id: i64, content: &NewContent) -> Self {
        Self {
            webhook_id,
            message_id: format!("msg_{}", Uuid::new_v4().simple()),
            kind: content.kind,
            subject: content.subject.clone(),
            status: DeliveryStatus::Pending.as_str(),
            attempts: 0,
            attempts_before: 0,
            next_attempt_at: Some(content.at),
            created_at: content.at,
            actor_id: content.actor_id,
            person_id: content.person_id,
            payload: content.payload.clone(),
        }
    }
}

/// Inserts deliveries, each for the webhook with this id. The caller holds the locks of all webhooks of `receivers`, and
/// notifies [`Hints::webhooks`](crate::hints::Hints) after the commit.
pub(super) async fn insert(
    conn: &mut Connection,
    receivers: Vec<Receiver>,
    new: &[(i64, &NewContent)],
) -> Result<(), Error> {
    for chunk in new.chunks(ROWS) {
        let rows: Vec<_> = chunk.iter().map(|(webhook, content)| NewRow::new(*webhook, content)).collect();
        bulk::insert(conn, deliveries::table, rows).await?;
    }
    for receiver in receivers {
        let times: Vec<_> = new.iter().filter(|(webhook, _)| *webhook == receiver.id).map(|(_, new)| new.at).collect();
        if let Some(&earliest) = times.iter().min() {
            count(conn, &receiver, i64::try_from(times.len()).unwrap_or(i64::MAX), earliest).await?;
        }
    }
    Ok(())
}

/// Counts new deliveries of a webhook, of which the earliest is due at `at`. Deletes those that are too many.
async fn count(conn: &mut Connection, receiver: &Receiver, added: i64, at: SqlTimestamp) -> Result<(), Error> {
    let mut count = receiver.delivery_count + added;
    let excess = count - i64::from(MAX_DELIVERIES);
    if excess > 0 {
        count -= delete_oldest(conn, receiver.id, excess).await?;
    }
    let statement = update(webhooks::table.find(receiver.id))
        .set((webhooks::due_at.eq(receiver.due_at.map_or(at, |due| due.min(at))), webhooks::delivery_count.eq(count)));
    Cached(statement).execute(conn).await?;
    Ok(())
}

/// Deletes so many deliveries of a webhook: the oldest that have ended, and the oldest of the others where those don't
/// suffice. Returns their number.
async fn delete_oldest(conn: &mut Connection, webhook: i64, number: i64) -> Result<i64, Error> {
    let of_webhook =
        || deliveries::table.filter(deliveries::webhook_id.eq(webhook)).order(deliveries::id).select(deliveries::id);
    let ended = of_webhook().filter(deliveries::next_attempt_at.is_null()).limit(number);
    let mut oldest: Vec<i64> = ended.load(conn).await?;
    let rest = number - i64::try_from(oldest.len()).unwrap_or(number);
    if rest > 0 {
        let pending = of_webhook().filter(deliveries::next_attempt_at.is_not_null()).limit(rest);
        oldest.extend(pending.load::<i64>(conn).await?);
    }
    let deleted = delete_from(deliveries::table.filter(deliveries::id.eq_any(oldest))).execute(conn).await?;
    Ok(i64::try_from(deleted).unwrap_or(number))
}

// @spec SPEC-025
/// Adds deliveries, in this order, to the active webhooks of their projects that subscribe to them. Returns how many are
/// added.
pub(in super::super) async fn deliver(conn: &mut Connection, new: &[NewDelivery]) -> Result<usize, Error> {
    if new.is_empty() {
        return Ok(0);
    }
    let receivers = lock_receivers(conn, new).await?;
    let types: HashMap<_, _> = receivers.iter().filter_map(|one| Some((one.id, one.types()?))).collect();
    let mut contents = Vec::with_capacity(new.len());
    for delivery in new {
        let kind = delivery.change.kind();
        let is_wanted = |one: &&Receiver| {
            one.project_id == delivery.project_id.get() && types.get(&one.id).is_some_and(|types| types.contains(kind))
        };
        let webhooks: Vec<_> = receivers.iter().filter(is_wanted).map(|one| one.id).collect();
        if !webhooks.is_empty() {
            contents.push((webhooks, NewContent::of(&delivery.content(), delivery.subject())?));
        }
    }
    let rows: Vec<_> =
        contents.iter().flat_map(|(webhooks, content)| webhooks.iter().map(move |id| (*id, content))).collect();
    insert(conn, receivers, &rows).await?;
    Ok(rows.len())
}

/// Locks the active webhooks of the projects that deliveries are from.
async fn lock_receivers(conn: &mut Connection, new: &[NewDelivery]) -> Result<Vec<Receiver>, Error> {
    let mut ids: Vec<_> = new.iter().map(|delivery| delivery.project_id.get()).collect();
    ids.sort_unstable();
    ids.dedup();
    // The deletion of a project locks its webhooks in any order, and is kept from beginning by this.
    let kept = projects::table.filter(projects::id.eq_any(&ids)).order(projects::id).select(projects::id);
    dialect::key_share!(kept).load::<i64>(conn).await?;
    let active = webhooks::table.filter(webhooks::project_id.eq_any(&ids)).filter(webhooks::is_active.eq(true));
    let active: Vec<i64> = active.select(webhooks::id).load(conn).await?;
    let receivers = webhooks::table
        .filter(webhooks::id.eq_any(active))
        .filter(webhooks::is_active.eq(true))
        .order(webhooks::id)
        .select(Receiver::as_select());
    Ok(dialect::no_key_update!(receivers).load(conn).await?)
}

/// Locks a webhook; `None` where there is none or it is not active.
pub(super) async fn lock_receiver(conn: &mut Connection, webhook: i64) -> Result<Option<Receiver>, Error> {
    let active = webhooks::table.filter(webhooks::id.eq(webhook)).filter(webhooks::is_active.eq(true));
    let mut active: Vec<Receiver> = dialect::no_key_update!(active.select(Receiver::as_select())).load(conn).await?;
    Ok(active.pop())
}

/// Makes a webhook due at `at`, unless it is earlier. Its row is locked.
pub(super) async fn make_due(conn: &mut Connection, receiver: &Receiver, at: Timestamp) -> Result<(), Error> {
    let due_at = receiver.due_at.map_or(SqlTimestamp(at), |due| due.min(SqlTimestamp(at)));
    update(webhooks::table.find(receiver.id)).set(webhooks::due_at.eq(due_at)).execute(conn).await?;
    Ok(())
}
