//! Tests of what is particular to PostgreSQL. The contracts of the ports are tested by `fasttrack-testkit`.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[path = "../shared/change_rows.rs"]
mod change_rows;
mod changes;
#[path = "../shared/declared.rs"]
mod declared;
mod dispatch;
mod erasure;
#[path = "../shared/every_query.rs"]
mod every_query;
mod failover;
mod feed_plans;
#[path = "../shared/feed_queries.rs"]
mod feed_queries;
mod groups;
mod list_plans;
mod listener;
#[path = "../shared/lists.rs"]
mod lists;
#[path = "../shared/many_reminders.rs"]
mod many_reminders;
mod migrations;
mod outage;
#[path = "../shared/personal_data/mod.rs"]
mod personal_data;
mod query_plans;
mod reminders;
mod schema;
mod shared_reads;
mod tls;
mod upgrade;
