//! Simulations of several nodes on one database, each from a seed.
//!
//! The nodes run the use cases of `fasttrack-app` with the repositories of `fasttrack-infra-diesel` on SQLite in memory. One
//! thread polls all that they do, and draws what runs next, which calls fail or answer late, when nodes crash, and what
//! clients request: a seed gives the same steps each time. There is no real time.
//!
//! After each call of a port an observer compares what is stored with what the call had to commit; clients compare each
//! answer with what was stored meanwhile; and when all is quiet, everything is compared with everything. [`Fault`]s are
//! planted to see that they are found.

#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a simulation that can't go on is a panic")]

mod background;
mod book;
mod client;
mod cluster;
mod faults;
mod observer;
mod outside;
mod ports;
mod run;
mod scheduler;
mod settle;
mod template;
mod trace;

pub use faults::Fault;
pub use run::{Failure, Passed, run, search};
pub use trace::Step;
