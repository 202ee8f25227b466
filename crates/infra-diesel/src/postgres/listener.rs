//! What other nodes dispatched, heard as it happens.

use super::{
    news::{self, CHANNEL},
    options::Driver,
    pool::Pool,
};
use crate::Error;
use async_trait::async_trait;
use fasttrack_domain::{
    notification::News,
    ports::news::{Heard, NewsSource},
};
use std::{future::poll_fn, time::Duration};
use tokio::{
    spawn,
    sync::mpsc::{Receiver, Sender, channel},
    task::JoinHandle,
    time::{Instant, sleep_until, timeout},
};
use tokio_postgres::{AsyncMessage, Client, SimpleQueryMessage};

/// How often a connection is tried to be made, and how long one may be silent before it is asked whether it still
/// listens.
const PACE: Duration = Duration::from_secs(1);

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Payloads that may wait to be taken.
const BACKLOG: usize = 1024;

/// Listens to all nodes of one database.
pub struct Listener {
    pool: Pool,
    line: Option<Line>,
    attempted: Option<Instant>,
    /// So that an outage is logged once.
    is_cut_off: bool,
}

impl Listener {
    pub(super) fn new(pool: Pool) -> Self {
        Self { pool, line: None, attempted: None, is_cut_off: false }
    }

    fn cut_off(&mut self, error: &Error) {
        if !std::mem::replace(&mut self.is_cut_off, true) {
            tracing::warn!(%error, "other nodes can't be heard; looking for what they do instead");
        }
    }

    async fn reconnect(&mut self) {
        if let Some(attempted) = self.attempted {
            sleep_until(attempted + PACE).await;
        }
        self.attempted = Some(Instant::now());
        match timeout(PATIENCE, Line::open(&self.pool)).await.unwrap_or_else(|_| Err(silent())) {
            Ok(line) => {
                self.line = Some(line);
                if std::mem::take(&mut self.is_cut_off) {
                    tracing::info!("other nodes can be heard again");
                }
            }
            Err(error) => self.cut_off(&error),
        }
    }
}

#[async_trait]
impl NewsSource for Listener {
    async fn next(&mut self) -> Heard {
        let Some(line) = &mut self.line else {
            self.reconnect().await;
            return Heard::Gap;
        };
        match line.hear().await {
            Ok(Some(news)) => Heard::News(news),
            Ok(None) => Heard::Gap,
            Err(error) => {
                self.line = None;
                self.cut_off(&error);
                self.reconnect().await;
                Heard::Gap
            }
        }
    }
}

/// A connection that listens.
struct Line {
    client: Client,
    payloads: Receiver<String>,
    driver: JoinHandle<()>,
}

impl Line {
    async fn open(pool: &Pool) -> Result<Self, Error> {
        let (client, driver) = pool.dedicated().await?;
        let (sender, payloads) = channel(BACKLOG);
        let line = Self { client, payloads, driver: spawn(drive(driver, sender)) };
        line.client.batch_execute(&format!("LISTEN {CHANNEL}")).await.map_err(failed)?;
        Ok(line)
    }

    /// Waits for news. `None`: something else was said, whatever it means.
    async fn hear(&mut self) -> Result<Option<Vec<News>>, Error> {
        loop {
            match timeout(PACE, self.payloads.recv()).await {
                Ok(Some(payload)) => return Ok(news::parse(&payload)),
                Ok(None) => return Err(Error::Connection("the connection is lost".into())),
                Err(_) => self.ask().await?,
            }
        }
    }

    /// Whether the server still tells us. One that is gone doesn't answer; a pooler between may have put us on another
    /// connection of its own, which doesn't listen.
    async fn ask(&self) -> Result<(), Error> {
        let question = format!("SELECT FROM pg_listening_channels() channel WHERE channel = '{CHANNEL}'");
        let answer = timeout(PATIENCE, self.client.simple_query(&question)).await.map_err(|_| silent())?;
        let is_row = |message: &SimpleQueryMessage| matches!(message, SimpleQueryMessage::Row(_));
        if answer.map_err(failed)?.iter().any(is_row) {
            Ok(())
        } else {
            Err(Error::Connection("the connection no longer listens".into()))
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// Keeps the connection going, and ends it where nobody takes what it says.
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

fn silent() -> Error {
    Error::Connection("no answer within the time allowed".into())
}
