//! What fasttrack can do, one use case a file: load through ports, decide with the domain, commit through one
//! port call. Nothing here knows an adapter.
//!
//! Each use case is a struct of `Arc<dyn …>` ports with an `execute` that takes the module's `Command`. Whatever a
//! use case refuses, it refuses in this order: what doesn't exist, what the actor may not do, what storage knows to
//! be wrong about the values, a precondition that doesn't hold, a state that doesn't allow it.
#![warn(missing_docs)]

pub mod audit;
pub mod auth;
pub mod comment;
mod error;
pub mod event;
#[cfg(test)]
mod fixtures;
mod idempotency;
pub mod job;
pub mod maintenance;
pub mod notification;
pub mod project;
mod retry;
pub mod statistics;
pub mod subscriber;
pub mod task;
pub mod ticket;
pub mod todo;
pub mod user;

pub use error::Error;
pub use idempotency::Creation;
