//! One server at most uses a database file.

use fasttrack_infra_diesel::sqlite::{OpenError, ServerLock, SqliteLocation, served_by};
use std::{fs, os::unix::fs::PermissionsExt, process};
use tempfile::tempdir;

#[test]
fn a_database_has_one_server_whatever_it_is_called() {
    let directory = tempdir().unwrap();
    let (path, link) = (directory.path().join("a.db"), directory.path().join("link.db"));
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let location = SqliteLocation::File(path.clone());
    assert_eq!(served_by(&path), None);

    let held = ServerLock::take(&location).unwrap().unwrap();
    let us = format!("process {}", process::id());
    for again in [&path, &link, &directory.path().join("../").join(directory.path()).join("a.db")] {
        let refused = ServerLock::take(&SqliteLocation::File(again.clone())).unwrap_err();
        assert!(matches!(&refused, OpenError::Served { process, .. } if *process == us), "{refused}");
        assert_eq!(served_by(again), Some(us.clone()));
    }
    drop(held);
    assert_eq!(served_by(&path), None);
    ServerLock::take(&location).unwrap().unwrap();
}

#[test]
fn checking_the_server_lock_does_not_take_it() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("a.db");
    let location = SqliteLocation::File(path.clone());
    drop(ServerLock::take(&location).unwrap());
    assert_eq!((served_by(&path), served_by(&path)), (None, None));
    assert!(ServerLock::take(&location).unwrap().is_some());
    for file in [&path, &directory.path().join("a.db.lock")] {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_database_in_memory_needs_no_lock() {
    assert!(ServerLock::take(&SqliteLocation::Memory).unwrap().is_none());
}
