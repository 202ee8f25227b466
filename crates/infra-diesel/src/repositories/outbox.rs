//! The outbox: events wait in it until their consequences are committed.

use super::{
    Connection, Database, Error, Lock, access, backlog, dialect, job, notification,
    schema::{events, users},
    statistics,
};
use async_trait::async_trait;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, delete, update};
use diesel_async::RunQueryDsl;
use fasttrack_domain::{
    event::Event,
    job::NewJob,
    notification::NewNotification,
    ports::{
        RepositoryError,
        outbox::{self, Backlog, Consequence, Dispatched, EventSubscriber},
    },
    statistics::StatisticsDelta,
    text::DisplayName,
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

/// A batch of events that was taken out of the outbox.
#[derive(Default)]
struct Taken {
    events: Vec<(Event, Arc<DisplayName>)>,
    /// How many rows were read, including those that were set aside.
    rows: usize,
}

/// Takes the oldest events out of the outbox, each with the name of its actor. Sets aside those that can't be read.
async fn take(conn: &mut Connection, limit: usize) -> Result<Taken, Error> {
    let rows: Vec<(i64, String)> = events::table
        .filter(events::is_set_aside.eq(false))
        .order(events::id)
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select((events::id, events::payload))
        .load(conn)
        .await?;
    let mut taken = Taken { rows: rows.len(), ..Taken::default() };
    let (mut done, mut unreadable) = (Vec::with_capacity(rows.len()), Vec::new());
    let mut read = Vec::with_capacity(rows.len());
    for (id, payload) in rows {
        match serde_json::from_str::<Event>(&payload) {
            Ok(event) => read.push((id, event)),
            Err(error) => {
                tracing::error!(event = id, %error, "an event can't be read and is set aside");
                unreadable.push(id);
            }
        }
    }
    let names = names(conn, &read).await?;
    for (id, event) in read {
        if let Some(name) = names.get(&event.actor_id().get()) {
            taken.events.push((event, name.clone()));
            done.push(id);
        } else {
            tracing::error!(event = id, actor = %event.actor_id(), "the actor of an event has no readable name; the event is set aside");
            unreadable.push(id);
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

/// The display names of the actors, by id, where they can be read. None of these users is erased before the dispatch is
/// committed, so that no name is stored after its erasure.
async fn names(conn: &mut Connection, events: &[(i64, Event)]) -> Result<HashMap<i64, Arc<DisplayName>>, Error> {
    let mut actors: Vec<_> = events.iter().map(|(_, event)| event.actor_id().get()).collect();
    actors.sort_unstable();
    actors.dedup();
    let users = users::table.filter(users::id.eq_any(actors)).order(users::id).select((users::id, users::display_name));
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
}

impl Consequences {
    fn of(events: &[(Event, Arc<DisplayName>)], subscribers: &[Arc<dyn EventSubscriber>]) -> Self {
        let mut all = Self::default();
        for (event, actor) in events {
            for consequence in subscribers.iter().flat_map(|subscriber| subscriber.consequences(event, actor)) {
                match consequence {
                    Consequence::Notify(notification) => all.notifications.push(notification),
                    Consequence::Count(delta) => all.deltas.push(delta),
                    Consequence::Enqueue(job) => all.jobs.push(job),
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
        let (dispatched, jobs) = self
            .database
            .write(async move |conn| {
                dialect::lock(conn, Lock::Outbox).await?;
                let taken = take(conn, limit).await?;
                let mut consequences = Consequences::of(&taken.events, &subscribers);
                // First what waits for row locks: those of a transaction that deletes a project, which holds no other lock yet.
                statistics::add(conn, &consequences.deltas).await?;
                consequences.retain_granted(conn).await?;
                let Consequences { notifications, jobs, .. } = consequences;
                let heads = notification::insert(conn, notifications).await?;
                job::enqueue(conn, &jobs).await?;
                dialect::notify(conn, &heads).await?;
                let dispatched = Dispatched { events: taken.events.len(), more: taken.rows == limit, heads };
                Ok((dispatched, jobs.len()))
            })
            .await?;
        if jobs > 0 {
            self.database.hints().jobs.notify_one();
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
