//! What logs need of failures: an error with its causes in one line, and an outage reported once.

use std::{
    error::Error,
    sync::atomic::{AtomicBool, Ordering},
};

/// An error and its sources in one line, separated by colons.
pub fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        // Some errors print their source themselves.
        if !line.ends_with(&text) {
            line = format!("{line}: {text}");
        }
        source = cause.source();
    }
    line.replace('\n', " ")
}

/// Whether something fails at the moment, so that a log reports the beginning and the end of an outage alone.
#[derive(Debug, Default)]
pub struct Outage(AtomicBool);

impl Outage {
    /// Records a failure; true where an outage begins with it.
    pub fn failed(&self) -> bool {
        !self.is_failing() && !self.0.swap(true, Ordering::Relaxed)
    }

    /// Records a success; true where an outage ends with it.
    pub fn recovered(&self) -> bool {
        self.is_failing() && self.0.swap(false, Ordering::Relaxed)
    }

    /// Whether the latest attempt failed.
    pub fn is_failing(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Failure {
        text: &'static str,
        source: Option<Box<Self>>,
    }

    #[test]
    fn chain_names_each_cause_once() {
        let root = Failure { text: "refused\nby 10.0.0.1", source: None };
        let repeats = Failure { text: "no connection: refused\nby 10.0.0.1", source: Some(Box::new(root)) };
        let error = Failure { text: "can't write", source: Some(Box::new(repeats)) };
        assert_eq!(chain(&error), "can't write: no connection: refused by 10.0.0.1");
    }

    #[test]
    fn outage_is_reported_when_it_begins_and_ends() {
        let outage = Outage::default();
        let reports = [outage.recovered(), outage.failed(), outage.failed(), outage.recovered(), outage.recovered()];
        assert_eq!(reports, [false, true, false, true, false]);
    }
}
