//! fasttrack over HTTP.
//!
//! [`app::app`] mounts the whole application on actix-web; [`api::Api`] is what it calls. Whoever brings adapters of
//! their own builds an [`api::Api`] of them. Our own binary is `program::cli::main`, behind the feature `program`.

pub mod api;
pub mod app;
#[cfg(test)]
mod hostile;
pub mod http;
pub mod input;
pub mod openapi;
pub mod payload;
#[cfg(feature = "program")]
pub mod program;
pub mod realtime;
pub mod routes;
