//! The connection to a Redis, which may be lost and found.

use fasttrack_domain::rate_limit::{PARTS, Quota, Standing, Subject};
use redis::{AsyncConnectionConfig, Client, RedisError, Script, aio::MultiplexedConnection};
use std::{
    error::Error,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::Notify,
    task::JoinHandle,
    time::{sleep, timeout},
};

/// Whom the server counts to show that it does.
pub(super) const PROBE: &str = "probe";

/// How long making a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// Between two attempts to have the server back.
const PAUSE: Duration = Duration::from_secs(1);

/// How long a call may be on its way: by the server's clock a hit is older than when it was to be taken back.
const WAY: Duration = Duration::from_millis(200);

/// A connection while there is one.
pub(super) struct Link {
    client: Client,
    quota: Quota,
    /// How long a request waits for the server.
    patience: Duration,
    script: Script,
    state: Mutex<State>,
    /// Told when the connection is lost.
    lost: Notify,
}

#[derive(Default)]
struct State {
    connection: Option<MultiplexedConnection>,
    /// Of the connection: a request that failed on a former one says nothing about it.
    number: u64,
}

/// Why the server doesn't count.
#[derive(Debug)]
enum Failure {
    Redis(RedisError),
    Silence,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Redis(error) => error.fmt(f),
            Self::Silence => f.write_str("no answer within the time allowed"),
        }
    }
}

impl Error for Failure {}

impl Link {
    pub(super) fn new(client: Client, quota: Quota, patience: Duration) -> Self {
        let script = Script::new(include_str!("hit.lua"));
        Self { client, quota, patience, script, state: Mutex::default(), lost: Notify::new() }
    }

    /// What the server says; `None`, at once, while there is none.
    pub(super) async fn hit(&self, subject: Subject) -> Option<Standing> {
        self.call(subject, None).await
    }

    /// Takes back a hit that was made `age` ago. Whether the server did.
    pub(super) async fn take_back(&self, subject: Subject, age: Duration) -> bool {
        self.call(subject, Some(age + WAY)).await.is_some()
    }

    async fn call(&self, subject: Subject, taken_back: Option<Duration>) -> Option<Standing> {
        let (mut connection, number) = {
            let state = self.state();
            (state.connection.clone()?, state.number)
        };
        match self.count(&mut connection, &subject.to_string(), taken_back).await {
            Ok(standing) => Some(standing),
            Err(failure) => {
                self.lose(number, &failure);
                None
            }
        }
    }

    async fn count(
        &self,
        connection: &mut MultiplexedConnection,
        subject: &str,
        taken_back: Option<Duration>,
    ) -> Result<Standing, Failure> {
        let window = u64::from(self.quota.window_seconds.get()) * 1_000_000;
        let mut call = self.script.key(format!("fasttrack:rate-limit:{subject}"));
        call.arg(self.quota.limit.get()).arg(window).arg(window.div_ceil(PARTS));
        call.arg(taken_back.map_or(-1, |age| i64::try_from(age.as_micros()).unwrap_or(i64::MAX)));
        let answer = timeout(self.patience, call.invoke_async(connection)).await.map_err(|_| Failure::Silence)?;
        let (is_allowed, remaining, more_after): (bool, u32, u64) = answer.map_err(Failure::Redis)?;
        Ok(Standing { is_allowed, remaining, more_after: Duration::from_micros(more_after) })
    }

    fn lose(&self, number: u64, failure: &Failure) {
        let mut state = self.state();
        if state.number == number && state.connection.take().is_some() {
            complain(failure);
            self.lost.notify_one();
        }
    }

    /// Has the server, once it is seen to count.
    async fn find(&self) -> Result<(), Failure> {
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(CONNECT_TIMEOUT)).set_response_timeout(None);
        let connect = self.client.get_multiplexed_async_connection_with_config(&config);
        // The handshake is within the time too.
        let connected = timeout(CONNECT_TIMEOUT, connect).await.map_err(|_| Failure::Silence)?;
        let mut connection = connected.map_err(Failure::Redis)?;
        self.count(&mut connection, PROBE, None).await?;
        let mut state = self.state();
        state.number += 1;
        state.connection = Some(connection);
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn complain(failure: &Failure) {
    let error: &dyn Error = failure;
    tracing::warn!(error, "Redis doesn't count requests; this node does by itself until Redis is back");
}

/// Looks for the server whenever it is lost. Ends when it is dropped.
pub(super) struct Keeper(JoinHandle<()>);

impl Keeper {
    /// After one attempt.
    pub(super) async fn start(link: Arc<Link>) -> Self {
        if let Err(failure) = link.find().await {
            complain(&failure);
            link.lost.notify_one();
        }
        Self(tokio::spawn(keep(link)))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn keep(link: Arc<Link>) {
    loop {
        link.lost.notified().await;
        loop {
            sleep(PAUSE).await;
            match link.find().await {
                Ok(()) => break tracing::info!("Redis counts requests again"),
                Err(failure) => tracing::debug!(error = &failure as &dyn Error, "Redis doesn't count requests yet"),
            }
        }
    }
}
