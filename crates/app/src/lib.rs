//! The use cases of fasttrack, one a file: load through ports, decide with the domain, commit through one port call.
//! Nothing here depends on an adapter.
//!
//! An area is a struct of its ports, like [`task::Tasks`]; a use case is one of its methods, which takes a command like
//! [`task::CreateTask`]. [`UseCases::new`] builds every area. Whatever a use case refuses, it refuses in this order:
//! what doesn't exist, what the actor may not do, values that only storage can judge, a precondition that doesn't hold,
//! a state that doesn't allow it.
//!
//! ```
//! use fasttrack_app::{Error, project::Projects};
//! use fasttrack_domain::{
//!     id::{ProjectId, UserId},
//!     policy::Actor,
//!     ports::{clock::MockClock, idempotency::MockIdempotencyRepository, project::MockProjectRepository},
//!     user::Role,
//! };
//! use std::sync::Arc;
//!
//! let mut projects = MockProjectRepository::new();
//! projects.expect_find().return_once(|_, _| Ok(None));
//! let projects = Projects {
//!     projects: Arc::new(projects),
//!     idempotency: Arc::new(MockIdempotencyRepository::new()),
//!     clock: Arc::new(MockClock::new()),
//!     quota: 100,
//! };
//!
//! let actor = Actor::new(UserId::new(1), Role::User);
//! let found = futures_executor::block_on(projects.get(actor, ProjectId::new(404)));
//! assert!(matches!(found, Err(Error::NotFound("project"))));
//! ```

pub mod account;
pub mod api_token;
pub mod audit;
pub mod auth;
pub mod change;
pub mod comment;
mod config;
mod erasure;
mod error;
pub mod event;
#[cfg(test)]
mod fixtures;
mod idempotency;
pub mod invitation;
pub mod job;
pub mod label;
pub mod maintenance;
pub mod member;
pub mod notification;
pub mod people;
mod ports;
pub mod project;
pub mod reminder;
mod retry;
pub mod search;
pub mod statistics;
mod stored_error;
pub mod subscriber;
pub mod task;
pub mod ticket;
pub mod todo;
mod use_cases;
pub mod user;
pub mod webhook;

pub use config::{AccountPolicy, Config, Retention};
pub use error::Error;
pub use idempotency::Creation;
pub use ports::Ports;
pub use use_cases::UseCases;
