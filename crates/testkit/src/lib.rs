//! What tests of fasttrack share, ours and those of applications that embed it.
//!
//! - [`contract`]: the promises of [`fasttrack_domain::ports`] as test cases, to be run against any adapter.
//! - [`builders`]: valid values for everything that a test doesn't care about.
//! - [`clock`]: a clock that stands still.
//! - `postgres`, behind the feature of that name: a PostgreSQL with a database for each test.
//! - `smtp`, behind the feature of that name: a server that takes mails, or refuses them.
//!
//! There is no fake database: tests of use cases take mocks (feature `mock` of `fasttrack-domain`), all others
//! SQLite in memory.
//!
//! # Proving an adapter of your own
//!
//! An integration test names one function that makes a fresh, empty database and puts the adapters before it.
//! [`contract_tests!`] turns every case into a test of its own, so that they run in parallel and fail alone. Whatever
//! must live as long as the database, a temporary directory for instance, is given back beside the [`Ports`].
//!
//! ```no_run
//! use fasttrack_testkit::Ports;
//!
//! async fn fresh_database() -> (Ports, impl Sized) {
//!     # fn my_adapters(_: &str) -> Ports { unimplemented!() }
//!     let directory = tempfile::tempdir().unwrap();
//!     let ports = my_adapters(directory.path().to_str().unwrap());
//!     (ports, directory)
//! }
//!
//! fasttrack_testkit::contract_tests!(fresh_database);
//! # fn main() {}
//! ```

#![warn(missing_docs)]
#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a broken promise is a panic")]

pub mod builders;
pub mod clock;
pub mod contract;
mod ports;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "smtp")]
pub mod smtp;

pub use ports::Ports;
