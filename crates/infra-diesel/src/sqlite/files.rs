//! The files of a database: for their owner only, as there are password hashes in them, whatever the umask and the
//! directory allow.

use std::{
    ffi::OsString,
    fs::{self, OpenOptions, Permissions},
    io,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// Mode of a database, of its log, and of every copy.
pub(super) const PRIVATE: u32 = 0o600;

/// Files that SQLite puts beside a database, and takes for a part of it. It gives them the mode of the database.
pub(super) const BESIDE: [&str; 3] = ["-wal", "-journal", "-shm"];

/// `path` with more behind its name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Makes an empty file where there is none, for its owner only; SQLite takes it for a new database. What keeps that from
/// being done keeps SQLite from opening it, too, which says why.
pub(super) fn make_private(path: &Path) {
    // A file that is there isn't opened: closing it would release the locks that this process holds on it
    // (<https://sqlite.org/howtocorrupt.html>, section 2.2).
    if let Ok(file) = OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(path) {
        // The umask may have taken away what the owner needs.
        let _ = file.set_permissions(Permissions::from_mode(PRIVATE));
    }
}

/// Takes away what others may do with the database at `path` and what is beside it. Logs where that is refused: the files
/// are somebody else's, and can be used all the same.
pub(super) fn tighten(path: &Path) {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    for path in [path.clone()].into_iter().chain(BESIDE.map(|suffix| beside(&path, suffix))) {
        match tighten_one(&path) {
            Ok(true) => tracing::info!(file = %path.display(), "others can't read it any more: its mode is 0600 now"),
            Ok(false) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                tracing::warn!(file = %path.display(), %error, "others may read it; its owner has to run `chmod 600`");
            }
        }
    }
}

/// Whether there was anything to take away.
fn tighten_one(path: &Path) -> io::Result<bool> {
    let mode = fs::metadata(path)?.permissions().mode();
    if mode.trailing_zeros() >= 6 {
        return Ok(false);
    }
    fs::set_permissions(path, Permissions::from_mode(PRIVATE)).map(|()| true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::tempdir;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_others_may_read_is_tightened_with_all_beside_it() {
        let directory = tempdir().unwrap();
        let path = directory.path().join("a.db");
        for (suffix, given) in [("", 0o644), ("-wal", 0o666), ("-shm", 0o640), ("-other", 0o644)] {
            fs::write(beside(&path, suffix), "").unwrap();
            fs::set_permissions(beside(&path, suffix), Permissions::from_mode(given)).unwrap();
        }
        let link = directory.path().join("link.db");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        tighten(&link);
        for (suffix, expected) in [("", 0o600), ("-wal", 0o600), ("-shm", 0o600), ("-other", 0o644)] {
            assert_eq!(mode(&beside(&path, suffix)), expected, "{suffix}");
        }
    }

    #[test]
    fn a_new_file_is_private_and_an_old_one_is_left_alone() {
        let directory = tempdir().unwrap();
        let path = directory.path().join("a.db");
        make_private(&path);
        assert_eq!(mode(&path), 0o600);
        fs::write(&path, "something").unwrap();
        make_private(&path);
        assert_eq!(fs::read_to_string(&path).unwrap(), "something");
        make_private(&directory.path().join("nowhere/a.db"));
    }
}
