//! The connection to Redis: counts hits while it is connected, and reconnects after an outage.

use fasttrack_domain::rate_limit::{PARTS, Quota, RateLimitStatus, Subject};
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

/// The subject of the probe that a new connection is tested with.
pub(super) const PROBE: &str = "probe";

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// The time between two attempts to reconnect.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// The longest time that a call is under way: when a hit is removed it is older by the server's clock than by ours.
const MAX_LATENCY: Duration = Duration::from_millis(200);

/// A client of one Redis server.
pub(super) struct ReconnectingClient {
    client: Client,
    quota: Quota,
    /// How long a request waits for the server.
    request_timeout: Duration,
    script: Script,
    state: Mutex<State>,
    /// Notified when the connection is lost.
    lost: Notify,
}

#[derive(Default)]
struct State {
    connection: Option<MultiplexedConnection>,
    /// The connection's number: a failure of a former connection doesn't mark the present one as lost.
    number: u64,
}

/// Why a call failed.
#[derive(Debug)]
enum Failure {
    Redis(RedisError),
    Timeout,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Redis(error) => error.fmt(f),
            Self::Timeout => f.write_str("no answer within the timeout"),
        }
    }
}

impl Error for Failure {}

impl ReconnectingClient {
    pub(super) fn new(client: Client, quota: Quota, request_timeout: Duration) -> Self {
        let script = Script::new(include_str!("hit.lua"));
        Self { client, quota, request_timeout, script, state: Mutex::default(), lost: Notify::new() }
    }

    /// Counts a hit on the server. `None`, at once, while it is disconnected.
    pub(super) async fn hit(&self, subject: Subject) -> Option<RateLimitStatus> {
        self.call(subject, None).await
    }

    /// Removes a hit that was made `age` ago. Returns whether the server was reached.
    pub(super) async fn remove_hit(&self, subject: Subject, age: Duration) -> bool {
        self.call(subject, Some(age + MAX_LATENCY)).await.is_some()
    }

    async fn call(&self, subject: Subject, taken_back: Option<Duration>) -> Option<RateLimitStatus> {
        let (mut connection, number) = {
            let state = self.state();
            (state.connection.clone()?, state.number)
        };
        match self.count(&mut connection, &subject.to_string(), taken_back).await {
            Ok(status) => Some(status),
            Err(failure) => {
                self.mark_lost(number, &failure);
                None
            }
        }
    }

    async fn count(
        &self,
        connection: &mut MultiplexedConnection,
        subject: &str,
        taken_back: Option<Duration>,
    ) -> Result<RateLimitStatus, Failure> {
        let window = u64::from(self.quota.window_seconds.get()) * 1_000_000;
        let mut call = self.script.key(format!("fasttrack:rate-limit:{subject}"));
        call.arg(self.quota.limit.get()).arg(window).arg(window.div_ceil(PARTS));
        call.arg(taken_back.map_or(-1, |age| i64::try_from(age.as_micros()).unwrap_or(i64::MAX)));
        let answer =
            timeout(self.request_timeout, call.invoke_async(connection)).await.map_err(|_| Failure::Timeout)?;
        let (is_allowed, remaining, more_after): (bool, u32, u64) = answer.map_err(Failure::Redis)?;
        Ok(RateLimitStatus { is_allowed, remaining, more_after: Duration::from_micros(more_after) })
    }

    fn mark_lost(&self, number: u64, failure: &Failure) {
        let mut state = self.state();
        if state.number == number && state.connection.take().is_some() {
            log_outage(failure);
            self.lost.notify_one();
        }
    }

    /// Connects and counts a probe.
    async fn connect(&self) -> Result<(), Failure> {
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(CONNECT_TIMEOUT)).set_response_timeout(None);
        let connect = self.client.get_multiplexed_async_connection_with_config(&config);
        // The handshake is part of the timeout.
        let connected = timeout(CONNECT_TIMEOUT, connect).await.map_err(|_| Failure::Timeout)?;
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

fn log_outage(failure: &Failure) {
    let error: &dyn Error = failure;
    tracing::warn!(error, "Redis is unreachable; this node counts requests on its own until it has reconnected");
}

/// A background task that reconnects after an outage. It ends when this is dropped.
pub(super) struct Reconnector(JoinHandle<()>);

impl Reconnector {
    /// Tries to connect once, then starts the task.
    pub(super) async fn start(client: Arc<ReconnectingClient>) -> Self {
        if let Err(failure) = client.connect().await {
            log_outage(&failure);
            client.lost.notify_one();
        }
        Self(tokio::spawn(reconnect(client)))
    }
}

impl Drop for Reconnector {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn reconnect(client: Arc<ReconnectingClient>) {
    loop {
        client.lost.notified().await;
        loop {
            sleep(RETRY_INTERVAL).await;
            match client.connect().await {
                Ok(()) => break tracing::info!("reconnected to Redis; it counts requests again"),
                Err(failure) => tracing::debug!(error = &failure as &dyn Error, "can't reconnect to Redis yet"),
            }
        }
    }
}
