//! Who somebody is: password hashing, JWT keys and tokens, the blocklist of tokens, and secrets. Adapters of the ports of
//! `fasttrack-domain`.
//!
//! - [`password`]: bcrypt on a few threads of its own, with a bounded queue.
//! - [`keys`]: signing keys, verification keys, their files and the public key set.
//! - [`token`]: makes and verifies access and refresh tokens.
//! - [`external`]: verifies tokens of another issuer by the keys that it publishes.
//! - [`memory`]: what every verification reads: tokens that storage confirmed, and what was revoked since; [`follower`]
//!   keeps it up with the table that processes share.
//! - [`secret`]: what tickets are made of.
//! - [`clock`]: the time of this machine.

#![warn(missing_docs)]

pub mod clock;
pub mod external;
pub mod follower;
pub mod keys;
pub mod memory;
mod metrics;
pub mod password;
pub mod secret;
pub mod token;
