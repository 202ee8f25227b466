//! Counts responses or messages, and their latencies.

use serde::Serialize;
use std::{collections::BTreeMap, time::Duration};

pub struct Recorder {
    statuses: BTreeMap<u16, u64>,
    /// In microseconds.
    latencies: Vec<u32>,
}

#[derive(Debug, PartialEq, Serialize)]
pub struct Report {
    /// Responses, or messages where these are followed.
    requests: u64,
    /// From the first request to the last response or message.
    seconds: f64,
    statuses: BTreeMap<u16, u64>,
    p50_microseconds: u32,
    p99_microseconds: u32,
    p999_microseconds: u32,
}

impl Recorder {
    pub fn new() -> Self {
        Self { statuses: BTreeMap::new(), latencies: Vec::with_capacity(1 << 20) }
    }

    /// Adds a response with its latency.
    pub fn record(&mut self, status: u16, latency: Duration) {
        self.count(status);
        self.delay(latency);
    }

    /// Adds a response whose latency doesn't matter.
    pub fn count(&mut self, status: u16) {
        *self.statuses.entry(status).or_default() += 1;
    }

    /// Adds a message with its delay.
    pub fn delay(&mut self, delay: Duration) {
        self.latencies.push(u32::try_from(delay.as_micros()).unwrap_or(u32::MAX));
    }

    pub fn report(mut self, time: Duration) -> Report {
        self.latencies.sort_unstable();
        let at = |thousandths: usize| {
            let index = (self.latencies.len() * thousandths).div_ceil(1000);
            self.latencies.get(index.saturating_sub(1)).copied().unwrap_or_default()
        };
        Report {
            requests: self.latencies.len() as u64,
            seconds: time.as_secs_f64(),
            p50_microseconds: at(500),
            p99_microseconds: at(990),
            p999_microseconds: at(999),
            statuses: self.statuses,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentile_is_reached_by_its_share() {
        let mut recorder = Recorder::new();
        for latency in (1..=1000).rev() {
            recorder.record(if latency == 7 { 503 } else { 200 }, Duration::from_micros(latency));
        }
        let expected = Report {
            requests: 1000,
            seconds: 2.0,
            statuses: BTreeMap::from([(200, 999), (503, 1)]),
            p50_microseconds: 500,
            p99_microseconds: 990,
            p999_microseconds: 999,
        };
        assert_eq!(recorder.report(Duration::from_secs(2)), expected);
    }

    #[test]
    fn changes_count_by_status_and_messages_by_delay() {
        let mut recorder = Recorder::new();
        recorder.count(200);
        recorder.delay(Duration::from_micros(30));
        recorder.delay(Duration::from_micros(10));
        let report = recorder.report(Duration::from_secs(1));
        assert_eq!((report.requests, report.p50_microseconds, report.p99_microseconds), (2, 10, 30));
        assert_eq!(report.statuses, BTreeMap::from([(200, 1)]));
    }

    #[test]
    fn nothing_has_no_latency() {
        assert_eq!(Recorder::new().report(Duration::from_secs(1)).p99_microseconds, 0);
    }
}
