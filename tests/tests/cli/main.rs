//! The command line: what operators type.

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
