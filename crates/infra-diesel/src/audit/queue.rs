//! Entries that are inserted in groups: those of logins, logouts and refusals.

use super::{
    log,
    refusal_limit::{RefusalLimit, Verdict},
};
use async_trait::async_trait;
use fasttrack_domain::{
    audit::AuditEntry,
    ports::{
        RepositoryError,
        audit::{AuditLog, AuditRepository},
    },
};
use metrics::counter;
use std::{
    collections::VecDeque,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{Mutex as AsyncMutex, Notify};

/// How many entries may wait. Further ones are logged, but not inserted.
const CAPACITY: usize = 10_000;

/// How many entries are inserted in one transaction.
const GROUP: usize = 500;

// @spec SPEC-018
/// Queues entries without waiting, and inserts them when [`AuditQueue::flush`] is called. Beyond a thousand an hour the
/// refusals of one address are only counted, in one entry.
pub struct AuditQueue {
    repository: Arc<dyn AuditRepository>,
    state: Mutex<State>,
    changed: Notify,
    /// Held during a flush, so that after a flush all that was queued before it is inserted.
    writing: AsyncMutex<()>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<AuditEntry>,
    limit: RefusalLimit,
    dropped: u64,
}

impl AuditQueue {
    /// An empty queue.
    pub fn new(repository: Arc<dyn AuditRepository>) -> Self {
        count_dropped(0);
        Self { repository, state: Mutex::default(), changed: Notify::new(), writing: AsyncMutex::default() }
    }

    /// Waits until there may be something to insert.
    pub async fn wait(&self) {
        self.changed.notified().await;
    }

    /// Inserts all that was queued until now. What can't be inserted stays in the queue.
    pub async fn flush(&self) -> Result<(), RepositoryError> {
        let _writing = self.writing.lock().await;
        loop {
            // They stay in the queue until they are inserted, as this future may be dropped meanwhile.
            let group: Vec<_> = self.lock().waiting.iter().take(GROUP).cloned().collect();
            let count = group.len();
            if count > 0 {
                self.repository.append(group).await?;
                self.lock().waiting.drain(..count);
            }
            if count < GROUP {
                break;
            }
        }
        let dropped = mem::take(&mut self.lock().dropped);
        if dropped > 0 {
            tracing::warn!(lines = dropped, "audit lines were only logged: more came than could be written");
        }
        self.flush_counts().await
    }

    async fn flush_counts(&self) -> Result<(), RepositoryError> {
        let counts = self.lock().limit.changed();
        let written: Vec<_> = counts.iter().filter_map(|count| Some((count.line()?, count.changes()))).collect();
        let new: Vec<_> = counts.iter().filter(|count| count.line().is_none()).collect();
        if !written.is_empty() {
            self.repository.recount(written).await?;
        }
        let ids = match &new[..] {
            [] => Vec::new(),
            new => self.repository.append(new.iter().map(|count| count.entry()).collect()).await?,
        };
        let mut state = self.lock();
        for (count, id) in new.into_iter().zip(ids) {
            state.limit.begun(count, id);
        }
        for count in &counts {
            state.limit.written(count);
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn push(&mut self, entry: AuditEntry) {
        if self.waiting.len() < CAPACITY {
            self.waiting.push_back(entry);
        } else {
            self.dropped += 1;
            count_dropped(1);
        }
    }
}

fn count_dropped(lines: u64) {
    counter!(
        description: "Audit lines that were logged, but not written to the table: more came than could be written.",
        "fasttrack_audit_dropped_lines_total"
    )
    .increment(lines);
}

#[async_trait]
impl AuditLog for AuditQueue {
    fn record(&self, entry: AuditEntry) {
        let verdict = if entry.action.is_refusal() { self.lock().limit.refuse(&entry) } else { Verdict::Write };
        match verdict {
            Verdict::Write => {
                log(&entry);
                self.lock().push(entry);
            }
            Verdict::BeginCount => {
                tracing::info!(
                    target: "fasttrack::audit",
                    ip = entry.origin.ip.map(tracing::field::display),
                    "further refusals of this address within an hour are only counted"
                );
            }
            Verdict::Count => {}
        }
        self.changed.notify_one();
    }

    async fn flush(&self) {
        // The background task logs errors. The type keeps this from being a call of this method.
        let outcome: Result<(), RepositoryError> = self.flush().await;
        drop(outcome);
    }
}
