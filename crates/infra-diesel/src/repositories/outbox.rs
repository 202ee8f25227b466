//! The outbox: events wait in it until their consequences are committed.

use super::super::run_query_dsl::RunQueryDsl;
use super::{
    Cached, Connection, Database, Error, Lock, access, backlog, change, dialect, job, notification,
    schema::{events, users},
    statistics,
    webhook::deliver::deliver,
};
use async_trait::async_trait;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, QueryableByName, delete, sql_query,
    sql_types::{BigInt, Text},
    update,
};
use fasttrack_domain::{
    event::Event,
    id::UserId,
    job::NewJob,
    notification::NewNotification,
    ports::{
        RepositoryError,
        outbox::{self, Backlog, Consequence, Dispatched, EventSubscriber},
    },
    statistics::StatisticsDelta,
    text::DisplayName,
    webhook::NewDelivery,
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// Dispatches events.
#[derive(Clone)]
pub struct Outbox {
    database: Database,
}

impl Outbox {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

/// Bytes of events after which a batch takes no further one. Of each event every webhook of its project gets a copy.
const BATCH_BYTES: usize = 512 * 1024;

/// The oldest waiting events, up to a number of them, and of these only those before which there are fewer bytes.
const OLDEST: &str = "SELECT id, payload FROM (\
         SELECT id, payload, sum(octet_length(payload)) OVER (ORDER BY id) - octet_length(payload) AS bytes_before \
         FROM (SELECT id, payload FROM events WHERE is_set_aside = FALSE ORDER BY id LIMIT $1) AS oldest\
     ) AS measured WHERE bytes_before < $2 ORDER BY id";

#[derive(QueryableByName)]
struct EventRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    payload: String,
}

/// A batch of events that was taken out of the outbox.
#[derive(Default)]
struct Taken {
    /// Each with the name of its actor, if it has one.
    events: Vec<(Event, Option<Arc<DisplayName>>)>,
    /// Whether there may be others, as the batch is as large as it may be.
    is_full: bool,
}

/// Takes the oldest events out of the outbox, each with the name of its actor. Sets aside those that can't be read.
async fn take(conn: &mut Connection, limit: usize) -> Result<Taken, Error> {
    let oldest = sql_query(OLDEST)
        .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX))
        .bind::<BigInt, _>(i64::try_from(BATCH_BYTES).unwrap_or(i64::MAX));
    let rows: Vec<EventRow> = Cached(oldest).load(conn).await?;
    let bytes: usize = rows.iter().map(|row| row.payload.len()).sum();
    let mut taken = Taken { is_full: rows.len() == limit || bytes >= BATCH_BYTES, ..Taken::default() };
    let (mut done, mut unreadable) = (Vec::with_capacity(rows.len()), Vec::new());
    let mut read = Vec::with_capacity(rows.len());
    for EventRow { id, payload } in rows {
        match serde_json::from_str::<Event>(&payload) {
            Ok(event) => read.push((id, event)),
            Err(error) => {
                tracing::error!(event = id, %error, "an event can't be read and is set aside");
                unreadable.push(id);
            }
        }
    }
    let names = names(conn, &read).await?;
    for (id, mut event) in read {
        let actor = event.actor_id();
        let name = actor.and_then(|actor| names.get(&actor.get())).cloned();
        if let Some(actor) = actor.filter(|_| name.is_none()) {
            tracing::error!(event = id, %actor, "the actor of an event has no readable name; the event is set aside");
            unreadable.push(id);
        } else {
            set_present_name(&mut event, &names);
            taken.events.push((event, name));
            done.push(id);
        }
    }
    if !done.is_empty() {
        delete(events::table.filter(events::id.eq_any(done))).execute(conn).await?;
    }
    if !unreadable.is_empty() {
        let unreadable = events::table.filter(events::id.eq_any(unreadable));
        update(unreadable).set(events::is_set_aside.eq(true)).execute(conn).await?;
    }
    Ok(taken)
}

/// The user that an event names beside its actor.
fn named(event: &Event) -> Option<i64> {
    let Event::Change(changed) = event else { return None };
    changed.change.person().map(UserId::get)
}

/// Replaces the name in an event by the present one, as the user may have been erased since it was recorded.
fn set_present_name(event: &mut Event, names: &HashMap<i64, Arc<DisplayName>>) {
    if let Event::Change(changed) = event
        && let Some(person) = changed.change.person()
        && let Some(name) = names.get(&person.get())
    {
        changed.change.rename(person, name);
    }
}

