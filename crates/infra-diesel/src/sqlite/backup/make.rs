//! Makes a backup.

use super::{
    BackupError, Contents, Progress, ProgressHandler,
    check::{Schema, applied, check},
    open,
    pending_file::PendingFile,
    require_file,
};
use rusqlite::backup::{Backup, StepResult};
use std::{path::Path, time::Duration};

/// How many pages are copied between two reports: 4 MiB.
const PAGES: i32 = 1024;

/// How long to wait for the lock of a server that starts or stops.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

// @spec SPEC-008
/// Copies the database file `from`, as it is now, to the new file `out` with mode 0600, checks the copy, and returns its
/// contents. `out` exists, complete and durable, only where the result is `Ok`.
///
/// Other processes may read and write meanwhile without waiting. What they write stays in the write-ahead log until the copy
/// is complete. Blocks the calling thread.
pub fn backup(from: &Path, out: &Path, mut handler: ProgressHandler) -> Result<Contents, BackupError> {
    require_file(from)?;
    if out.symlink_metadata().is_ok() {
        return Err(BackupError::Exists(out.to_owned()));
    }
    let pending = PendingFile::beside(out)?;
    copy(from, pending.path(), &mut handler)?;
    let contents = check(pending.path(), Schema::Any, &mut handler)?;
    pending.publish(out)?;
    Ok(contents)
}

/// Copies the pages within one read transaction. Without it, SQLite would start again at each commit of another process.
fn copy(from: &Path, to: &Path, handler: &mut ProgressHandler) -> Result<(), BackupError> {
    let (unreadable, unwritable) = (BackupError::sqlite(from), BackupError::sqlite(to));
    let source = open(from, BUSY_TIMEOUT)?;
    source.execute_batch("PRAGMA query_only = ON; BEGIN").map_err(&unreadable)?;
    applied(&source, from)?;
    let page: u32 = source.query_row("PRAGMA page_size", [], |row| row.get(0)).map_err(&unreadable)?;

    let mut target = open(to, Duration::ZERO)?;
    // The copy is synced when it is complete.
    target.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF").map_err(&unwritable)?;
    let pages = Backup::new(&source, &mut target).map_err(&unwritable)?;
    loop {
        let step = pages.step(PAGES).map_err(&unwritable)?;
        let progress = pages.progress();
        let bytes = |pages: i32| u64::from(pages.unsigned_abs()) * u64::from(page);
        let (total, left) = (bytes(progress.pagecount), bytes(progress.remaining));
        handler.report_progress(Progress::Copying { done: total - left, total })?;
        match step {
            StepResult::Done => return Ok(()),
            StepResult::More => {}
            _ => return Err(BackupError::InUse(from.to_owned())),
        }
    }
}
