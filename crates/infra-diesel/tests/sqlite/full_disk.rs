//! A database that can't grow.

use diesel_async::SimpleAsyncConnection;
use fasttrack_domain::{
    id::UserId,
    ports::{Repositories, RepositoryError},
    ticket::{NewTicket, SecretHash},
    token::TokenId,
};
use fasttrack_infra_diesel::sqlite::{Database, SqliteLocation};
use fasttrack_testkit::builders::{MOMENT, new_ticket};
use tokio::task::JoinSet;

async fn limit_pages(database: &Database, pages: u32) {
    let pragma = format!("PRAGMA max_page_count = {pages}");
    database.write(async move |conn| Ok(conn.batch_execute(&pragma).await?)).await.unwrap();
}

fn ticket(n: u8) -> NewTicket {
    let mut ticket = NewTicket { hash: SecretHash::new([n; 32]), ..new_ticket(UserId::new(1)) };
    ticket.claims.token_id = TokenId::new("x".repeat(20_000));
    ticket
}

#[tokio::test]
async fn writes_without_space_are_unavailable_until_there_is_some() {
    let directory = tempfile::tempdir().unwrap();
    let database = Database::open(&SqliteLocation::File(directory.path().join("full.db"))).unwrap();
    database.migrate().await.unwrap();
    let Repositories { tickets, health, .. } = database.repositories();
    health.check().await.unwrap();
    assert!(!health.is_out_of_space());
    // SQLite raises the limit to the number of existing pages.
    limit_pages(&database, 1).await;
    let create = async |n| tickets.create(ticket(n)).await;
    let mut refused = 0;
    for n in 0..20 {
        match create(n).await {
            Ok(()) => assert_eq!(refused, 0),
            Err(RepositoryError::Unavailable(_)) => refused += 1,
            Err(error) => panic!("{error:?}"),
        }
    }
    assert!(refused > 10, "{refused}");
    assert!(health.is_out_of_space());

    // Of many that share a commit, none fails for another reason.
    let mut writes = JoinSet::new();
    for n in 100..140 {
        let tickets = tickets.clone();
        writes.spawn(async move { tickets.create(ticket(n)).await });
    }
    for written in writes.join_all().await {
        assert!(matches!(written, Err(RepositoryError::Unavailable(_))), "{written:?}");
    }
    assert_eq!(tickets.redeem(SecretHash::new([100; 32]), MOMENT).await.unwrap(), None, "reads and small writes go on");

    limit_pages(&database, 1 << 30).await;
    create(200).await.unwrap();
    health.check().await.unwrap();
}
