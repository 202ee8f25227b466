//! The rules of fasttrack: what a user, a project, a task and a comment are, who may do what, and what the
//! rest of the world must offer for it.
//!
//! Nothing here does I/O, reads a clock or draws a random number. Time comes in as an argument, storage and
//! cryptography stand behind the traits in [`ports`]. An application embeds this crate together with
//! `fasttrack-app` and brings adapters of its own, or ours.
//!
//! - Values that can be wrong are built by one constructor that checks them ([`text`], [`email`], [`page`]).
//! - [`policy`] is the one place that says who may do what.
//! - Changes carry the [`event`]s that they cause, and a port commits both together.
//!
//! # Features
//!
//! - `serde`: `Serialize` and `Deserialize` on entities and events; texts are checked when they are read.
//! - `mock`: [mockall](https://docs.rs/mockall) mocks of every port, for unit tests.

#![warn(missing_docs)]

pub mod audit;
pub mod comment;
pub mod email;
pub mod email_verification;
pub mod event;
pub mod field;
pub mod id;
pub mod idempotency;
pub mod identity;
pub mod job;
pub mod key;
pub mod mail;
pub mod notice;
pub mod notification;
pub mod page;
pub mod password;
pub mod password_reset;
pub mod patch;
pub mod policy;
pub mod ports;
pub mod precondition;
pub mod project;
pub mod quota;
pub mod rate_limit;
pub mod session;
pub mod statistics;
pub mod task;
pub mod text;
pub mod ticket;
pub mod todo;
pub mod token;
pub mod user;
mod word;

/// A moment in UTC. Adapters keep microseconds; anything finer is cut.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
