use crate::{ApiToken, Client, Request, Server, Socket};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    ops::Deref,
    sync::atomic::{AtomicU64, Ordering},
};

/// The password of every account of the harness.
pub const PASSWORD: &str = "correct horse battery";

/// An address that no other test of this executable uses.
pub fn unique_email(name: &str) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    format!("{name}-{}@example.org", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A client that sends the access token of a session.
#[derive(Clone, Debug)]
pub struct Account {
    client: Client,
    pub id: i64,
    pub email: String,
    pub access_token: String,
    pub refresh_token: String,
}

impl Deref for Account {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Account {
    /// Registers a user and logs in.
    pub async fn register(client: Client, email: &str) -> Self {
        client.post("/auth/register", json!({"email": email, "password": PASSWORD})).await.expect(201);
        Self::log_in(&client, email, PASSWORD).await
    }

    pub async fn log_in(client: &Client, email: &str, password: &str) -> Self {
        let login = client.post("/auth/login", json!({"email": email, "password": password})).await.expect(200);
        Self::from_tokens(client, &login.data()).await
    }

    /// Uses the tokens in the response to a login or a refresh.
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

    /// The default display name: the part of the address before the `@`.
    pub fn name(&self) -> &str {
        self.email.split('@').next().unwrap()
    }

    /// Opens a WebSocket that receives the notifications after number `since`, and then new ones.
    pub async fn follow(&self, since: i64) -> Socket {
        self.socket(&format!("?since={since}")).open().await
    }

    /// Sends the requests of this session to another server.
    #[must_use]
    pub fn on(&self, server: &Server) -> Self {
        Self { client: server.anonymous().with_token(&self.access_token), ..self.clone() }
    }

    /// Starts another session of the same user.
    pub async fn log_in_again(&self) -> Self {
        Self::log_in(&self.client, &self.email, PASSWORD).await
    }

    pub fn log_out(&self) -> Request {
        self.request(Method::POST, "/auth/logout")
    }

    /// Creates an API token with a name and `fields`.
    pub async fn api_token(&self, fields: Value) -> ApiToken {
        let mut body = json!({"name": "CI"});
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        ApiToken::of(self, &self.post("/auth/tokens", body).await.expect(201).data())
    }

    /// Creates a project and returns its id.
    pub async fn project(&self) -> i64 {
        self.post("/projects", json!({"name": "Garden"})).await.expect(201).id()
    }

    /// Creates a task with a title and `fields`, and returns its id.
    pub async fn task(&self, project: i64, fields: Value) -> i64 {
        let mut body = json!({"title": "Water the roses"});
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        self.post(format!("/projects/{project}/tasks"), body).await.expect(201).id()
    }

    /// Makes a user a member of a project, or changes a member's role.
    ///
    /// # Panics
    ///
    /// If the server refuses.
    pub async fn share(&self, project: i64, user: &Self, role: &str) {
        let answer = self.put(format!("/projects/{project}/members/{}", user.id), json!({"role": role})).await;
        assert!(matches!(answer.status, 200 | 201), "{answer:#?}");
    }

    /// Ends the membership of a user.
    pub async fn remove(&self, project: i64, user: &Self) {
        self.delete(format!("/projects/{project}/members/{}", user.id)).await.expect(204);
    }

    /// Creates an invitation and returns its id.
    pub async fn invite(&self, project: i64, email: &str, role: &str) -> i64 {
        let body = json!({"email": email, "role": role});
        self.post(format!("/projects/{project}/invitations"), body).await.expect(201).id()
    }

    /// The request that accepts the invitation with this token.
    pub fn accept(&self, token: &str) -> Request {
        self.post("/invitations/accept", json!({"token": token}))
    }

    /// The request that erases the account.
    pub fn erase(&self) -> Request {
        self.request(Method::DELETE, "/users/me").body("application/json", json!({"password": PASSWORD}).to_string())
    }

    /// What others see of the user.
    pub fn person(&self) -> Value {
        json!({"id": self.id, "display_name": self.name()})
    }

    /// Creates a comment and returns its id.
    pub async fn comment(&self, task: i64) -> i64 {
        self.post(format!("/tasks/{task}/comments"), json!({"body": "Done soon"})).await.expect(201).id()
    }
}