/// The display names of the actors and of those that events name, by id, where they can be read. None of these users is
/// erased before the dispatch is committed, so that no name is stored after its erasure.
async fn names(conn: &mut Connection, events: &[(i64, Event)]) -> Result<HashMap<i64, Arc<DisplayName>>, Error> {
    let mut ids: Vec<_> = events.iter().filter_map(|(_, event)| event.actor_id()).map(UserId::get).collect();
    ids.extend(events.iter().filter_map(|(_, event)| named(event)));
    ids.sort_unstable();
    ids.dedup();
    let users = users::table.filter(users::id.eq_any(ids)).order(users::id).select((users::id, users::display_name));
    let rows: Vec<(i64, String)> = dialect::key_share!(users).load(conn).await?;
    let parse = |(id, name)| match DisplayName::parse(name) {
        Ok(name) => Some((id, Arc::new(name))),
        Err(error) => {
            tracing::error!(user = id, %error, "a name can't be read");
            None
        }
    };
    Ok(rows.into_iter().filter_map(parse).collect())
}

/// The consequences of events, by the table that they are stored in.
#[derive(Default)]
struct Consequences {
    notifications: Vec<NewNotification>,
    deltas: Vec<StatisticsDelta>,
    jobs: Vec<NewJob>,
    deliveries: Vec<NewDelivery>,
}

impl Consequences {
    /// An event without an actor has none.
    fn of(events: &[(Event, Option<Arc<DisplayName>>)], subscribers: &[Arc<dyn EventSubscriber>]) -> Self {
        let mut all = Self::default();
        for (event, actor) in events.iter().filter_map(|(event, actor)| Some((event, actor.as_ref()?))) {
            for consequence in subscribers.iter().flat_map(|subscriber| subscriber.consequences(event, actor)) {
                match consequence {
                    Consequence::Notify(notification) => all.notifications.push(notification),
                    Consequence::Count(delta) => all.deltas.push(delta),
                    Consequence::Enqueue(job) => all.jobs.push(job),
                    Consequence::Deliver(delivery) => all.deliveries.push(delivery),
                }
            }
        }
        all
    }

    /// Drops what is for users without access to what it is about.
    async fn retain_granted(&mut self, conn: &mut Connection) -> Result<(), Error> {
        let of_notifications = self.notifications.iter().map(NewNotification::audience);
        let audiences: HashSet<_> =
            of_notifications.chain(self.jobs.iter().filter_map(|job| job.payload.audience())).collect();
        if audiences.is_empty() {
            return Ok(());
        }
        let grants = access::grants(conn, &audiences).await?;
        self.notifications.retain(|notification| grants.include(&notification.audience()));
        self.jobs.retain(|job| job.payload.audience().is_none_or(|audience| grants.include(&audience)));
        Ok(())
    }
}

// @spec SPEC-011
// @decision DEC-0008
#[async_trait]
impl outbox::Outbox for Outbox {
    async fn dispatch(
        &self,
        subscribers: Arc<[Arc<dyn EventSubscriber>]>,
        limit: usize,
    ) -> Result<Dispatched, RepositoryError> {
        // Usually no event waits: then nothing is locked or written.
        let any_waits = async |conn: &mut Connection| {
            let waiting = events::table.filter(events::is_set_aside.eq(false)).order(events::id).select(events::id);
            Ok(waiting.first::<i64>(conn).await.optional()?.is_some())
        };
        if !self.database.read(any_waits).await? {
            return Ok(Dispatched::default());
        }
        let (dispatched, jobs, deliveries) = self
            .database
            .write(async move |conn| {
                dialect::lock(conn, Lock::Outbox).await?;
                let taken = take(conn, limit).await?;
                let mut consequences = Consequences::of(&taken.events, &subscribers);
                // First what waits for row locks: those of a transaction that deletes a project, which holds no other lock yet.
                statistics::add(conn, &consequences.deltas).await?;
                consequences.retain_granted(conn).await?;
                let Consequences { notifications, jobs, deliveries, .. } = consequences;
                let heads = notification::insert(conn, notifications).await?;
                job::enqueue(conn, &jobs).await?;
                let deliveries = deliver(conn, &deliveries).await?;
                let events: Vec<_> = taken.events.iter().map(|(event, _)| event).collect();
                change::record::record(conn, &events).await?;
                dialect::notify(conn, &heads).await?;
                let dispatched = Dispatched { events: taken.events.len(), more: taken.is_full, heads };
                Ok((dispatched, jobs.len(), deliveries))
            })
            .await?;
        if jobs > 0 {
            self.database.hints().jobs.notify_one();
        }
        if deliveries > 0 {
            self.database.hints().webhooks.notify_one();
        }
        Ok(dispatched)
    }

    async fn retry_set_aside(&self, kind: &'static str) -> Result<u64, RepositoryError> {
        let retried = self
            .database
            .write(async move |conn| {
                let set_aside = events::table.filter(events::is_set_aside.eq(true)).filter(events::kind.eq(kind));
                Ok(update(set_aside).set(events::is_set_aside.eq(false)).execute(conn).await? as u64)
            })
            .await?;
        if retried > 0 {
            self.database.hints().events.notify_one();
        }
        Ok(retried)
    }

    async fn backlog(&self, limit: u32) -> Result<Backlog, RepositoryError> {
        self.database.read(async move |conn| backlog::of_events(conn, limit).await).await
    }

    async fn wait(&self) {
        self.database.hints().events.notified().await;
    }
}
