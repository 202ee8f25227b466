//! Counts requests: an adapter of the port [`RateLimits`](fasttrack_domain::ports::rate_limit::RateLimits).
//!
//! - [`local`]: in this process, in bounded memory.
//! - [`redis`]: in a Redis, for all nodes; while that is gone, in this process.

#![warn(missing_docs)]

pub mod local;
pub mod redis;
