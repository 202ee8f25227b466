//! Background work: statistics, notifications and mail, also after a crash.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod crash;
mod mail;
mod numbers;
mod queue;
mod retention;
mod statistics;
