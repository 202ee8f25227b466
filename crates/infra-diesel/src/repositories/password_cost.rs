//! The bcrypt cost of the stored password hashes.

use super::super::run_query_dsl::RunQueryDsl;
use super::Database;
use async_trait::async_trait;
use diesel::{OptionalExtension, QueryableByName, sql_query, sql_types::Text};
use fasttrack_domain::ports::{RepositoryError, password};

/// Reads the cost from the hashes of accounts.
#[derive(Clone)]
pub struct PasswordCosts {
    database: Database,
}

impl PasswordCosts {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[derive(QueryableByName)]
struct Costliest {
    #[diesel(sql_type = Text)]
    cost: String,
}

/// With the expressions of the index `users_password_cost`, so that it reads one entry of it.
const COSTLIEST: &str = "SELECT substr(password_hash, 5, 2) AS cost FROM users \
     WHERE substr(password_hash, 1, 2) = '$2' ORDER BY substr(password_hash, 5, 2) DESC LIMIT 1";

#[async_trait]
impl password::PasswordCosts for PasswordCosts {
    async fn highest(&self) -> Result<Option<u32>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let costliest: Option<Costliest> = sql_query(COSTLIEST).get_result(conn).await.optional()?;
                // Without a number it is no bcrypt hash, and can't be verified.
                Ok(costliest.and_then(|row| row.cost.parse().ok()))
            })
            .await
    }
}
