//! What every route shares: who asks, in which representation it is answered, and how an error looks.

pub mod admission;
pub mod audit;
pub mod browser;
pub mod caller;
pub mod client;
pub mod connection;
pub mod context;
mod cors;
pub mod drain;
pub mod edge;
pub mod error;
pub mod limit;
pub mod metrics;
pub mod observe;
pub mod readiness;
mod repeats;
pub mod reply;
pub mod representation;
mod security;
#[cfg_attr(not(feature = "opentelemetry"), path = "no_traces.rs")]
mod traces;
pub mod watched;
