//! Pages in a real browser. Without chromedriver these tests print `ignored` and pass, except where `CI` is set.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod browser;
mod cors;
mod pages;
mod realtime;
mod webhooks;
