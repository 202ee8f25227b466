//! Operation: crashes, overload, shutdown, logs and metrics.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod connections;
mod durability;
mod figures;
mod full_disk;
mod limits;
mod logs;
mod metrics;
mod overload;
mod rate_limits;
mod shutdown;
mod slow;
mod stall;
mod tls;
mod traces;
mod watching;
