//! Counts responses and their latencies.

use serde::Serialize;
use std::{collections::BTreeMap, time::Duration};

pub struct Recorder {
    statuses: BTreeMap<u16, u64>,
    /// In microseconds.
    latencies: Vec<u32>,
}

#[derive(Debug, PartialEq, Serialize)]
pub struct Report {
    requests: u64,
    /// From the first request to the last response.
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

    pub fn record(&mut self, status: u16, latency: Duration) {
        *self.statuses.entry(status).or_default() += 1;
        self.latencies.push(u32::try_from(latency.as_micros()).unwrap_or(u32::MAX));
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
    fn nothing_has_no_latency() {
        assert_eq!(Recorder::new().report(Duration::from_secs(1)).p99_microseconds, 0);
    }
}
