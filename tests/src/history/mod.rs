//! Histories: what clients requested and were answered while nodes and the database failed, and whether it is right.
//!
//! [`Recorder`] records [`Operation`]s, [`check()`] judges them:
//!
//! | what | how |
//! |---|---|
//! | each task is one register with versions | `linearizability` searches an order, `task_model` has the rules |
//! | what clients see doesn't go back | `sessions` |
//! | values and versions are real, nothing is there twice | `values`, `single_effect` |
//! | notifications and the change feed have no gap | `notifications`, `feed` |
//! | sessions and memberships that ended have ended | `revocations`, `memberships` |
//! | statistics are exact | `totals` |
//!
//! An [`Outcome`] that is unknown may have its effect at any time after the call, or never. The clock is that of the
//! recording process, so that times of different clients and nodes compare.

mod check;
mod endings;
mod feed;
mod feed_replica;
mod file;
mod limits;
mod linearizability;
mod memberships;
mod notifications;
mod observations;
mod record;
mod recorder;
mod report;
mod revocations;
mod sessions;
mod single_effect;
mod task_model;
#[cfg(test)]
mod tests;
mod totals;
mod values;

pub use check::check;
pub use file::{read, write};
pub use limits::Limits;
pub use record::{
    Caller, Change, Comment, Nanos, Notification, NotificationContent, Operation, Outcome, Request, Status, Task,
};
pub use recorder::{Call, Recorder};
pub use report::{Counts, Finding, Report, Rule, Undecided};
