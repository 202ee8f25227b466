//! Erasure of accounts.

use crate::personal_data::{Sql, assert_everything_is_erased, assert_portions_are_small};
use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use fasttrack_infra_diesel::sqlite::{Database, SqliteLocation};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl Sql for Database {
    const EPOCH: &'static str = "0";
    const BYTES: &'static str = "x'7777777777777777777777777777777777777777777777777777777777777777'";

    fn tasks_with(lexeme: &str) -> String {
        format!("SELECT count(*) AS count FROM task_words WHERE task_words MATCH '\"{lexeme}\"'")
    }

    fn hex(column: &str) -> String {
        format!("hex({column})")
    }

    async fn execute(&self, sql: String) {
        self.write(async move |conn| Ok(conn.batch_execute(&sql).await?)).await.unwrap();
    }

    async fn count(&self, sql: String) -> i64 {
        let row: Count = self.read(async move |conn| Ok(sql_query(sql).get_result(conn).await?)).await.unwrap();
        row.count
    }
}

async fn migrated() -> Database {
    let database = Database::open(&SqliteLocation::Memory).unwrap();
    database.migrate().await.unwrap();
    database
}

#[tokio::test]
async fn nothing_of_an_erased_account_is_left() {
    let database = migrated().await;
    assert_everything_is_erased(&database.repositories(), &database).await;
}

#[tokio::test]
async fn portions_are_small_and_go_on_after_a_restart() {
    let database = migrated().await;
    assert_portions_are_small(|| database.repositories(), &database).await;
}
