//! The areas that store something once more, on PostgreSQL: [`fasttrack_tests::Installation`] knows by the name of this
//! executable. And what only PostgreSQL has: several nodes, and a database that goes away.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[path = "../audit/main.rs"]
mod audit;
#[path = "../auth/main.rs"]
mod auth;
#[path = "../background/main.rs"]
mod background;
#[path = "../operations/durability.rs"]
mod durability;
#[path = "../external/main.rs"]
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
mod manual;
#[path = "../cli/migrate.rs"]
mod migrate;
mod nodes;
#[path = "../representation/order.rs"]
mod order;
mod outage;
#[path = "../realtime/main.rs"]
mod realtime;
mod relay;
#[path = "../resources/main.rs"]
mod resources;
#[path = "../operations/shutdown.rs"]
mod shutdown;
#[path = "../todo/main.rs"]
mod todo;
#[path = "../cli/user.rs"]
mod user;
mod writers;
