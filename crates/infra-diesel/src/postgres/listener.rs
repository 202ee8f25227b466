//! Receives notifications of what other nodes dispatched (`LISTEN`).

use super::{
    news::{self, CHANNEL},
    pool::Pool,
    target::Driver,
};
use crate::Error;
use async_trait::async_trait;
use fasttrack_domain::{
    failure::Outage,
    notification::NotificationHead,
    ports::notification_bus::{self, BusMessage},
};
use std::{future::poll_fn, time::Duration};
use tokio::{
    spawn,
    sync::mpsc::{Receiver, Sender, channel},
    task::JoinHandle,
    time::{Instant, sleep_until, timeout},
};
use tokio_postgres::{AsyncMessage, Client, SimpleQueryMessage};

/// The pause between attempts to connect, and how long a connection may be silent before it is checked.
const INTERVAL: Duration = Duration::from_secs(1);

/// How long the server may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// How many payloads may wait to be processed.
const QUEUE: usize = 1024;

/// Receives the notifications of all nodes on one database, and reconnects after an outage.
pub struct NotificationListener {
    pool: Pool,
    connection: Option<Connection>,
    attempted: Option<Instant>,
    outage: Outage,
}

impl NotificationListener {
    pub(super) fn new(pool: Pool) -> Self {
        Self { pool, connection: None, attempted: None, outage: Outage::default() }
    }

    fn log_outage(&self, error: &Error) {
        if self.outage.failed() {
            tracing::warn!(%error, "the connection for notifications of other nodes is lost; polling until it is back");
        }
    }

    async fn reconnect(&mut self) {
        if let Some(attempted) = self.attempted {
            sleep_until(attempted + INTERVAL).await;
        }
        self.attempted = Some(Instant::now());
        match timeout(ANSWER_TIMEOUT, Connection::open(&self.pool)).await.unwrap_or_else(|_| Err(no_answer())) {
            Ok(connection) => {
                self.connection = Some(connection);
                if self.outage.recovered() {
                    tracing::info!("the connection for notifications of other nodes is back");
                }
            }
            Err(error) => self.log_outage(&error),
        }
    }
}

#[async_trait]
impl notification_bus::NotificationListener for NotificationListener {
    async fn next(&mut self) -> BusMessage {
        let Some(connection) = &mut self.connection else {
            self.reconnect().await;
            return BusMessage::Gap;
        };
        match connection.receive().await {
            Ok(Some(news)) => BusMessage::Heads(news),
            Ok(None) => BusMessage::Gap,
            Err(error) => {
                self.connection = None;
                self.log_outage(&error);
                self.reconnect().await;
                BusMessage::Gap
            }
        }
    }
}

/// A connection that has run `LISTEN`.
struct Connection {
    client: Client,
    payloads: Receiver<String>,
    driver: JoinHandle<()>,
}

impl Connection {
    async fn open(pool: &Pool) -> Result<Self, Error> {
        let (client, driver) = pool.dedicated().await?;
        let (sender, payloads) = channel(QUEUE);
        let connection = Self { client, payloads, driver: spawn(drive(driver, sender)) };
        connection.client.batch_execute(&format!("LISTEN {CHANNEL}")).await.map_err(failed)?;
        Ok(connection)
    }

    /// Waits for a notification. `None` where its payload can't be parsed.
    async fn receive(&mut self) -> Result<Option<Vec<NotificationHead>>, Error> {
        loop {
            match timeout(INTERVAL, self.payloads.recv()).await {
                Ok(Some(payload)) => return Ok(news::parse(&payload)),
                Ok(None) => return Err(Error::Connection("the connection is lost".into())),
                Err(_) => self.check().await?,
            }
        }
    }

    /// Fails where the connection no longer receives notifications: the server doesn't answer, or a pooler has moved the
    /// client to a connection without `LISTEN`.
    async fn check(&self) -> Result<(), Error> {
        let query = format!("SELECT FROM pg_listening_channels() channel WHERE channel = '{CHANNEL}'");
        let answer = timeout(ANSWER_TIMEOUT, self.client.simple_query(&query)).await.map_err(|_| no_answer())?;
        let is_row = |message: &SimpleQueryMessage| matches!(message, SimpleQueryMessage::Row(_));
        if answer.map_err(failed)?.iter().any(is_row) {
            Ok(())
        } else {
            Err(Error::Connection("the connection no longer listens".into()))
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// Runs the connection, and closes it where the queue of payloads is full or the receiver is dropped.
async fn drive(mut driver: Driver, payloads: Sender<String>) {
    while let Some(Ok(message)) = poll_fn(|context| driver.poll_message(context)).await {
        let AsyncMessage::Notification(notification) = message else { continue };
        if payloads.try_send(notification.payload().to_owned()).is_err() {
            return;
        }
    }
}

fn failed(error: tokio_postgres::Error) -> Error {
    Error::Connection(error.into())
}

fn no_answer() -> Error {
    Error::Connection("no answer within the time allowed".into())
}
