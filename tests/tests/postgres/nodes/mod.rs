//! Several servers on one database.

mod api_tokens;
mod crash;
mod load;
mod logins;
mod news;
mod nginx;
mod partition;
mod password;
mod race;
mod reminders;
mod revocation;
mod rolling;
mod sharing;
mod start;
mod streams;
mod survivor;
mod webhooks;

use fasttrack_tests::{Account, Installation, Server};

/// Starts two servers on a new database, with the same key.
fn two() -> [Server; 2] {
    let installation = Installation::new();
    [installation.start(), installation.start()]
}

/// Returns a client with the same session on another node.
async fn on(server: &Server, account: &Account) -> Account {
    let tokens = serde_json::json!({"access_token": account.access_token, "refresh_token": account.refresh_token});
    Account::from_tokens(&server.anonymous(), &tokens).await
}
