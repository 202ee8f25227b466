//! Clients that are generated from the document, with the commands and the files of `docs/clients.md`, the document
//! itself, the receivers of `docs/webhooks.md`, and the client of `docs/sync.md`. Without npm or Python these tests print
//! `ignored` and pass, except where `CI` is set.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod document;
mod java;
mod python;
mod receivers;
mod sync;
mod typescript;
mod workshop;
