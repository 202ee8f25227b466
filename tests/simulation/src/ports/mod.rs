//! The ports of storage, with faults at each call.

mod accounts;
mod background;
mod jobs;
mod sessions;
mod webhook_queue;
mod work;

use crate::{
    observer::Observer,
    scheduler::{Sim, give_way},
};
use fasttrack_domain::ports::{Repositories, RepositoryError};
use std::{sync::Arc, time::Duration};

/// How often of a thousand calls storage refuses one before it does anything.
const REFUSED: u64 = 12;

/// How often of a thousand calls the answer is lost after storage has done its work.
const LOST: u64 = 12;

/// The connection of a node to storage.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) sim: Arc<Sim>,
    pub(crate) observer: Arc<Observer>,
    pub(crate) node: usize,
}

impl Line {
    /// Makes a call. Other tasks run before and after it; `work` itself is done at one moment, and observed there. So what
    /// a caller has read may be outdated when it gets it.
    async fn call<T: Send>(
        &self,
        name: &'static str,
        work: impl Future<Output = Result<T, RepositoryError>> + Send,
    ) -> Result<T, RepositoryError> {
        self.pause().await;
        if self.happens(REFUSED) {
            self.note(name, "refused");
            return Err(unavailable("storage refused the call"));
        }
        let result = work.await;
        self.note(
            name,
            match &result {
                Ok(_) => "done",
                Err(RepositoryError::Conflict { constraint }) => constraint,
                Err(RepositoryError::Unavailable(_)) => "unavailable",
                Err(RepositoryError::Other(_)) => "failed",
            },
        );
        self.observer.look(name);
        self.pause().await;
        if self.happens(LOST) {
            self.note(name, "answer lost");
            return Err(unavailable("the answer of storage was lost"));
        }
        result
    }

    fn note(&self, name: &'static str, outcome: &'static str) {
        self.sim.note(Some(self.node), format_args!("{name}: {outcome}"));
    }

    /// Whether a fault that has this chance of a thousand happens.
    pub(crate) fn happens(&self, of_thousand: u64) -> bool {
        self.sim.injects_faults() && self.sim.chance(of_thousand)
    }

    /// Lets other tasks run, seldom for so long that leases end.
    pub(crate) async fn pause(&self) {
        give_way().await;
        if !self.sim.injects_faults() {
            return;
        }
        let pause = match self.sim.below(20_000) {
            0..15_000 => return,
            15_000..19_800 => Duration::from_micros(self.sim.below(20_000)),
            19_800..19_999 => Duration::from_millis(self.sim.below(2_000)),
            _ => Duration::from_secs(15 + self.sim.below(60)),
        };
        self.sim.sleep(pause).await;
    }
}

fn unavailable(why: &'static str) -> RepositoryError {
    RepositoryError::Unavailable(why.into())
}

/// A port of storage behind a [`Line`].
pub(crate) struct Faulty<P: ?Sized> {
    inner: Arc<P>,
    line: Line,
}

/// Implements a port by [`Line::call`], whose names begin with `$name`.
macro_rules! port {
    ($port:ident as $name:literal $($wait:ident)? {
        $($method:ident($($argument:ident: $type:ty),*) -> $result:ty;)+
    }) => {
        #[async_trait]
        impl $port for Faulty<dyn $port> {
            $(
                async fn $method(&self, $($argument: $type),*) -> Result<$result, RepositoryError> {
                    let work = self.inner.$method($($argument),*);
                    self.line.call(concat!($name, ".", stringify!($method)), work).await
                }
            )+

            $(
                async fn $wait(&self) {
                    self.inner.$wait().await;
                }
            )?
        }
    };
}
use port;

/// Puts each port that is simulated behind the line.
pub(crate) fn faulty(inner: &Repositories, line: &Line) -> Repositories {
    macro_rules! behind {
        ($($field:ident)+) => {
            Repositories {
                $($field: Arc::new(Faulty { inner: inner.$field.clone(), line: line.clone() }),)+
                ..inner.clone()
            }
        };
    }
    behind! {
        users api_tokens erasures people revocations tickets resets verifications login_attempts idempotency
        projects members invitations labels tasks comments changes statistics webhooks
        outbox reminders notices notifications audit
        sessions jobs webhook_queue
    }
}
