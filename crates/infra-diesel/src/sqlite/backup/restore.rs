//! Restores a backup.

use super::{
    BackupError, Contents, Progress, ProgressHandler,
    check::{Schema, check},
    open,
    pending_file::PendingFile,
    require_file,
};
use crate::sqlite::files::{SIDE_FILES, restrict_permissions, with_suffix};
use rusqlite::Connection;
use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Read},
    os::unix::fs::{MetadataExt, chown},
    path::{Path, PathBuf},
    time::Duration,
};

/// How many bytes are copied between two reports.
const CHUNK: u64 = 4 * 1024 * 1024;

/// A restored database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Its contents.
    pub contents: Contents,
    /// Where the replaced database is kept, if there was one.
    pub former: Option<PathBuf>,
}

// @spec SPEC-008
/// Replaces the database file `to` by a copy of the backup `from`, if the backup is undamaged and has exactly a schema that
/// our migrations make. The replaced database is kept beside it, under a name that ends in `.before-restore`.
///
/// The replacement is atomic: at any time there is either database at `to`. Fails while another process has `to` open; a
/// server that starts meanwhile waits, and serves the restored database. Blocks the calling thread.
pub fn restore(from: &Path, to: &Path, mut handler: ProgressHandler) -> Result<Restored, BackupError> {
    require_file(from)?;
    if SIDE_FILES[..2].iter().any(|log| is_filled(&with_suffix(from, log))) {
        return Err(BackupError::Unfinished(from.to_owned()));
    }
    // The file itself is replaced, not a link to it.
    let to = to.canonicalize().unwrap_or_else(|_| to.to_owned());
    if from.canonicalize().is_ok_and(|from| from == to) {
        return Err(BackupError::Itself(to));
    }
    let pending = PendingFile::beside(&to)?;
    let former = Replaced::lock(&to)?;
    copy(from, pending.path(), &mut handler)?;
    let contents = check(pending.path(), Schema::Ours, &mut handler).map_err(|error| with_path(error, from))?;
    if let Some(former) = &former {
        former.copy_owner_to(pending.path())?;
    }
    restrict_permissions(&to);
    let kept = set_aside(&to)?;
    pending.replace(&to)?;
    // Releases the lock: a server that waits for it finds the restored database.
    drop(former);
    Ok(Restored { contents, former: kept })
}

/// The database that is replaced.
struct Replaced {
    /// Keeps other processes from opening the database.
    #[expect(dead_code, reason = "holds the lock")]
    lock: Option<Connection>,
    metadata: Metadata,
}

impl Replaced {
    /// Locks the database; `None` where there is no file. A damaged database isn't locked: no server can open it.
    fn lock(path: &Path) -> Result<Option<Self>, BackupError> {
        match require_file(path) {
            Err(BackupError::Missing(_)) => return Ok(None),
            there => there?,
        }
        let failed = BackupError::io(path);
        let metadata = path.metadata().map_err(&failed)?;
        let mut header = Vec::new();
        File::open(path).and_then(|file| file.take(16).read_to_end(&mut header)).map_err(&failed)?;
        // SQLite would delete the write-ahead log of another file, from which data might be recovered.
        let lockable = header.is_empty() || header == *b"SQLite format 3\0";
        match lockable.then(|| lock(path)).transpose() {
            Ok(lock) => Ok(Some(Self { lock, metadata })),
            Err(BackupError::NotADatabase(_) | BackupError::Damaged { .. }) => Ok(Some(Self { lock: None, metadata })),
            Err(error) => Err(error),
        }
    }

    /// Gives the file at `path` the owner and group of this database.
    fn copy_owner_to(&self, path: &Path) -> Result<(), BackupError> {
        let failed = BackupError::io(path);
        let pending = path.metadata().map_err(&failed)?;
        let (owner, group) = (self.metadata.uid(), self.metadata.gid());
        if (pending.uid(), pending.gid()) != (owner, group) {
            chown(path, Some(owner), Some(group)).map_err(&failed)?;
        }
        Ok(())
    }
}

/// Merges the write-ahead log into the file and keeps other processes from opening it. Fails where another process has the
/// database open, as the journal's mode can't be changed then.
fn lock(path: &Path) -> Result<Connection, BackupError> {
    let failed = BackupError::sqlite(path);
    let connection = open(path, Duration::ZERO)?;
    connection.execute_batch("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE").map_err(&failed)?;
    // Another process may have opened it in between, and set the mode again.
    let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).map_err(&failed)?;
    if mode == "delete" { Ok(connection) } else { Err(BackupError::InUse(path.to_owned())) }
}

fn copy(from: &Path, to: &Path, handler: &mut ProgressHandler) -> Result<(), BackupError> {
    let mut source = File::open(from).map_err(BackupError::io(from))?;
    let total = source.metadata().map_err(BackupError::io(from))?.len();
    let mut target = OpenOptions::new().write(true).open(to).map_err(BackupError::io(to))?;
    let mut done = 0;
    loop {
        match io::copy(&mut (&mut source).take(CHUNK), &mut target).map_err(BackupError::io(to))? {
            0 => return Ok(()),
            copied => done += copied,
        }
        handler.report_progress(Progress::Copying { done, total })?;
    }
}

/// Gives the file at `path` a second name, and moves its logs there. Returns that name.
fn set_aside(path: &Path) -> Result<Option<PathBuf>, BackupError> {
    let names = (1_u32..).map(|n| if n == 1 { ".before-restore".to_owned() } else { format!(".before-restore-{n}") });
    for name in names {
        let aside = with_suffix(path, &name);
        if aside.symlink_metadata().is_ok() || SIDE_FILES.iter().any(|log| with_suffix(&aside, log).exists()) {
            continue;
        }
        for log in SIDE_FILES {
            move_if_there(&with_suffix(path, log), &with_suffix(&aside, log))?;
        }
        // A hard link, so that there is a file at `path` at any time. Some file systems have none.
        return match fs::hard_link(path, &aside) {
            Ok(()) => Ok(Some(aside)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(_) => move_if_there(path, &aside).map(|()| Some(aside)),
        };
    }
    Err(BackupError::Exists(path.to_owned()))
}

fn move_if_there(from: &Path, to: &Path) -> Result<(), BackupError> {
    match fs::rename(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(BackupError::io(from)(error)),
        _ => Ok(()),
    }
}

fn is_filled(path: &Path) -> bool {
    path.metadata().is_ok_and(|data| data.len() > 0)
}

/// The error of a copy as an error of the original.
fn with_path(error: BackupError, original: &Path) -> BackupError {
    let path = original.to_owned();
    match error {
        BackupError::NotADatabase(_) => BackupError::NotADatabase(path),
        BackupError::Foreign(_) => BackupError::Foreign(path),
        BackupError::Schema { state, .. } => BackupError::Schema { path, state },
        BackupError::Differs { differences, .. } => BackupError::Differs { path, differences },
        BackupError::Damaged { found, .. } => BackupError::Damaged { path, found },
        BackupError::Sqlite { source, .. } => BackupError::Sqlite { path, source },
        other => other,
    }
}
