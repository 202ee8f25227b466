//! Registration, sessions and tokens.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod access_token;
mod email;
mod keys;
mod login;
mod logout;
mod password;
mod password_hash;
mod refresh;
mod register;
mod reset;
mod revocation;
mod rotation;
mod sessions;
