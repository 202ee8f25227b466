//! Limits log lines to one per cause and minute: an outage that fails thousands of requests is one line.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Minimum time between two log lines of one cause.
const PERIOD: Duration = Duration::from_mins(1);

/// Maximum number of causes. All further ones share one entry.
const CAUSES: usize = 64;

/// When each cause was logged last.
#[derive(Debug, Default)]
pub struct Repeats(Mutex<BTreeMap<String, Cause>>);

#[derive(Debug)]
struct Cause {
    logged: Instant,
    unlogged: u64,
}

impl Repeats {
    pub const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// Counts an occurrence of `cause`. If it is to be logged, returns how many were not since the last log line.
    pub fn count(&self, cause: &str, now: Instant) -> Option<u64> {
        let mut causes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if causes.len() >= CAUSES && !causes.contains_key(cause) {
            causes.retain(|_, cause| now.duration_since(cause.logged) < PERIOD);
        }
        let key = if causes.len() >= CAUSES && !causes.contains_key(cause) { "" } else { cause };
        match causes.get_mut(key) {
            Some(cause) if now.duration_since(cause.logged) < PERIOD => {
                cause.unlogged += 1;
                None
            }
            Some(cause) => {
                cause.logged = now;
                Some(std::mem::take(&mut cause.unlogged))
            }
            None => {
                causes.insert(key.to_owned(), Cause { logged: now, unlogged: 0 });
                Some(0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cause_is_logged_once_a_minute_with_how_often_it_came() {
        let (repeats, begin) = (Repeats::new(), Instant::now());
        let count = |cause, seconds| repeats.count(cause, begin + Duration::from_secs(seconds));
        assert_eq!((count("full", 0), count("gone", 1)), (Some(0), Some(0)));
        assert_eq!((count("full", 1), count("full", 59)), (None, None));
        assert_eq!((count("full", 60), count("full", 61), count("full", 120)), (Some(2), None, Some(1)));
        assert_eq!(count("gone", 120), Some(0));
    }

    #[test]
    fn causes_without_end_take_no_memory_without_end() {
        let (repeats, begin) = (Repeats::new(), Instant::now());
        let logged = (0..10_000).filter(|n| repeats.count(&n.to_string(), begin).is_some()).count();
        assert_eq!((logged, repeats.0.lock().unwrap().len()), (CAUSES + 1, CAUSES + 1));
        assert_eq!(repeats.count("later", begin + PERIOD), Some(0));
    }
}
