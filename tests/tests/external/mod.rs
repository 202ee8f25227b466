//! Tokens of an external issuer, which the tests implement.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod accounts;
mod attacks;
mod erasure;
pub(crate) mod issuer;
mod keys;
mod limits;
mod realtime;
mod rights;
mod settings;
