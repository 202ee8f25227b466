//! fasttrack over HTTP.
//!
//! [`app::Application`] mounts the whole API on actix-web; [`api::Api`] has its use cases. Whoever brings adapters of
//! their own builds an [`api::Api`] of them. Our own binary is `program::cli::main`, behind the feature `program`.

pub mod api;
pub mod app;
pub mod background;
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
