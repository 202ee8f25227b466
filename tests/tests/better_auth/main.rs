//! The real Better Auth, with the files of `docs/better-auth.md`. Without npm these tests print `ignored` and pass,
//! except where `CI` is set.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod better_auth;
mod front_end;
mod keys;
mod linking;
mod manual;
mod npm;
mod outage;
mod todos;
