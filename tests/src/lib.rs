//! The harness for tests of the real binary, as its operators and clients meet it: processes, signals, files and HTTP.
//!
//! - [`Installation`]: a data directory, a database and settings; runs commands and starts servers.
//! - [`Server`]: a running server on a free port. Dropping it kills it.
//! - [`Client`] sends requests, [`Answer`] is a response, [`Account`] is a client that is logged in, [`ApiToken`] one that
//!   sends an API token.
//! - [`Socket`] and [`EventStream`]: connections for notifications.
//! - [`RawConnection`] and [`RawRealtimeConnection`]: HTTP and WebSocket byte by byte, for misbehaving clients.
//! - [`Team`]: two users with a shared task, whose changes send notifications.
//! - [`Mailbox`]: an SMTP server that keeps its mails.
//! - [`Scrape`]: the metrics of a server.
//! - [`Collector`]: an OTLP collector for traces.
//! - [`Receiver`]: a receiver of webhooks.
//! - [`access`]: every operation, and what each actor gets from it.
//! - [`history`]: records what concurrent clients are answered while something fails, and judges it.
//! - [`jwt`]: contents of tokens, and forged tokens.
//! - [`packages`]: packages of npm and `PyPI`. [`code_blocks`]: the code in the documents.
//! - [`cluster`]: a PostgreSQL server that a test may stop.
//!
//! Tests of what is stored run on both databases: the executable `postgres` has their modules too, and is recognized by
//! its name. Without a PostgreSQL it prints `ignored` and passes, except where `CI` is set.
//!
//! Tests run in parallel and own their data. [`Server::shared`] serves those that only add rows of their own; a test
//! that counts what others add as well, or needs other settings, starts its own server.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc, reason = "a test may fail")]
#![expect(clippy::return_self_not_must_use, reason = "an answer that was checked may go")]

pub mod access;
mod account;
mod answer;
mod api_token;
mod certificate;
mod client;
mod collector;
mod command;
mod database;
mod event_stream;
pub mod history;
mod installation;
pub mod jwt;
mod mailbox;
mod manual;
pub mod operations;
pub mod packages;
mod raw_connection;
mod raw_realtime_connection;
mod receiver;
mod scrape;
mod server;
mod socket;
mod team;

pub use account::{Account, PASSWORD, unique_email};
pub use answer::{Answer, has_fields, timestamp};
pub use api_token::ApiToken;
pub use certificate::Certificate;
pub use client::{BARE, Client, ENVELOPE, Request};
pub use collector::{Collector, Span};
pub use command::{Command, Output};
pub use database::cluster;
pub use event_stream::{EventStream, Fields};
pub use installation::Installation;
pub use mailbox::Mailbox;
pub use manual::{CodeBlock, code_blocks};
pub use raw_connection::RawConnection;
pub use raw_realtime_connection::{Frame, RawRealtimeConnection};
pub use receiver::{Receiver, Reply, Sent, webhook_signature};
pub use scrape::{Family, Scrape};
pub use server::Server;
pub use socket::{Received, Socket};
pub use team::Team;
pub use tokio_tungstenite::tungstenite;

use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// The longest that a test waits for anything.
pub const DEADLINE: Duration = Duration::from_mins(1);

/// The time limit for what has to happen within a second, as machines may be busy.
pub const SOON: Duration = Duration::from_secs(3);

/// An id that no row has.
pub const MISSING: i64 = i64::MAX;

/// Runs futures concurrently. The results are in order of completion.
pub async fn all<F>(requests: impl IntoIterator<Item = F>) -> Vec<F::Output>
where
    F: IntoFuture<Output: Send + 'static, IntoFuture: Send + 'static>,
{
    requests.into_iter().map(F::into_future).collect::<JoinSet<_>>().join_all().await
}

/// Polls a condition until it holds.
///
/// # Panics
///
/// If it doesn't hold within [`DEADLINE`].
pub async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begin = Instant::now();
    while !holds().await {
        assert!(begin.elapsed() < DEADLINE, "still not: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
