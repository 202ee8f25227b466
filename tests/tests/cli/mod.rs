#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod backup;
mod completions;
mod config;
mod copy;
mod demo;
mod dotenv;
mod files;
mod healthcheck;
mod help;
mod keys;
mod migrate;
mod openapi;
mod output;
mod readme;
mod serve;
mod settings;
mod user;
