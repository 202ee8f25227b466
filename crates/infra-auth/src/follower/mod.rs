//! Synchronizes the in-memory blocklist with the table that other processes write: the command line and other nodes.

use crate::memory::TokenMemory;
use fasttrack_domain::{
    failure::Outage,
    ports::{
        RepositoryError,
        clock::Clock,
        revocation::{Blocklist, RevocationRepository},
    },
};
use std::{error::Error, pin::pin, sync::Arc, time::Duration};
use tokio::{
    sync::oneshot,
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval, timeout},
};

/// The longest time without a successful read. After it, storage is asked for each request.
const MAX_STALENESS: Duration = Duration::from_secs(1);

/// The intervals of the follower. None may be zero.
#[derive(Clone, Copy, Debug)]
pub struct Intervals {
    /// How often revocations of other processes are read.
    pub poll: Duration,
    /// How often expired entries are removed.
    pub prune: Duration,
}

impl Default for Intervals {
    fn default() -> Self {
        Self { poll: Duration::from_millis(250), prune: Duration::from_mins(1) }
    }
}

// @spec SPEC-001
/// A background task. It ends when this is stopped or dropped, after it has finished its present step.
#[derive(Debug)]
pub struct BlocklistFollower {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl BlocklistFollower {
    /// Reads the whole table into `blocklist` and starts the task. Fails if the table can't be read: no token may be
    /// verified before.
    pub async fn start(
        revocations: Arc<dyn RevocationRepository>,
        blocklist: Arc<TokenMemory>,
        clock: Arc<dyn Clock>,
        intervals: Intervals,
    ) -> Result<Self, RepositoryError> {
        let mut state =
            State { revocations, blocklist, clock, position: 0, last_read: Instant::now(), outage: Outage::default() };
        state.read().await?;
        let (stop, stopped) = oneshot::channel();
        Ok(Self { stop, task: tokio::spawn(state.follow(intervals, stopped)) })
    }

    /// Stops the task and waits for its end.
    pub async fn stop(self) {
        drop(self.stop);
        if let Err(error) = self.task.await {
            tracing::error!(error = &error as &dyn Error, "the follower of the token blocklist failed");
        }
    }
}

struct State {
    revocations: Arc<dyn RevocationRepository>,
    blocklist: Arc<TokenMemory>,
    clock: Arc<dyn Clock>,
    position: i64,
    /// The begin of the last successful read.
    last_read: Instant,
    outage: Outage,
}

impl State {
    async fn follow(mut self, intervals: Intervals, mut stopped: oneshot::Receiver<()>) {
        let [mut poll, mut prune] = [intervals.poll, intervals.prune].map(|period| {
            let mut ticks = interval(period);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks
        });
        loop {
            tokio::select! {
                biased;
                _ = &mut stopped => return,
                _ = poll.tick() => self.poll(intervals.poll).await,
                _ = prune.tick() => self.blocklist.prune(self.clock.now()),
            }
        }
    }

    async fn read(&mut self) -> Result<(), RepositoryError> {
        let begin = Instant::now();
        let batch = self.revocations.since(self.position).await?;
        for revocation in &batch.revocations {
            self.blocklist.block(revocation);
        }
        self.position = batch.position;
        self.last_read = begin;
        Ok(())
    }

    async fn poll(&mut self, period: Duration) {
        let result = {
            let blocklist = Arc::clone(&self.blocklist);
            let mut read = pin!(self.read());
            if let Ok(result) = timeout(MAX_STALENESS.saturating_sub(period), &mut read).await {
                result
            } else {
                // A database that doesn't answer is as good as unreachable.
                blocklist.set_outdated(true);
                read.await
            }
        };
        self.blocklist.set_outdated(result.is_err() && self.last_read.elapsed() + period > MAX_STALENESS);
        match &result {
            Ok(()) if self.outage.recovered() => tracing::info!("the revoked tokens can be read again"),
            Err(error) if self.outage.failed() => {
                tracing::error!(error = error as &dyn Error, "can't read the revoked tokens; retrying");
            }
            Ok(()) | Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
