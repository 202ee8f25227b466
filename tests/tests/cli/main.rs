//! The command line: what operators type.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod backup;
mod copy;
mod healthcheck;
mod help;
mod keys;
mod migrate;
mod openapi;
mod readme;
mod serve;
mod settings;
mod user;
