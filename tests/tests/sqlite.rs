//! All areas on SQLite. One program of them is linked once, and its tests fill the time in which others wait.

mod accounts;
mod api_tokens;
mod audit;
mod auth;
mod background;
mod changes;
mod cli;
mod external;
mod histories;
mod operations;
mod planning;
mod planning_docs;
mod power_loss;
mod realtime;
#[path = "postgres/relay.rs"]
mod relay;
mod representation;
mod resources;
mod sharing;
mod soak;
mod todo;
mod webhooks;
