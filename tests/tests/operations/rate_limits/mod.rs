//! Rate limits and their headers.

mod login;
mod proxies;
mod redis;
mod requests;

use fasttrack_tests::{Account, Answer, Client, Installation, PASSWORD, Request, Server};
use serde_json::json;

/// A server with a limit of requests a minute.
fn with_limit(limit: u32) -> Server {
    Installation::new().with("RATE_LIMIT_REQUESTS", limit.to_string()).start()
}

/// Sends a request that needs no token.
fn public(client: &Client) -> Request {
    client.get("/.well-known/jwks.json")
}

/// Logs in with a wrong password.
fn guess(client: &Client, email: &str) -> Request {
    client.post("/auth/login", json!({"email": email, "password": "wrong horse battery"}))
}

/// Logs in with the right password.
fn login(account: &Account) -> Request {
    account.with_token("").post("/auth/login", json!({"email": account.email, "password": PASSWORD}))
}

/// Returns the remaining requests and the seconds until reset of a policy, from `RateLimit`.
#[track_caller]
fn standing(answer: &Answer, policy: &str) -> (u64, u64) {
    let header = answer.header("ratelimit").unwrap_or_else(|| panic!("{answer:#?}"));
    let item = header.split(", ").find_map(|item| item.strip_prefix(&format!("\"{policy}\";r="))).unwrap();
    let (remaining, seconds) = item.split_once(";t=").unwrap();
    (remaining.parse().unwrap(), seconds.parse().unwrap())
}

/// Fails unless the response is 429, and returns the seconds in `Retry-After`.
#[track_caller]
fn limited(answer: Answer) -> u64 {
    let answer = answer.refused(429, "rate_limited");
    let seconds = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{answer:#?}");
    assert!(answer.header("ratelimit").unwrap().contains(&format!("r=0;t={seconds}")), "{answer:#?}");
    assert!(answer.header("ratelimit-policy").is_some(), "{answer:#?}");
    seconds
}
