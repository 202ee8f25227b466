//! Runs SQL on a database of either kind.

use clap::{Parser, Subcommand};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqlSafeStr, SqlStr, SqliteConnection};
use std::{error::Error, fs, path::PathBuf};

#[derive(Parser)]
struct Options {
    /// `sqlite:///path`, `?mode=rwc` to create it, or `postgres://…`.
    #[arg(long)]
    database_url: String,
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Runs the statements of a file.
    Run {
        file: PathBuf,
        /// `NAME=VALUE`: replaces `:NAME` in the file.
        values: Vec<String>,
        /// Removes the indexes of these tables before, and makes them again: many rows are inserted faster so.
        #[arg(long)]
        without_indexes_of: Vec<String>,
    },
    /// Prints the number that a query returns.
    Number { query: String },
}

/// Does what is asked on a connection of either kind, and gives the number that a query returned. The third makes the query for
/// the statements that remove the indexes of tables, and those that make them again.
macro_rules! act {
    ($connection:ident, $action:expr, $indexes_of:expr) => {
        match $action {
            Action::Run { file, values, without_indexes_of } => {
                let query = trusted($indexes_of(&without_indexes_of));
                let indexes = sqlx::query_as(query).fetch_all(&mut $connection).await?;
                let script = without(indexes, &script(&fs::read_to_string(file)?, &values)?);
                sqlx::raw_sql(trusted(script)).execute(&mut $connection).await?;
                None
            }
            Action::Number { query } => {
                Some(sqlx::query_scalar::<_, i64>(trusted(query)).fetch_one(&mut $connection).await?)
            }
        }
    };
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let Options { database_url, action } = Options::parse();
    let number = if database_url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(&database_url).await?;
        let number = act!(connection, action, |tables: &[String]| format!(
            "SELECT 'DROP INDEX ' || name, sql FROM sqlite_master \
             WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({})",
            literals(tables, "")
        ));
        // Writes the log to the database's file.
        connection.close().await?;
        number
    } else {
        let mut connection = PgConnection::connect(&database_url).await?;
        act!(connection, action, |tables: &[String]| format!(
            "SELECT 'DROP INDEX ' || indexrelid::regclass, pg_get_indexdef(indexrelid) FROM pg_index \
             WHERE indrelid IN ({}) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)",
            literals(tables, "::regclass")
        ))
    };
    if let Some(number) = number {
        println!("{number}");
    }
    Ok(())
}

fn script(text: &str, values: &[String]) -> Result<String, String> {
    values.iter().try_fold(text.to_owned(), |text, value| {
        let (name, value) = value.split_once('=').ok_or_else(|| format!("`{value}` is not NAME=VALUE"))?;
        Ok(text.replace(&format!(":{name}"), value))
    })
}

/// SQL of the benchmark's own.
fn trusted(sql: String) -> SqlStr {
    AssertSqlSafe(sql).into_sql_str()
}

/// Names in a list of an `IN`, each with its type behind it.
fn literals(names: &[String], of_type: &str) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("'{name}'{of_type}")).collect();
    if names.is_empty() { "NULL".to_owned() } else { names.join(", ") }
}

/// The script between the statements that remove indexes and those that make them again.
fn without(indexes: Vec<(String, String)>, script: &str) -> String {
    if indexes.is_empty() {
        return script.to_owned();
    }
    let (drops, creates): (Vec<_>, Vec<_>) = indexes.into_iter().unzip();
    [&drops.join(";\n"), script, &creates.join(";\n"), "ANALYZE"].join(";\n")
}
