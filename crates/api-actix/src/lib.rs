//! fasttrack over HTTP.
//!
//! [`app::app`] mounts the whole application on actix-web; [`api::Api`] is what it calls. Our own binary is
//! [`cli::main`]. `wiring` alone names concrete adapters: whoever brings others builds an [`api::Api`] of them.

pub mod api;
pub mod app;
mod background;
mod capacity;
pub mod cli;
mod door;
#[cfg(test)]
mod hostile;
pub mod http;
pub mod input;
mod listen;
mod metrics;
pub mod openapi;
pub mod payload;
pub mod realtime;
pub mod routes;
mod server;
pub mod settings;
mod start;
mod telemetry;
mod tls;
mod wiring;
