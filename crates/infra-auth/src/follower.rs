//! Keeps the blocklist in memory up with the table, where other processes write too: the command line on the same
//! database, other nodes.

use crate::memory::TokenMemory;
use fasttrack_domain::ports::{
    RepositoryError,
    clock::Clock,
    revocation::{Blocklist, RevocationRepository},
};
use std::{error::Error, pin::pin, sync::Arc, time::Duration};
use tokio::{
    sync::oneshot,
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval, timeout},
};

/// Revocations are read within a second. After a silence that could be longer, storage is asked for each request.
const MAX_SILENCE: Duration = Duration::from_secs(1);

/// How often the follower does what. None may be zero.
#[derive(Clone, Copy, Debug)]
pub struct Intervals {
    /// Reads what other processes revoked.
    pub poll: Duration,
    /// Forgets entries that have expired.
    pub prune: Duration,
}

impl Default for Intervals {
    fn default() -> Self {
        Self { poll: Duration::from_millis(250), prune: Duration::from_mins(1) }
    }
}

// @spec SPEC-001
/// Runs until it is stopped or dropped, and finishes what it is doing then.
#[derive(Debug)]
pub struct BlocklistFollower {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl BlocklistFollower {
    /// Reads the whole table into `blocklist`, and follows it from then on. Fails where the table can't be read:
    /// no token may be verified before.
    pub async fn start(
        revocations: Arc<dyn RevocationRepository>,
        blocklist: Arc<TokenMemory>,
        clock: Arc<dyn Clock>,
        intervals: Intervals,
    ) -> Result<Self, RepositoryError> {
        let mut state = State { revocations, blocklist, clock, position: 0, heard: Instant::now(), outage: false };
        state.read().await?;
        let (stop, stopped) = oneshot::channel();
        Ok(Self { stop, task: tokio::spawn(state.follow(intervals, stopped)) })
    }

    /// Ends it and waits until it has ended.
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
    /// When the latest read that succeeded began.
    heard: Instant,
    outage: bool,
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
        self.heard = begin;
        Ok(())
    }

    async fn poll(&mut self, period: Duration) {
        let result = {
            let blocklist = Arc::clone(&self.blocklist);
            let mut read = pin!(self.read());
            if let Ok(result) = timeout(MAX_SILENCE.saturating_sub(period), &mut read).await {
                result
            } else {
                // A database that doesn't answer says nothing either.
                blocklist.set_outdated(true);
                read.await
            }
        };
        self.blocklist.set_outdated(result.is_err() && self.heard.elapsed() + period > MAX_SILENCE);
        match &result {
            Ok(()) if self.outage => tracing::info!("the revoked tokens can be read again"),
            Err(error) if !self.outage => {
                tracing::error!(error = error as &dyn Error, "can't read the revoked tokens; trying on");
            }
            _ => {}
        }
        self.outage = result.is_err();
    }
}

#[cfg(test)]
mod tests;
