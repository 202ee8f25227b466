//! Test support for fasttrack and for applications that embed it.
//!
//! - [`contract`]: the promises of [`fasttrack_domain::ports`] as test cases, to be run against any adapter, port by port.
//! - [`builders`]: valid values for what a test is not about.
//! - [`given`]: rows that a test needs to exist.
//! - [`clock`]: a clock that tests set.
//! - `postgres`, behind the feature of that name: a PostgreSQL with a database for each test.
//! - `smtp`, behind the feature of that name: an SMTP server that accepts or refuses mails.
//!
//! There is no fake database: tests of use cases take mocks (feature `mock` of `fasttrack-domain`), all others
//! SQLite in memory.
//!
//! # Testing an adapter of your own
//!
//! An integration test has a function that makes a fresh, empty storage with the adapters before it.
//! [`contract_tests!`] makes a test of each case, so that they run in parallel and fail alone. What must live as long as
//! the storage, for instance a temporary directory, is returned as a guard beside the ports.
//!
//! One area judges one port. Its cases use no other port than those in its `Ports`:
//!
//! ```no_run
//! use fasttrack_testkit::{contract, contract_tests};
//!
//! async fn empty() -> (contract::user::Ports, impl Sized) {
//!     # fn my_users(_: &std::path::Path) -> std::sync::Arc<dyn fasttrack_domain::ports::user::UserRepository> { unimplemented!() }
//!     let directory = tempfile::tempdir().unwrap();
//!     (contract::user::Ports { users: my_users(directory.path()) }, directory)
//! }
//!
//! contract_tests!(user, empty);
//! # fn main() {}
//! ```

#![warn(missing_docs)]
#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a broken promise is a panic")]

pub mod builders;
pub mod clock;
pub mod contract;
pub mod given;
mod ports;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "smtp")]
pub mod smtp;

pub use ports::HasPort;
