//! Authentication adapters: password hashing, JWT keys and tokens, the token blocklist, and secrets.
//!
//! - [`password`]: bcrypt on a bounded number of threads with a bounded queue.
//! - [`keys`]: signing keys, verification keys, their files and the public key set.
//! - [`token`]: issues and verifies access and refresh tokens.
//! - [`api_token`]: verifies API tokens.
//! - [`external`]: verifies tokens of another issuer with the keys that it publishes.
//! - [`memory`]: the cache of verified tokens and the in-memory blocklist; [`follower`] synchronizes it with the table
//!   that all processes share.
//! - [`secret`]: random secrets of tickets, reset tokens and verification tokens, and API tokens.
//! - [`clock`]: the system clock.

pub mod api_token;
pub mod clock;
pub mod external;
pub mod follower;
pub mod keys;
pub mod memory;
mod metrics;
pub mod password;
pub mod secret;
pub mod token;
