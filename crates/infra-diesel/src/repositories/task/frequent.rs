//! Filters make more texts of a query than a connection can keep prepared. Those that are sent often stay prepared.

use std::{
    collections::{HashMap, HashSet},
    sync::{LazyLock, Mutex, PoisonError},
};

/// How often a text is sent until it stays prepared.
const OFTEN: u32 = 8;

/// The most texts that stay prepared on each connection.
const MOST: usize = 64;

/// The most texts that are counted.
const COUNTED: usize = 1024;

static TEXTS: LazyLock<Mutex<Texts>> = LazyLock::new(Mutex::default);

/// Counts a text, by its hash. Returns whether it stays prepared.
pub(super) fn is_frequent(text: u64) -> bool {
    TEXTS.lock().unwrap_or_else(PoisonError::into_inner).is_frequent(text)
}

#[derive(Default)]
struct Texts {
    prepared: HashSet<u64>,
    counts: HashMap<u64, u32>,
}

impl Texts {
    fn is_frequent(&mut self, text: u64) -> bool {
        if self.prepared.contains(&text) {
            return true;
        }
        if self.prepared.len() >= MOST {
            return false;
        }
        if self.counts.len() >= COUNTED {
            // The frequent ones are soon counted again.
            self.counts.clear();
        }
        let count = self.counts.entry(text).or_default();
        *count += 1;
        let is_frequent = *count >= OFTEN;
        if is_frequent {
            self.counts.remove(&text);
            self.prepared.insert(text);
        }
        is_frequent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_sent_often_stays_prepared() {
        let mut texts = Texts::default();
        assert!(!(1..OFTEN).any(|_| texts.is_frequent(7)));
        assert!(!texts.is_frequent(8));
        assert!(texts.is_frequent(7) && texts.is_frequent(7) && !texts.is_frequent(8));
    }

    #[test]
    fn texts_are_bounded() {
        let mut texts = Texts::default();
        let mut send = |text: usize, times: u32| (0..times).filter(|_| texts.is_frequent(text as u64)).count();
        for text in 0..10 * COUNTED {
            assert_eq!(send(text, 1), 0);
        }
        for text in 0..MOST {
            assert_eq!(send(text, OFTEN), 1);
        }
        assert_eq!(send(MOST, 2 * OFTEN), 0, "no further one stays prepared");
        assert_eq!(send(0, 3), 3);
        assert!(texts.counts.len() <= COUNTED && texts.prepared.len() <= MOST);
    }
}
