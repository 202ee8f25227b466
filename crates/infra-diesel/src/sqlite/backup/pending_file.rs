//! A database file that gets its name only when it is complete.

use super::BackupError;
use crate::sqlite::files::PRIVATE;
use std::{
    fs::{self, File, OpenOptions, Permissions},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};
use tempfile::{TempDir, TempPath};

/// A file in a temporary directory beside its target. Both are deleted on drop.
///
/// Only their owner can read the directory and the file: a database contains password hashes.
pub(super) struct PendingFile {
    directory: TempDir,
    path: PathBuf,
}

impl PendingFile {
    /// Creates an empty file for this target.
    pub(super) fn beside(target: &Path) -> Result<Self, BackupError> {
        let folder = folder(target);
        if !folder.is_dir() {
            return Err(BackupError::NoDirectory(folder.to_owned()));
        }
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let directory = tempfile::Builder::new()
            .prefix(&format!(".{name}."))
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(folder)
            .map_err(|error| BackupError::Io { path: folder.to_owned(), source: error })?;
        let path = directory.path().join("draft.db");
        let file = OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(&path);
        // The umask may have removed permissions of the owner.
        file.and_then(|file| file.set_permissions(Permissions::from_mode(PRIVATE))).map_err(BackupError::io(&path))?;
        Ok(Self { directory, path })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Syncs the file to disk and moves it to its target, which must not exist.
    pub(super) fn publish(self, target: &Path) -> Result<(), BackupError> {
        let failed = BackupError::io(target);
        self.sync()?;
        let path = TempPath::try_from_path(&self.path).map_err(&failed)?;
        path.persist_noclobber(target).map_err(|refused| failed(refused.error))?;
        self.end(target)
    }

    /// Syncs the file to disk and moves it to its target, replacing what is there.
    pub(super) fn replace(self, target: &Path) -> Result<(), BackupError> {
        self.sync()?;
        // A journal of the former file whose deletion isn't on disk could come back after a power loss, beside the new file:
        // SQLite would roll it back into that.
        sync_names_beside(target)?;
        fs::rename(&self.path, target).map_err(BackupError::io(target))?;
        self.end(target)
    }

    fn sync(&self) -> Result<(), BackupError> {
        File::open(&self.path).and_then(|file| file.sync_all()).map_err(BackupError::io(&self.path))
    }

    fn end(self, target: &Path) -> Result<(), BackupError> {
        // An empty directory that can't be deleted is no error: the file is at its target.
        drop(self.directory);
        sync_names_beside(target)
    }
}

/// Syncs to disk which files there are beside this one.
fn sync_names_beside(path: &Path) -> Result<(), BackupError> {
    let folder = folder(path);
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(BackupError::io(folder))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
