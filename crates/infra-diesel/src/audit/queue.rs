//! Lines that are written in groups: of logins, logouts and refusals.

use super::{
    cap::{Cap, Verdict},
    log,
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

/// Lines that may wait. What comes on top is logged, but not written.
const ROOM: usize = 10_000;

/// Lines that are written in one transaction.
const GROUP: usize = 500;

// @spec SPEC-018
/// Takes lines without waiting, and writes them when [`AuditQueue::flush`] is called. Refusals of one address beyond a
/// thousand an hour become one line that counts them.
pub struct AuditQueue {
    repository: Arc<dyn AuditRepository>,
    state: Mutex<State>,
    changed: Notify,
    /// Held by whoever writes, so that what was noted before is written once a flush is through.
    writing: AsyncMutex<()>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<AuditEntry>,
    cap: Cap,
    dropped: u64,
}

impl AuditQueue {
    /// An empty one.
    pub fn new(repository: Arc<dyn AuditRepository>) -> Self {
        count_dropped(0);
        Self { repository, state: Mutex::default(), changed: Notify::new(), writing: AsyncMutex::default() }
    }

    /// Waits until there may be something to write.
    pub async fn wait(&self) {
        self.changed.notified().await;
    }

    /// Writes all that was noted until now. What can't be written stays, as far as there is room.
    pub async fn flush(&self) -> Result<(), RepositoryError> {
        let _writing = self.writing.lock().await;
        loop {
            // They stay until they are written: whoever waits for this may go away meanwhile.
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
        let counts = self.lock().cap.changed();
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
            state.cap.begun(count, id);
        }
        for count in &counts {
            state.cap.written(count);
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn push(&mut self, entry: AuditEntry) {
        if self.waiting.len() < ROOM {
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
    fn note(&self, entry: AuditEntry) {
        let verdict = if entry.action.is_refusal() { self.lock().cap.refuse(&entry) } else { Verdict::Write };
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

    async fn written(&self) {
        // Whoever writes them in the background tells of an error.
        drop(self.flush().await);
    }
}
