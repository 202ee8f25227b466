//! Sessions of actors, and their connections for notifications, which come and go.

use super::actor::{Actor, Tokens};
use fasttrack_tests::{Client, PASSWORD, Request, tungstenite::Message};
use reqwest::Method;
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tokio::{sync::oneshot, time::timeout};

/// Connections of an actor.
const CONNECTIONS: usize = 4;

/// The longest that a connection stays open: shorter than a token is valid.
const LONGEST: u64 = 15_000;

/// How long a server may take to answer a close frame before the connection is dropped.
const CLOSING: Duration = Duration::from_secs(5);

impl Actor {
    pub(super) async fn log_in(&mut self) {
        let body = json!({"email": self.email, "password": PASSWORD});
        let login = self.site.send("login", None, |client| client.post("/auth/login", body), 200).await;
        self.tokens = login.map(|answer| Tokens::new(&answer.data()));
    }

    pub(super) async fn refresh(&mut self) {
        let Some(tokens) = self.tokens.take() else { return };
        let body = json!({"refresh_token": tokens.refresh});
        let refreshed = self.site.send("refresh", None, |client| client.post("/auth/refresh", body), 200).await;
        self.tokens = refreshed.map(|answer| Tokens::new(&answer.data()));
    }

    pub(super) async fn log_out(&mut self) {
        let Some(tokens) = self.tokens.take() else { return };
        let log_out = |client: &Client| client.request(Method::POST, "/auth/logout");
        self.site.send("logout", Some(&tokens.access), log_out, 200).await;
    }

    /// Opens a WebSocket or an event stream for some seconds, unless there are enough.
    pub(super) async fn connect(&mut self, token: &str) {
        while self.connections.try_join_next().is_some() {}
        if self.connections.len() >= CONNECTIONS {
            return;
        }
        match self.rng.u8(0..4) {
            0 => self.follow_socket(Some(token), "").await,
            1 => {
                let request = |client: &Client| client.request(Method::POST, "/ws/ticket");
                let Some(answer) = self.site.send("ticket", Some(token), request, 201).await else { return };
                let ticket = answer.data()["ticket"].as_str().unwrap().to_owned();
                self.follow_socket(None, &format!("?ticket={ticket}")).await;
            }
            2 => self.follow_stream(token, "/events").await,
            _ => self.follow_stream(token, "/changes/stream").await,
        }
    }

    async fn follow_socket(&mut self, token: Option<&str>, query: &str) {
        let time = self.time();
        let ends_well = self.rng.bool();
        // No restart begins before it is open: without an answer, opening panics.
        let site = Arc::clone(&self.site);
        let address = site.address().await;
        let client = token.map_or_else(|| address.client.clone(), |token| address.client.with_token(token));
        let (opened, is_open) = oneshot::channel();
        self.connections.spawn(read_socket(client.socket(query), opened, time, ends_well));
        match is_open.await {
            Ok(()) => site.succeed("WebSocket"),
            Err(_) => site.fail_at(&address, None, "a WebSocket was refused".to_owned()),
        }
    }

    async fn follow_stream(&mut self, token: &str, path: &'static str) {
        let time = self.time();
        let site = Arc::clone(&self.site);
        let address = site.address().await;
        let (opened, is_open) = oneshot::channel();
        self.connections.spawn(read_stream(address.client.with_token(token).get(path), opened, time));
        match is_open.await {
            Ok(()) => site.succeed("event stream"),
            Err(_) => site.fail_at(&address, None, format!("{path} was refused")),
        }
    }

    fn time(&mut self) -> Duration {
        Duration::from_millis(self.rng.u64(500..LONGEST))
    }
}

/// Opens a WebSocket and reads it for this time, unless the server ends it. It ends with a close frame, or without.
async fn read_socket(request: Request, opened: oneshot::Sender<()>, time: Duration, ends_well: bool) {
    let mut socket = request.open().await;
    opened.send(()).ok();
    let is_open = timeout(time, async { while socket.try_next().await.is_some() {} }).await.is_err();
    if is_open && ends_well {
        socket.send(Message::Close(None)).await;
        timeout(CLOSING, socket.closed()).await.ok();
    }
}

/// Opens an event stream and reads it for this time, unless the server ends it.
async fn read_stream(request: Request, opened: oneshot::Sender<()>, time: Duration) {
    let mut stream = request.stream().await;
    opened.send(()).ok();
    timeout(time, async { while stream.receive().await.is_some() {} }).await.ok();
}
