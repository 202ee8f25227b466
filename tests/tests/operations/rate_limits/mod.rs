//! How much one may ask for, and how answers say so.

mod login;
mod proxies;
mod redis;
mod requests;

use fasttrack_tests::{Account, Answer, Client, Installation, PASSWORD, Request, Server};
use serde_json::json;

/// A server on which anybody may make so many requests a minute.
fn with_limit(limit: u32) -> Server {
    Installation::new().with("RATE_LIMIT_REQUESTS", limit.to_string()).start()
}

/// Anybody's.
fn public(client: &Client) -> Request {
    client.get("/.well-known/jwks.json")
}

/// A login with a wrong password.
fn guess(client: &Client, email: &str) -> Request {
    client.post("/auth/login", json!({"email": email, "password": "wrong horse battery"}))
}

/// A login with the right one.
fn login(account: &Account) -> Request {
    account.with_token("").post("/auth/login", json!({"email": account.email, "password": PASSWORD}))
}

/// What `RateLimit` says of a policy: requests that remain, and seconds until there are more.
#[track_caller]
fn standing(answer: &Answer, policy: &str) -> (u64, u64) {
    let header = answer.header("ratelimit").unwrap_or_else(|| panic!("{answer:#?}"));
    let item = header.split(", ").find_map(|item| item.strip_prefix(&format!("\"{policy}\";r="))).unwrap();
    let (remaining, seconds) = item.split_once(";t=").unwrap();
    (remaining.parse().unwrap(), seconds.parse().unwrap())
}

/// A refusal, and after how many seconds it is over.
#[track_caller]
fn limited(answer: Answer) -> u64 {
    let answer = answer.refused(429, "rate_limited");
    let seconds = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{answer:#?}");
    assert!(answer.header("ratelimit").unwrap().contains(&format!("r=0;t={seconds}")), "{answer:#?}");
    assert!(answer.header("ratelimit-policy").is_some(), "{answer:#?}");
    seconds
}
