//! Rate limit adapters: implementations of the port [`RateLimits`](fasttrack_domain::ports::rate_limit::RateLimits).
//!
//! - [`local`]: counts in this process, in bounded memory.
//! - [`redis`]: counts in Redis for all nodes, and in this process while Redis is unreachable.

pub mod local;
pub mod redis;
