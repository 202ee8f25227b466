//! Clients that are logged in.

use crate::{Client, Request, Server, Socket};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    ops::Deref,
    sync::atomic::{AtomicU64, Ordering},
};

/// What every account of the harness has.
pub const PASSWORD: &str = "correct horse battery";

/// An address that no other test of this executable uses.
pub fn unique_email(name: &str) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    format!("{name}-{}@example.org", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A session of a user: sends requests with its access token.
#[derive(Clone, Debug)]
pub struct Account {
    client: Client,
    /// Of the user.
    pub id: i64,
    /// Of the user.
    pub email: String,
    /// Of the session.
    pub access_token: String,
    /// Of the session.
    pub refresh_token: String,
}

impl Deref for Account {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Account {
    /// Registers and logs in.
    pub async fn register(client: Client, email: &str) -> Self {
        client.post("/auth/register", json!({"email": email, "password": PASSWORD})).await.expect(201);
        Self::log_in(&client, email, PASSWORD).await
    }

    /// Begins a session.
    pub async fn log_in(client: &Client, email: &str, password: &str) -> Self {
        let login = client.post("/auth/login", json!({"email": email, "password": password})).await.expect(200);
        Self::from_tokens(client, &login.data()).await
    }

    /// Goes on with the tokens of a login or an exchange.
    pub async fn from_tokens(client: &Client, tokens: &Value) -> Self {
        let [access_token, refresh_token] =
            ["access_token", "refresh_token"].map(|name| tokens[name].as_str().unwrap().to_owned());
        let client = client.with_token(&access_token);
        let me = client.get("/auth/me").await.expect(200).data();
        Self {
            client,
            id: me["id"].as_i64().unwrap(),
            email: me["email"].as_str().unwrap().to_owned(),
            access_token,
            refresh_token,
        }
    }

    /// What people call the user: what stands before the `@`, until that is changed.
    pub fn name(&self) -> &str {
        self.email.split('@').next().unwrap()
    }

    /// A WebSocket that gives all the user's notifications behind this one, and then what comes.
    pub async fn follow(&self, since: i64) -> Socket {
        self.socket(&format!("?since={since}")).open().await
    }

    /// The same session on another server.
    #[must_use]
    pub fn on(&self, server: &Server) -> Self {
        Self { client: server.anonymous().with_token(&self.access_token), ..self.clone() }
    }

    /// Another session of the same user.
    pub async fn log_in_again(&self) -> Self {
        Self::log_in(&self.client, &self.email, PASSWORD).await
    }

    /// Ends the session.
    pub fn log_out(&self) -> Request {
        self.request(Method::POST, "/auth/logout")
    }

    /// A project of this user; its id.
    pub async fn project(&self) -> i64 {
        self.post("/projects", json!({"name": "Garden"})).await.expect(201).id()
    }

    /// A task in this project; its id. `fields` come on top of a title.
    pub async fn task(&self, project: i64, fields: Value) -> i64 {
        let mut body = json!({"title": "Water the roses"});
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        self.post(format!("/projects/{project}/tasks"), body).await.expect(201).id()
    }

    /// A comment on this task; its id.
    pub async fn comment(&self, task: i64) -> i64 {
        self.post(format!("/tasks/{task}/comments"), json!({"body": "Done soon"})).await.expect(201).id()
    }
}
