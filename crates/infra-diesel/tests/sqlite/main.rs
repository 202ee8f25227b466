//! Tests of what is particular to SQLite. The contracts of the ports are tested by `fasttrack-testkit`.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod audit;
mod backup;
#[path = "../shared/change_rows.rs"]
mod change_rows;
mod changes;
#[path = "../shared/declared.rs"]
mod declared;
mod erasure;
#[path = "../shared/every_query.rs"]
mod every_query;
mod feed_plans;
#[path = "../shared/feed_queries.rs"]
mod feed_queries;
mod files;
mod full_disk;
mod group_commit;
mod inline;
mod list_plans;
#[path = "../shared/lists.rs"]
mod lists;
#[path = "../shared/many_reminders.rs"]
mod many_reminders;
mod migrations;
mod notes;
mod outbox;
#[path = "../shared/personal_data/mod.rs"]
mod personal_data;
mod query_plans;
mod reminders;
mod rows;
mod schema;
mod server_lock;
mod upgrade;
mod words;
