//! What fasttrack can do, one use case a file: load through ports, decide with the domain, commit through one
//! port call. Nothing here knows an adapter.
//!
//! Each use case is a struct of `Arc<dyn …>` ports with an `execute` that takes the module's `Command`.
#![warn(missing_docs)]

mod error;

pub use error::Error;
