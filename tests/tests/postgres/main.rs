//! The tests of all areas with storage, on PostgreSQL: [`fasttrack_tests::Installation`] chooses it by the name of this
//! executable. In addition: several nodes, and outages of the database.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[path = "../accounts/mod.rs"]
mod accounts;
#[path = "../api_tokens/mod.rs"]
mod api_tokens;
#[path = "../audit/mod.rs"]
mod audit;
#[path = "../auth/mod.rs"]
mod auth;
#[path = "../background/mod.rs"]
mod background;
#[path = "../changes/mod.rs"]
mod changes;
#[path = "../operations/durability.rs"]
mod durability;
#[path = "../external/mod.rs"]
mod external;
mod failover;
#[path = "../operations/figures.rs"]
mod figures;
mod floods;
#[path = "../operations/full_disk.rs"]
mod full_disk;
#[path = "../representation/health.rs"]
mod health;
#[path = "../cli/healthcheck.rs"]
mod healthcheck;
#[path = "../histories/mod.rs"]
mod histories;
mod manual;
#[path = "../cli/migrate.rs"]
mod migrate;
mod nodes;
#[path = "../representation/order.rs"]
mod order;
mod outage;
#[path = "../planning/mod.rs"]
mod planning;
#[path = "../planning_docs/mod.rs"]
mod planning_docs;
#[path = "../realtime/mod.rs"]
mod realtime;
mod relay;
#[path = "../resources/mod.rs"]
mod resources;
#[path = "../sharing/mod.rs"]
mod sharing;
#[path = "../operations/shutdown.rs"]
mod shutdown;
#[path = "../soak/mod.rs"]
mod soak;
#[path = "../todo/mod.rs"]
mod todo;
#[path = "../cli/user.rs"]
mod user;
#[path = "../webhooks/mod.rs"]
mod webhooks;
mod writers;
