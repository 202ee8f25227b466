//! The program `fasttrack`: its command line, settings, adapters, listeners, background work, logs and metrics.
//!
//! `wiring` alone names concrete adapters, and nothing of the API imports this module.

mod background;
mod capacity;
pub mod cli;
mod embedded;
mod exporter;
mod http_service;
mod listeners;
mod server;
pub mod settings;
mod start;
mod telemetry;
mod tls;
mod wiring;

pub use embedded::Embedded;
pub use start::StartError;
