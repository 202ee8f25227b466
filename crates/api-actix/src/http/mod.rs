//! What all routes share: authentication, rate limits, load shedding, representations, errors, logs and metrics.

pub mod audit;
pub mod authenticate;
pub mod browser;
pub mod caller;
pub mod client;
pub mod config;
pub mod connection;
pub mod context;
mod cors;
pub mod error;
pub mod graceful_shutdown;
pub mod load_shedding;
pub mod metrics;
pub mod middleware;
pub mod observe;
pub mod prefix;
pub mod rate_limit;
mod rate_limit_fields;
pub mod readiness;
mod render;
mod repeats;
pub mod reply;
pub mod representation;
pub mod route_index;
pub mod scope;
mod security;
#[cfg_attr(not(feature = "opentelemetry"), path = "no_traces.rs")]
mod traces;
pub mod watched;
