//! Counts and latencies of the responses to a load.

use super::SETTLE;
use std::{fmt, time::Duration};

/// The responses to a load.
#[derive(Default)]
pub struct Load {
    pub took: Duration,
    pub served: Latencies,
    /// Those that were served while the load settled.
    pub first: Latencies,
    pub refused_in: Latencies,
    pub refused: usize,
    pub created: u64,
    /// The memory of the server at the end, in bytes; 0 where it was not measured.
    pub memory: u64,
}

impl Load {
    pub fn count(&mut self, status: u16, latency: Duration) {
        match status {
            200 => self.served.0.push(latency),
            201 => {
                self.served.0.push(latency);
                self.created += 1;
            }
            503 => {
                self.refused_in.0.push(latency);
                self.refused += 1;
            }
            other => panic!("status {other}"),
        }
    }

    pub fn sum(loads: Vec<Self>, took: Duration) -> Self {
        let mut sum = loads.into_iter().fold(Self { took, ..Self::default() }, |mut sum, load| {
            sum.served.0.extend(load.served.0);
            sum.first.0.extend(load.first.0);
            sum.refused_in.0.extend(load.refused_in.0);
            sum.refused += load.refused;
            sum.created += load.created;
            sum
        });
        sum.served.0.sort_unstable();
        sum.first.0.sort_unstable();
        sum.refused_in.0.sort_unstable();
        sum
    }

    pub fn served_per_second(&self) -> f64 {
        (self.first.0.len() + self.served.0.len()) as f64 / self.took.as_secs_f64()
    }
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refused = self.refused as f64 / self.took.as_secs_f64();
        write!(f, "{:.0}/s served in {}, {refused:.0}/s refused", self.served_per_second(), self.served)?;
        if self.refused > 0 {
            write!(f, " in {}", self.refused_in)?;
        }
        if !self.first.0.is_empty() {
            write!(f, "; in the first {} s served in {}", SETTLE.as_secs(), self.first)?;
        }
        if self.memory > 0 {
            write!(f, "; {} MiB", self.memory >> 20)?;
        }
        Ok(())
    }
}

/// Latencies, sorted once they are complete.
#[derive(Default)]
pub struct Latencies(pub Vec<Duration>);

impl Latencies {
    /// The latency that this share does not exceed, in milliseconds.
    pub fn at(&self, share: f64) -> f64 {
        let last = self.0.len().saturating_sub(1) as f64;
        self.0.get((last * share) as usize).map_or(0.0, |latency| latency.as_secs_f64() * 1000.0)
    }
}

impl fmt::Display for Latencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p50 {:.1} ms, p99 {:.1} ms", self.at(0.5), self.at(0.99))
    }
}
