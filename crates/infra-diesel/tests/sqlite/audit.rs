//! Audit entries that are inserted in groups: the contract of `AuditLog`, and what happens in an outage.

use diesel_async::SimpleAsyncConnection;
use fasttrack_domain::{
    Timestamp,
    audit::{AuditAction, AuditEntry, AuditFilter, Origin},
    page::{Limit, PageRequest},
    ports::{Repositories, audit::AuditLog},
};
use fasttrack_infra_diesel::{
    audit::AuditQueue,
    sqlite::{Database, SqliteLocation},
};
use fasttrack_testkit::{contract, contract_tests};
use std::sync::Arc;

async fn database() -> (Database, Repositories) {
    let database = Database::open(&SqliteLocation::Memory).unwrap();
    database.migrate().await.unwrap();
    let repositories = database.repositories();
    (database, repositories)
}

async fn execute(database: &Database, sql: &'static str) {
    database.write(async move |conn| Ok(conn.batch_execute(sql).await?)).await.unwrap();
}

fn note(queue: &AuditQueue, action: AuditAction, times: usize) {
    for _ in 0..times {
        queue.record(AuditEntry::new(Timestamp::UNIX_EPOCH, None, action, Origin::default()));
    }
}

/// How many entries are in the table.
async fn written(repositories: &Repositories) -> usize {
    let mut request = PageRequest { limit: Limit::new(100).unwrap(), cursor: None };
    let mut count = 0;
    loop {
        let page = repositories.audit.list(AuditFilter::default(), request).await.unwrap();
        count += page.items.len();
        request.cursor = page.next;
        if request.cursor.is_none() {
            return count;
        }
    }
}

#[tokio::test]
async fn audit_entries_wait_for_the_database_until_the_queue_is_full() {
    let (database, repositories) = database().await;
    let queue = AuditQueue::new(repositories.audit.clone());
    note(&queue, AuditAction::Login, 3);
    execute(&database, "ALTER TABLE audit RENAME TO hidden").await;
    assert!(queue.flush().await.is_err());
    note(&queue, AuditAction::Login, 10_000);
    AuditLog::flush(&queue).await;
    execute(&database, "ALTER TABLE hidden RENAME TO audit").await;
    queue.flush().await.unwrap();
    assert_eq!(written(&repositories).await, 10_000);
    queue.flush().await.unwrap();
    assert_eq!(written(&repositories).await, 10_000);
}

#[tokio::test]
async fn count_of_refusals_beyond_the_limit_survives_an_outage() {
    let (database, repositories) = database().await;
    let queue = AuditQueue::new(repositories.audit.clone());
    note(&queue, AuditAction::Forbidden, 1_005);
    queue.flush().await.unwrap();
    assert_eq!(written(&repositories).await, 1_001);
    execute(&database, "ALTER TABLE audit RENAME TO hidden").await;
    note(&queue, AuditAction::RateLimited, 5);
    assert!(queue.flush().await.is_err());
    execute(&database, "ALTER TABLE hidden RENAME TO audit").await;
    queue.flush().await.unwrap();
    assert_eq!(written(&repositories).await, 1_001);
    let page = repositories.audit.list(AuditFilter::default(), PageRequest::default()).await.unwrap();
    let counted = page.items.iter().find(|line| line.action == "refusals.counted").unwrap();
    assert_eq!(counted.changes, r#"{"refusals":[1000,1010]}"#);
}

async fn audit_queue() -> (contract::audit_log::Ports, Database) {
    let (database, repositories) = database().await;
    let log = Arc::new(AuditQueue::new(Arc::clone(&repositories.audit)));
    (contract::audit_log::Ports { log, audit: repositories.audit }, database)
}

contract_tests!(audit_log, audit_queue);
