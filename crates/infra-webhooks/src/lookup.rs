//! Looks up the addresses of host names.

use crate::failure::AddressError;
use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{net, sync::Semaphore, time::Instant};

/// Maximum of lookups at once. Each blocks a thread until the operating system's resolver gives up, although nobody may
/// wait for it any more, and the runtime has 512 of these threads for all that blocks.
const MAX_RUNNING: usize = 128;

/// Maximum of lookups of slow names at once, so that name servers that don't answer leave the others room.
const MAX_RUNNING_SLOW: usize = 64;

/// A name is slow if its last lookup took longer.
const SLOW: Duration = Duration::from_secs(1);

/// Maximum of slow names that are remembered. Beyond it all are forgotten: each costs one lookup to be known again.
const MAX_SLOW_NAMES: usize = 10_000;

/// A lookup that any number of requests wait for.
pub(crate) type Lookup = Shared<BoxFuture<'static, Result<Arc<[IpAddr]>, AddressError>>>;

/// Lookups by the operating system's resolver: one at a time for a name.
#[derive(Debug)]
pub(crate) struct Lookups {
    names: Mutex<Names>,
    slots: Semaphore,
    slow_slots: Semaphore,
}

#[derive(Debug, Default)]
struct Names {
    running: HashMap<String, Lookup>,
    slow: HashSet<String>,
}

impl Names {
    /// Removes a lookup that has ended, and remembers whether its name is slow.
    fn ended(&mut self, host: String, is_slow: bool) {
        self.running.remove(&host);
        if !is_slow {
            self.slow.remove(&host);
            return;
        }
        if self.slow.len() >= MAX_SLOW_NAMES {
            self.slow.clear();
        }
        self.slow.insert(host);
    }
}

impl Lookups {
    pub(crate) fn new() -> Self {
        Self {
            names: Mutex::default(),
            slots: Semaphore::new(MAX_RUNNING),
            slow_slots: Semaphore::new(MAX_RUNNING_SLOW),
        }
    }

    /// Starts a lookup, or joins the one that runs for this name.
    pub(crate) fn start(self: &Arc<Self>, host: &str) -> Lookup {
        let mut names = self.names();
        if let Some(lookup) = names.running.get(host) {
            return lookup.clone();
        }
        // A task: who waits may give up, and the thread is taken until the lookup ends.
        let task = tokio::spawn(Arc::clone(self).run(host.to_owned()));
        let lookup = async move { task.await.unwrap_or(Err(AddressError::Unresolved)) }.boxed().shared();
        names.running.insert(host.to_owned(), lookup.clone());
        lookup
    }

    async fn run(self: Arc<Self>, host: String) -> Result<Arc<[IpAddr]>, AddressError> {
        let is_known_as_slow = self.names().slow.contains(&host);
        // Taken first: what waits here takes no slot from others.
        let slow_slot = if is_known_as_slow { Some(self.slow_slots.acquire().await) } else { None };
        let slot = self.slots.acquire().await;
        let begin = Instant::now();
        let found = net::lookup_host((host.as_str(), 0)).await;
        let is_slow = begin.elapsed() > SLOW;
        drop((slot, slow_slot));
        let addresses: Arc<[IpAddr]> = found.into_iter().flatten().map(|address| address.ip()).collect();
        self.names().ended(host, is_slow);
        if addresses.is_empty() { Err(AddressError::Unresolved) } else { Ok(addresses) }
    }

    fn names(&self) -> MutexGuard<'_, Names> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn local_name_is_found_and_forgotten() {
        let lookups = Arc::new(Lookups::new());
        let addresses = lookups.start("localhost").await.unwrap();
        assert!(!addresses.is_empty() && addresses.iter().all(IpAddr::is_loopback), "{addresses:?}");
        assert!(lookups.names().running.is_empty());
    }

    #[tokio::test]
    async fn lookups_of_one_name_are_one() {
        let lookups = Arc::new(Lookups::new());
        let (first, second) = (lookups.start("localhost"), lookups.start("localhost"));
        assert!(first.ptr_eq(&second));
        assert_eq!(lookups.names().running.len(), 1);
        assert_eq!(first.await, second.await);
        assert!(lookups.names().running.is_empty());
    }

    #[tokio::test]
    async fn lookup_waits_for_a_free_slot() {
        let lookups = Arc::new(Lookups::new());
        let slots = lookups.slots.acquire_many(u32::try_from(MAX_RUNNING).unwrap()).await.unwrap();
        let mut lookup = lookups.start("localhost");
        tokio::task::yield_now().await;
        assert!((&mut lookup).now_or_never().is_none());
        drop(slots);
        assert!(lookup.await.is_ok());
    }

    #[tokio::test]
    async fn slow_names_wait_for_each_other_alone() {
        let lookups = Arc::new(Lookups::new());
        lookups.names().slow.insert("localhost".to_owned());
        let slots = lookups.slow_slots.acquire_many(u32::try_from(MAX_RUNNING_SLOW).unwrap()).await.unwrap();
        let mut slow = lookups.start("localhost");
        assert!(lookups.start("127.0.0.1").await.is_ok());
        assert!((&mut slow).now_or_never().is_none());
        assert_eq!(lookups.slots.available_permits(), MAX_RUNNING);
        drop(slots);
        assert!(slow.await.is_ok());
        assert!(lookups.names().slow.is_empty());
    }

    #[test]
    fn number_of_slow_names_is_limited() {
        let mut names = Names::default();
        for n in 0..MAX_SLOW_NAMES {
            names.ended(n.to_string(), true);
        }
        assert_eq!(names.slow.len(), MAX_SLOW_NAMES);
        names.ended("example.org".to_owned(), true);
        assert!(names.slow.iter().eq(["example.org"]));
        names.ended("example.org".to_owned(), false);
        assert!(names.slow.is_empty());
    }
}
