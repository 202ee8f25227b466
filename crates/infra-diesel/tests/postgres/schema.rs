//! The tables that are declared to Diesel are those that the migrations make.

use crate::declared;
use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::RunQueryDsl;
use fasttrack_infra_diesel::postgres::Database;
use fasttrack_testkit::postgres::Cluster;

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    nullable: String,
}

async fn columns(database: &Database, table: String) -> Vec<(String, String)> {
    let sql = "SELECT column_name::text AS name, data_type::text AS kind, is_nullable::text AS nullable
        FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1
        ORDER BY ordinal_position";
    let columns: Vec<Column> =
        database.read(async move |conn| Ok(sql_query(sql).bind::<Text, _>(table).load(conn).await?)).await.unwrap();
    let kind = |column: &Column| {
        let kind = match column.kind.as_str() {
            "bigint" => "BigInt",
            "boolean" => "Bool",
            "bytea" => "Binary",
            "text" => "Text",
            "timestamp with time zone" => "Moment",
            other => panic!("no column should be {other}"),
        };
        if column.nullable == "YES" { format!("Nullable<{kind}>") } else { kind.to_owned() }
    };
    columns.iter().map(|column| (column.name.clone(), kind(column))).collect()
}

#[tokio::test]
async fn what_is_declared_is_what_the_migrations_make() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let database = Database::open(empty.url(), 1).unwrap();
    database.migrate().await.unwrap();
    for (table, declared) in declared::tables() {
        assert_eq!(columns(&database, table.clone()).await, declared, "{table}");
    }
}
