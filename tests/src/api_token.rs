use crate::{Client, Server};
use serde_json::Value;
use std::ops::Deref;

/// A client that sends an API token.
#[derive(Clone, Debug)]
pub struct ApiToken {
    client: Client,
    pub id: i64,
    pub token: String,
}

impl Deref for ApiToken {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl ApiToken {
    /// Uses the token in the response to its creation.
    pub fn of(client: &Client, created: &Value) -> Self {
        let token = created["token"].as_str().unwrap().to_owned();
        Self { client: client.with_token(&token), id: created["id"].as_i64().unwrap(), token }
    }

    /// Sends the token to another server.
    #[must_use]
    pub fn on(&self, server: &Server) -> Self {
        Self { client: server.anonymous().with_token(&self.token), ..self.clone() }
    }

    /// The path by which its user revokes it.
    pub fn path(&self) -> String {
        format!("/auth/tokens/{}", self.id)
    }
}
