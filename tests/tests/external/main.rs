//! Tokens of another issuer, which these tests play.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod accounts;
mod attacks;
mod issuer;
mod keys;
mod realtime;
mod rights;
mod settings;
