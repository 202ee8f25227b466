//! Reads the deliveries of a webhook that are due.

use super::super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::super::{
        Connection, Database, Error, SqlTimestamp,
        schema::{deliveries, webhooks},
    },
    oldest::oldest_of_each_subject,
    rows::lock,
};
use chrono::TimeDelta;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper,
    update,
};
use fasttrack_domain::{
    Timestamp,
    id::{DeliveryId, WebhookId},
    job::WorkerId,
    ports::RepositoryError,
    webhook::{DeliveryStatus, DueDelivery, MessageId, WebhookSecret, WebhookUrl},
};
use std::collections::HashMap;

/// How many due deliveries are read to find those of different subjects.
const WINDOW: i64 = 128;

/// How long before its time a delivery is due that was never attempted. Its time is that of its change, by the clock of the
/// node that made it: of changes of one subject by two nodes, the earlier one may have the later time.
const CLOCK_DIFFERENCE: TimeDelta = TimeDelta::seconds(2);

/// The error of a delivery whose content can't be read.
const UNREADABLE: &str = "the content can't be read";

/// Where deliveries go.
#[derive(Queryable, Selectable)]
#[diesel(table_name = webhooks)]
struct EndpointRow {
    id: i64,
    url: String,
    secret: String,
    previous_secret: Option<String>,
    previous_until: Option<SqlTimestamp>,
}

impl EndpointRow {
    /// The URL, and the secrets that sign at `now`, the newest first.
    fn entity(self, now: Timestamp) -> Result<(WebhookUrl, Vec<WebhookSecret>), Error> {
        let corrupt = Error::corrupt("webhooks", self.id);
        let is_valid = self.previous_until.is_some_and(|until| until.0 > now);
        let secrets = [self.secret].into_iter().chain(self.previous_secret.filter(|_| is_valid));
        let secrets = secrets.map(WebhookSecret::parse).collect::<Result<_, _>>().map_err(&corrupt)?;
        Ok((WebhookUrl::parse(self.url).map_err(&corrupt)?, secrets))
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = deliveries)]
struct DueRow {
    id: i64,
    webhook_id: i64,
    message_id: String,
    attempts: i64,
    attempts_before: i64,
    payload: String,
}

impl DueRow {
    fn entity(self, (url, secrets): &(WebhookUrl, Vec<WebhookSecret>)) -> Result<DueDelivery, Error> {
        Ok(DueDelivery {
            id: DeliveryId::new(self.id),
            webhook_id: WebhookId::new(self.webhook_id),
            url: url.clone(),
            secrets: secrets.clone(),
            message_id: MessageId::new(self.message_id),
            content: serde_json::from_str(&self.payload)?,
            failures: u32::try_from(self.attempts - self.attempts_before).unwrap_or_default(),
        })
    }
}

/// What was read of a webhook.
#[derive(Default)]
struct Found {
    due: Vec<DueDelivery>,
    unreadable: Vec<i64>,
}

async fn find(
    conn: &mut Connection,
    webhook: i64,
    worker: &WorkerId,
    now: Timestamp,
    limit: usize,
) -> Result<Option<Found>, Error> {
    let leased = webhooks::table.filter(webhooks::id.eq(webhook)).filter(webhooks::worker.eq(worker.as_str()));
    let endpoint: Option<EndpointRow> = leased.select(EndpointRow::as_select()).first(conn).await.optional()?;
    let Some(endpoint) = endpoint else { return Ok(None) };
    let window = deliveries::table
        .filter(deliveries::webhook_id.eq(webhook))
        .filter(deliveries::next_attempt_at.le(SqlTimestamp(now + CLOCK_DIFFERENCE)))
        .filter(deliveries::attempts.eq(0).or(deliveries::next_attempt_at.le(SqlTimestamp(now))))
        .order((deliveries::next_attempt_at, deliveries::id))
        .limit(WINDOW)
        .select((deliveries::id, deliveries::subject));
    let mut ids = oldest_of_each_subject(window.load(conn).await?);
    ids.truncate(limit);
    if ids.is_empty() {
        return Ok(Some(Found::default()));
    }
    let endpoint = endpoint.entity(now)?;
    let rows = deliveries::table.filter(deliveries::id.eq_any(&ids)).filter(deliveries::next_attempt_at.is_not_null());
    let rows: Vec<DueRow> = rows.select(DueRow::as_select()).load(conn).await?;
    let mut rows: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
    let mut found = Found::default();
    for row in ids.iter().filter_map(|id| rows.remove(id)) {
        let id = row.id;
        match row.entity(&endpoint) {
            Ok(delivery) => found.due.push(delivery),
            Err(error) => {
                tracing::error!(delivery = id, %error, "a delivery can't be read and has failed");
                found.unreadable.push(id);
            }
        }
    }
    Ok(Some(found))
}

/// Fails deliveries of a webhook that can't be read.
async fn fail(conn: &mut Connection, webhook: i64, ids: Vec<i64>, now: Timestamp) -> Result<(), Error> {
    if lock(conn, webhook).await?.is_none() {
        return Ok(());
    }
    let pending =
        deliveries::table.filter(deliveries::id.eq_any(ids)).filter(deliveries::next_attempt_at.is_not_null());
    update(pending)
        .set((
            deliveries::status.eq(DeliveryStatus::Failed.as_str()),
            deliveries::last_error.eq(UNREADABLE),
            deliveries::next_attempt_at.eq(None::<SqlTimestamp>),
            deliveries::finished_at.eq(SqlTimestamp(now)),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// See [`WebhookQueue::due`](fasttrack_domain::ports::webhook::WebhookQueue::due).
pub(super) async fn due(
    database: &Database,
    webhook: WebhookId,
    worker: WorkerId,
    now: Timestamp,
    limit: u32,
) -> Result<Option<Vec<DueDelivery>>, RepositoryError> {
    let (webhook, limit) = (webhook.get(), limit as usize);
    let found = database.read(async move |conn| find(conn, webhook, &worker, now, limit).await).await?;
    let Some(Found { due, unreadable }) = found else { return Ok(None) };
    if !unreadable.is_empty() {
        database.write(async move |conn| fail(conn, webhook, unreadable, now).await).await?;
    }
    Ok(Some(due))
}
