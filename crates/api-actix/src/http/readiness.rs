//! The readiness check, shared by all that request it at the same time.

use fasttrack_domain::ports::{RepositoryError, health::HealthCheck};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{sync::watch, time};

/// Minimum time between the beginnings of two checks.
const PERIOD: Duration = Duration::from_secs(1);

/// Maximum duration of a check. Orchestrators wait for less.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Why requests can't be served.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotReady {
    /// The check failed.
    #[error("storage can't be used")]
    Storage(#[source] Arc<RepositoryError>),
    /// A write has just failed for lack of space.
    #[error("storage has no space to write")]
    OutOfSpace,
    /// The check takes too long, or was cancelled.
    #[error("storage doesn't answer in time")]
    Timeout,
}

type Verdict = Result<(), Arc<RepositoryError>>;

// @spec SPEC-012
/// Checks storage at most once a second. All requests within that second share the result.
pub struct Readiness {
    health: Arc<dyn HealthCheck>,
    period: Duration,
    timeout: Duration,
    latest: Mutex<Option<Check>>,
}

/// A check in progress or finished. It runs on a task of its own, so that it outlives the request that began it.
struct Check {
    begun: Instant,
    verdict: watch::Receiver<Option<Verdict>>,
}

impl Check {
    fn begin(health: Arc<dyn HealthCheck>) -> Self {
        let (sender, verdict) = watch::channel(None);
        tokio::spawn(async move { sender.send_replace(Some(health.check().await.map_err(Arc::new))) });
        Self { begun: Instant::now(), verdict }
    }

    /// Whether this check is running, or recent enough to be shared.
    fn is_current(&self, period: Duration) -> bool {
        // Without a verdict and a sender, the task was cancelled.
        let is_running = self.verdict.borrow().is_none() && self.verdict.has_changed().is_ok();
        is_running || self.begun.elapsed() < period
    }
}

impl Readiness {
    pub fn new(health: Arc<dyn HealthCheck>) -> Self {
        Self { health, period: PERIOD, timeout: TIMEOUT, latest: Mutex::default() }
    }

    /// Whether requests can be served, as checked within the last second.
    pub async fn check(&self) -> Result<(), NotReady> {
        if self.health.is_out_of_space() {
            return Err(NotReady::OutOfSpace);
        }
        let mut verdict = self.shared();
        let known = time::timeout(self.timeout, verdict.wait_for(Option::is_some)).await;
        match known.map(|known| known.map(|verdict| verdict.clone())) {
            Ok(Ok(Some(verdict))) => verdict.map_err(NotReady::Storage),
            Ok(Ok(None) | Err(_)) | Err(_) => Err(NotReady::Timeout),
        }
    }

    fn shared(&self) -> watch::Receiver<Option<Verdict>> {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        match &*latest {
            Some(check) if check.is_current(self.period) => check.verdict.clone(),
            _ => latest.insert(Check::begin(Arc::clone(&self.health))).verdict.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use futures_util::future::join_all;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use tokio::sync::Semaphore;

    const NEVER: Duration = Duration::from_hours(1);

    /// Storage that completes one check for each permit in `answers`.
    struct Storage {
        checks: AtomicUsize,
        answers: Semaphore,
        fails: AtomicBool,
        is_full: AtomicBool,
    }

    impl Storage {
        fn new(answers: usize) -> Arc<Self> {
            let (checks, answers) = (AtomicUsize::new(0), Semaphore::new(answers));
            Arc::new(Self { checks, answers, fails: AtomicBool::new(false), is_full: AtomicBool::new(false) })
        }

        fn checks(&self) -> usize {
            self.checks.load(Ordering::Relaxed)
        }
    }

    #[async_trait]
    impl HealthCheck for Storage {
        async fn check(&self) -> Result<(), RepositoryError> {
            self.checks.fetch_add(1, Ordering::Relaxed);
            self.answers.acquire().await.unwrap().forget();
            if self.fails.load(Ordering::Relaxed) { Err(RepositoryError::Unavailable("gone".into())) } else { Ok(()) }
        }

        fn is_out_of_space(&self) -> bool {
            self.is_full.load(Ordering::Relaxed)
        }
    }

    fn readiness(storage: &Arc<Storage>, period: Duration, timeout: Duration) -> Readiness {
        Readiness { period, timeout, ..Readiness::new(storage.clone()) }
    }

    #[tokio::test]
    async fn readiness_asks_storage_once_in_a_period() {
        assert_eq!(Readiness::new(Storage::new(0)).period, Duration::from_secs(1));
        for fails in [false, true] {
            let storage = Storage::new(100);
            storage.fails.store(fails, Ordering::Relaxed);
            let readiness = readiness(&storage, NEVER, NEVER);
            for _ in 0..3 {
                for verdict in join_all((0..1000).map(|_| readiness.check())).await {
                    assert_eq!(matches!(verdict, Err(NotReady::Storage(_))), fails);
                }
            }
            assert_eq!(storage.checks(), 1);
        }
    }

    #[tokio::test]
    async fn readiness_is_asked_anew_when_the_period_has_passed() {
        let storage = Storage::new(100);
        let readiness = readiness(&storage, Duration::ZERO, NEVER);
        assert!(readiness.check().await.is_ok());
        storage.fails.store(true, Ordering::Relaxed);
        assert!(readiness.check().await.is_err());
        storage.fails.store(false, Ordering::Relaxed);
        assert!(readiness.check().await.is_ok());
        assert_eq!(storage.checks(), 3);
    }

    #[tokio::test]
    async fn readiness_of_silent_storage_is_refused_in_time() {
        let storage = Storage::new(0);
        let mut readiness = readiness(&storage, Duration::ZERO, Duration::from_millis(1));
        for _ in 0..3 {
            assert!(matches!(readiness.check().await, Err(NotReady::Timeout)));
        }
        // The first one goes on, though nobody waits for it any more.
        assert_eq!(storage.checks(), 1);
        storage.answers.add_permits(1);
        readiness.timeout = NEVER;
        assert!(readiness.check().await.is_ok());
        assert_eq!(storage.checks(), 1);
    }

    #[tokio::test]
    async fn server_without_space_is_not_ready_at_once() {
        let storage = Storage::new(100);
        let readiness = readiness(&storage, NEVER, NEVER);
        assert!(readiness.check().await.is_ok());
        storage.is_full.store(true, Ordering::Relaxed);
        assert!(matches!(readiness.check().await, Err(NotReady::OutOfSpace)));
    }
}
