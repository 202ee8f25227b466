//! The rows of each table, by SQL beside the server.

use super::sample::{Values, number};
use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection,
    sql_query,
    sql_types::{BigInt, Text},
};
use fasttrack_tests::Installation;
use std::path::{Path, PathBuf};
use tokio_postgres::NoTls;

/// What counts the rows of a database.
pub(super) struct Rows {
    database: Database,
    query: String,
}

enum Database {
    Sqlite(PathBuf),
    Postgres(tokio_postgres::Client),
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Table {
    #[diesel(sql_type = Text)]
    name: String,
}

/// The tables. Those of the search index on SQLite are left out: they have rows of its own form, not one for each task.
const SQLITE_TABLES: &str = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
     AND name NOT LIKE 'task_words%' ORDER BY name";
const POSTGRES_TABLES: &str = "SELECT table_name::text FROM information_schema.tables \
     WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY 1";

const UNDISPATCHED: &str =
    "SELECT 'undispatched events' AS name, count(*) AS number FROM events WHERE NOT is_set_aside";

/// What PostgreSQL says of this database. Its size is in KiB.
const OF_POSTGRES: [&str; 2] = [
    "SELECT 'PostgreSQL connections', count(*) FROM pg_stat_activity WHERE datname = current_database() \
     AND pid <> pg_backend_pid()",
    "SELECT 'database', pg_database_size(current_database()) / 1024",
];

impl Rows {
    /// Reads which tables a database has. It was migrated.
    pub(super) async fn of(installation: &Installation) -> Self {
        if !installation.is_on_postgres() {
            let path = installation.path("fasttrack.db");
            let tables: Vec<Table> = sql_query(SQLITE_TABLES).load(&mut connect(&path)).unwrap();
            let query = query(tables.iter().map(|table| table.name.as_str()), &[]);
            return Self { database: Database::Sqlite(path), query };
        }
        let (client, connection) = tokio_postgres::connect(installation.database_url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        let tables = client.query(POSTGRES_TABLES, &[]).await.unwrap();
        let query = query(tables.iter().map(|row| row.get::<_, &str>(0)), &OF_POSTGRES);
        Self { database: Database::Postgres(client), query }
    }

    /// The number of rows of each table, and on PostgreSQL its connections and size.
    pub(super) async fn count(&self) -> Values {
        match &self.database {
            Database::Sqlite(path) => {
                let counts: Vec<Count> = sql_query(&self.query).load(&mut connect(path)).unwrap();
                counts.into_iter().map(|count| (count.name, number(count.number))).collect()
            }
            Database::Postgres(client) => {
                let counts = client.query(self.query.as_str(), &[]).await.unwrap();
                counts.iter().map(|row| (row.get(0), number(row.get::<_, i64>(1)))).collect()
            }
        }
    }
}

fn connect(path: &Path) -> SqliteConnection {
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection.batch_execute("PRAGMA busy_timeout = 10000").unwrap();
    connection
}

/// One statement, so that all counts are of one moment.
fn query<'t>(tables: impl Iterator<Item = &'t str>, further: &[&str]) -> String {
    let counts = tables.map(|table| format!("SELECT 'rows of {table}', count(*) FROM {table}"));
    let further = further.iter().map(|&query| query.to_owned());
    std::iter::once(UNDISPATCHED.to_owned()).chain(counts).chain(further).collect::<Vec<_>>().join(" UNION ALL ")
}
