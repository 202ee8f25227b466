//! The files of a database. Only their owner can read them, whatever the umask and the directory allow, as they contain
//! password hashes.

use std::{
    ffi::OsString,
    fs::{self, OpenOptions, Permissions},
    io,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// The mode of a database, of its write-ahead log, and of every copy.
pub(super) const PRIVATE: u32 = 0o600;

/// The suffixes of the files that SQLite creates beside a database, with its mode, as parts of it.
pub(super) const SIDE_FILES: [&str; 3] = ["-wal", "-journal", "-shm"];

/// `path` with a suffix after its name.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Creates an empty file with the mode [`PRIVATE`] where there is none; SQLite takes it for a new database. An error is
/// ignored, as SQLite then can't open the file either and reports why.
pub(super) fn create_private(path: &Path) {
    // An existing file isn't opened: closing it would release the locks that this process holds on it
    // (<https://sqlite.org/howtocorrupt.html>, section 2.2).
    if let Ok(file) = OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(path) {
        // The umask may have removed permissions of the owner.
        let _ = file.set_permissions(Permissions::from_mode(PRIVATE));
    }
}

/// Removes the permissions of group and others from the database at `path` and the files beside it. Only logs where that
/// fails: files of another owner can be used all the same.
pub(super) fn restrict_permissions(path: &Path) {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    for path in [path.clone()].into_iter().chain(SIDE_FILES.map(|suffix| with_suffix(&path, suffix))) {
        match restrict_one(&path) {
            Ok(true) => tracing::info!(file = %path.display(), "set the mode to 0600: group or others had access"),
            Ok(false) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                tracing::warn!(file = %path.display(), %error, "group or others have access; the owner has to run `chmod 600`");
            }
        }
    }
}

/// Whether there were permissions to remove.
fn restrict_one(path: &Path) -> io::Result<bool> {
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
            fs::write(with_suffix(&path, suffix), "").unwrap();
            fs::set_permissions(with_suffix(&path, suffix), Permissions::from_mode(given)).unwrap();
        }
        let link = directory.path().join("link.db");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        restrict_permissions(&link);
        for (suffix, expected) in [("", 0o600), ("-wal", 0o600), ("-shm", 0o600), ("-other", 0o644)] {
            assert_eq!(mode(&with_suffix(&path, suffix)), expected, "{suffix}");
        }
    }

    #[test]
    fn a_new_file_is_private_and_an_old_one_is_left_alone() {
        let directory = tempdir().unwrap();
        let path = directory.path().join("a.db");
        create_private(&path);
        assert_eq!(mode(&path), 0o600);
        fs::write(&path, "something").unwrap();
        create_private(&path);
        assert_eq!(fs::read_to_string(&path).unwrap(), "something");
        create_private(&directory.path().join("nowhere/a.db"));
    }
}
