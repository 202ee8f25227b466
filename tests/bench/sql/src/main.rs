//! Runs SQL on a database of either kind.

use clap::{Parser, Subcommand};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqlSafeStr, SqliteConnection};
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
    },
    /// Prints the number that a query returns.
    Number { query: String },
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let Options { database_url, action } = Options::parse();
    let (sql, prints) = match action {
        Action::Run { file, values } => (script(&fs::read_to_string(file)?, &values)?, false),
        Action::Number { query } => (query, true),
    };
    let sql = AssertSqlSafe(sql).into_sql_str();
    let number = if database_url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(&database_url).await?;
        let number = if prints {
            Some(sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut connection).await?)
        } else {
            sqlx::raw_sql(sql).execute(&mut connection).await.map(|_| None)?
        };
        // Writes the log to the database's file.
        connection.close().await?;
        number
    } else {
        let mut connection = PgConnection::connect(&database_url).await?;
        if prints {
            Some(sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut connection).await?)
        } else {
            sqlx::raw_sql(sql).execute(&mut connection).await.map(|_| None)?
        }
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
