//! The domain of fasttrack: users, projects, tasks, comments, the rules for them, and the ports to the outside.
//!
//! This crate does no I/O, reads no clock and generates no random numbers. Time is an argument; storage and
//! cryptography are behind the traits in [`ports`]. An application embeds this crate together with `fasttrack-app`, and
//! uses its own adapters or those of fasttrack.
//!
//! - Value objects are validated by their only constructor ([`text`], [`email`], [`page`]).
//! - [`policy`] decides who may do what.
//! - A change carries the [`event`]s that it causes, and a port commits both in one transaction.
//!
//! # Example
//!
//! A use case parses the input, checks the policy, applies the patch, and saves the change by a port:
//!
//! ```
//! use fasttrack_domain::{
//!     Timestamp,
//!     event::TaskEventKind,
//!     id::{ProjectId, TaskId, UserId},
//!     membership::MemberRole,
//!     policy::{Actor, TaskAction},
//!     project::ProjectStatus,
//!     task::{NewTask, TaskDraft, TaskInProject, TaskPatch, TaskProject, TaskStatus},
//!     user::Role,
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let ann = UserId::new(1);
//! # let project = TaskProject {
//! #     id: ProjectId::new(3),
//! #     name: "Garden".parse()?,
//! #     owner_id: ann,
//! #     status: ProjectStatus::Active,
//! #     membership: Some(MemberRole::Owner),
//! #     has_webhooks: false,
//! # };
//! # let draft = TaskDraft::new("Paint the fence".parse()?);
//! # let new = NewTask::new(project.clone(), draft, ann, Timestamp::UNIX_EPOCH, 100);
//! # let task = new.stored(TaskId::new(7));
//! // As `TaskRepository::find` returns it.
//! let found = TaskInProject { task, assignee: None, labels: Vec::new(), project };
//!
//! let actor = Actor::new(ann, Role::User);
//! actor.authorize(found.action(TaskAction::Change))?;
//!
//! let patch = TaskPatch {
//!     title: Some(" Paint the gate ".parse()?),
//!     status: Some(TaskStatus::InProgress),
//!     ..TaskPatch::default()
//! };
//! let now = Timestamp::UNIX_EPOCH;
//! let change = found.apply(patch, actor.id, now)?.ok_or("the patch changes nothing")?;
//!
//! assert_eq!(change.task.title.as_str(), "Paint the gate");
//! assert_eq!((change.based_on, change.task.version), (1, 2));
//! assert!(matches!(change.events[0].kind, TaskEventKind::StatusChanged { new: TaskStatus::InProgress, .. }));
//! // `TaskRepository::save` commits the change with its events.
//! # Ok(())
//! # }
//! ```
//!
//! ```
//! use fasttrack_domain::{
//!     id::{ProjectId, UserId},
//!     membership::MemberRole,
//!     policy::{Action, Actor, ProjectAction},
//!     text::TaskTitle,
//!     user::Role,
//! };
//!
//! let title = TaskTitle::parse("  Paint the fence ".to_owned())?;
//! assert_eq!(title.as_str(), "Paint the fence");
//!
//! let (ann, project) = (Actor::new(UserId::new(1), Role::User), ProjectId::new(3));
//! let manage = |membership| Action::InProject { project, action: ProjectAction::Manage, membership };
//! assert!(ann.can(manage(Some(MemberRole::Owner))));
//! assert!(!ann.can(manage(Some(MemberRole::Editor))));
//! # Ok::<(), fasttrack_domain::field::Invalid>(())
//! ```
//!
//! # Features
//!
//! - `serde`: `Serialize` and `Deserialize` for entities and events. Texts are validated when they are deserialized.
//! - `mock`: [mockall](https://docs.rs/mockall) mocks of every port, for unit tests.

// Without `missing_docs`: the lint also requires docs on fields, variants and accessors whose names say all.

pub mod api_token;
pub mod audience;
pub mod audit;
pub mod change;
pub mod comment;
pub mod due;
pub mod email;
pub mod email_verification;
pub mod erasure;
pub mod event;
pub mod failure;
pub mod field;
mod fold;
mod hash;
pub mod id;
pub mod idempotency;
pub mod identity;
pub mod invitation;
pub mod job;
pub mod key;
pub mod label;
pub mod mail;
pub mod membership;
pub mod notice;
pub mod notification;
pub mod page;
pub mod password;
pub mod password_reset;
pub mod patch;
pub mod person;
pub mod policy;
pub mod ports;
pub mod position;
pub mod precondition;
pub mod project;
pub mod quota;
pub mod rate_limit;
pub mod reminder;
pub mod requested;
pub mod revocation;
pub mod search;
pub mod session;
pub mod statistics;
mod string_enum;
pub mod task;
pub mod text;
pub mod ticket;
pub mod todo;
pub mod token;
pub mod user;
pub mod webhook;

/// A moment in UTC. Adapters store microseconds and truncate the rest.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
