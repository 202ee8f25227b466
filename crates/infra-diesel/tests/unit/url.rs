//! The setting that names the database.

use fasttrack_infra_diesel::{DatabaseUrl, sqlite::SqliteLocation};
use std::path::PathBuf;

fn file(path: &str) -> DatabaseUrl {
    DatabaseUrl::Sqlite(SqliteLocation::File(PathBuf::from(path)))
}

#[test]
fn every_documented_url_is_parsed() {
    assert_eq!("sqlite://data/fasttrack.db".parse(), Ok(file("data/fasttrack.db")));
    assert_eq!("sqlite:///var/lib/fasttrack.db".parse(), Ok(file("/var/lib/fasttrack.db")));
    assert_eq!("sqlite::memory:".parse(), Ok(DatabaseUrl::Sqlite(SqliteLocation::Memory)));
    for url in ["postgres://ann@localhost/fasttrack", "postgresql:///fasttrack?host=/run/postgresql"] {
        assert_eq!(url.parse(), Ok(DatabaseUrl::Postgres(url.to_owned())));
    }
}

#[test]
fn other_url_is_refused_without_being_repeated() {
    for wrong in [
        "",
        "fasttrack.db",
        "sqlite:",
        "sqlite://",
        "sqlite:///data/",
        "sqlite://:memory:",
        "sqlite://a.db?mode=ro",
        "mysql://root:secret@localhost/x",
        "postgres://",
    ] {
        let error = wrong.parse::<DatabaseUrl>().unwrap_err();
        assert!(!error.to_string().contains("secret"), "{wrong}");
    }
}

#[test]
fn a_password_is_not_printed() {
    let url: DatabaseUrl = "postgres://ann:secret@localhost/fasttrack".parse().unwrap();
    assert_eq!(format!("{url:?}"), "Postgres(…)");
}
