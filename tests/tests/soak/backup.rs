//! Backups while the load runs, each of which has to have what was acknowledged before it began.

use super::sample::kib;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query, sql_types::BigInt};
use fasttrack_tests::Installation;
use std::{fs, path::Path};

/// Makes a backup by the command line: a copy to SQLite where the database is PostgreSQL. Returns its size in KiB, or what
/// is wrong. A project has this name.
pub(super) async fn make(installation: &Installation, file: &str, project: &str) -> Result<f64, String> {
    let output = if installation.is_on_postgres() {
        let to = format!("sqlite://{file}");
        installation.command(["copy", "--from", installation.database_url(), "--to", &to]).run().await
    } else {
        installation.command(["backup", "--out", file]).run().await
    };
    if output.code != Some(0) {
        return Err(output.stderr);
    }
    check(&installation.path(file), project)
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn check(path: &Path, project: &str) -> Result<f64, String> {
    let size = fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?.len();
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).map_err(|error| error.to_string())?;
    let query = format!("SELECT count(*) AS number FROM projects WHERE name = '{project}'");
    let found: Found = sql_query(query).get_result(&mut connection).map_err(|error| error.to_string())?;
    if found.number == 1 { Ok(kib(size)) } else { Err(format!("{} projects have the name {project}", found.number)) }
}

#[test]
fn backup_without_effect_is_found() {
    use diesel::connection::SimpleConnection;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("backup.db");
    assert!(check(&path, "Backup 1").unwrap_err().contains("backup.db"));
    fs::write(&path, "").unwrap();
    assert!(check(&path, "Backup 1").unwrap_err().contains("no such table"));
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection.batch_execute("CREATE TABLE projects (name TEXT); INSERT INTO projects VALUES ('Backup 1')").unwrap();
    assert!(check(&path, "Backup 1").is_ok());
    assert_eq!(check(&path, "Backup 2"), Err("0 projects have the name Backup 2".to_owned()));
}
