//! What follows from a change after it was answered: statistics, notifications and mail, also when servers die.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod crash;
mod mail;
mod numbers;
mod queue;
mod retention;
mod statistics;
