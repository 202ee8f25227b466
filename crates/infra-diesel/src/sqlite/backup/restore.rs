//! Going back to a backup.

use super::{
    BackupError, Contents, Progress, Watch,
    check::{Schema, check},
    draft::Draft,
    open, require_file,
};
use crate::sqlite::files::{BESIDE, beside, tighten};
use rusqlite::Connection;
use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Read},
    os::unix::fs::{MetadataExt, chown},
    path::{Path, PathBuf},
    time::Duration,
};

/// Bytes that are copied between two reports.
const CHUNK: u64 = 4 * 1024 * 1024;

/// A database that is a backup again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// What is in it.
    pub contents: Contents,
    /// Where the one is kept that was there before.
    pub former: Option<PathBuf>,
}

// @spec SPEC-008
/// Puts a copy of the backup `from` in the place of the database file `to`, where the backup is whole and of exactly
/// the schema that our migrations make. What is at `to` is kept beside it, under a name that ends in `.before-restore`.
///
/// `to` is the former database until it's the restored one: no process ever finds none, or a part. Refused while
/// anybody has `to` open; a server that starts meanwhile waits, and serves the restored one. Blocks the calling thread.
pub fn restore(from: &Path, to: &Path, mut watch: Watch) -> Result<Restored, BackupError> {
    require_file(from)?;
    if BESIDE[..2].iter().any(|log| is_filled(&beside(from, log))) {
        return Err(BackupError::Unfinished(from.to_owned()));
    }
    // What is moved is the file, not a link to it.
    let to = to.canonicalize().unwrap_or_else(|_| to.to_owned());
    if from.canonicalize().is_ok_and(|from| from == to) {
        return Err(BackupError::Itself(to));
    }
    let draft = Draft::beside(&to)?;
    let former = Former::take(&to)?;
    copy(from, draft.path(), &mut watch)?;
    let contents = check(draft.path(), Schema::Ours, &mut watch).map_err(|error| about(error, from))?;
    if let Some(former) = &former {
        former.lend_owner(draft.path())?;
    }
    tighten(&to);
    let kept = set_aside(&to)?;
    draft.replace(&to)?;
    // A server that waits is let go only now that there is something for it.
    drop(former);
    Ok(Restored { contents, former: kept })
}

/// What is to be replaced.
struct Former {
    /// Keeps all others out while it's there.
    #[expect(dead_code, reason = "holds the lock")]
    lock: Option<Connection>,
    metadata: Metadata,
}

impl Former {
    /// `None`: there is nothing. What is no database any more can't be locked, and no server can open it.
    fn take(path: &Path) -> Result<Option<Self>, BackupError> {
        match require_file(path) {
            Err(BackupError::Missing(_)) => return Ok(None),
            there => there?,
        }
        let failed = BackupError::io(path);
        let metadata = path.metadata().map_err(&failed)?;
        let mut header = Vec::new();
        File::open(path).and_then(|file| file.take(16).read_to_end(&mut header)).map_err(&failed)?;
        // SQLite would delete the log of anything else, and with it what could perhaps be saved.
        let lockable = header.is_empty() || header == *b"SQLite format 3\0";
        match lockable.then(|| lock(path)).transpose() {
            Ok(lock) => Ok(Some(Self { lock, metadata })),
            Err(BackupError::NotADatabase(_) | BackupError::Damaged { .. }) => Ok(Some(Self { lock: None, metadata })),
            Err(error) => Err(error),
        }
    }

    /// A server that owned the former database owns the restored one.
    fn lend_owner(&self, path: &Path) -> Result<(), BackupError> {
        let failed = BackupError::io(path);
        let draft = path.metadata().map_err(&failed)?;
        let (owner, group) = (self.metadata.uid(), self.metadata.gid());
        if (draft.uid(), draft.gid()) != (owner, group) {
            chown(path, Some(owner), Some(group)).map_err(&failed)?;
        }
        Ok(())
    }
}

/// Writes the log into the file and keeps all others from opening it. Only who is alone with a database may end its
/// log, so that fails where anybody else has it open.
fn lock(path: &Path) -> Result<Connection, BackupError> {
    let failed = BackupError::sqlite(path);
    let connection = open(path, Duration::ZERO)?;
    connection.execute_batch("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE").map_err(&failed)?;
    // Who has come in between has begun a new log.
    let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).map_err(&failed)?;
    if mode == "delete" { Ok(connection) } else { Err(BackupError::InUse(path.to_owned())) }
}

fn copy(from: &Path, to: &Path, watch: &mut Watch) -> Result<(), BackupError> {
    let mut source = File::open(from).map_err(BackupError::io(from))?;
    let total = source.metadata().map_err(BackupError::io(from))?.len();
    let mut target = OpenOptions::new().write(true).open(to).map_err(BackupError::io(to))?;
    let mut done = 0;
    loop {
        match io::copy(&mut (&mut source).take(CHUNK), &mut target).map_err(BackupError::io(to))? {
            0 => return Ok(()),
            copied => done += copied,
        }
        watch.tell(Progress::Copying { done, total })?;
    }
}

/// Keeps what is at `path`, and its logs if it has any, under another name as well; tells which.
fn set_aside(path: &Path) -> Result<Option<PathBuf>, BackupError> {
    let names = (1_u32..).map(|n| if n == 1 { ".before-restore".to_owned() } else { format!(".before-restore-{n}") });
    for name in names {
        let aside = beside(path, &name);
        if aside.symlink_metadata().is_ok() || BESIDE.iter().any(|log| beside(&aside, log).exists()) {
            continue;
        }
        for log in BESIDE {
            move_if_there(&beside(path, log), &beside(&aside, log))?;
        }
        // A second name leaves no moment without a first. Some file systems have none.
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

/// What is wrong with a copy is wrong with what was copied.
fn about(error: BackupError, original: &Path) -> BackupError {
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
