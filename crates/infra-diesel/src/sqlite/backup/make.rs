//! Taking a backup.

use super::{
    BackupError, Contents, Progress, Watch,
    check::{Schema, applied, check},
    draft::Draft,
    open, require_file,
};
use rusqlite::backup::{Backup, StepResult};
use std::{path::Path, time::Duration};

/// Pages that are copied between two reports: 4 MiB.
const PAGES: i32 = 1024;

/// How long another process may keep the database from being read: only a server that starts or ends does, shortly.
const PATIENCE: Duration = Duration::from_secs(5);

// @spec SPEC-008
/// Copies the database file `from`, as it is now, to the new file `out`, mode 0600, checks it, and says what's in it.
/// `out` is there, whole and durable, where the answer is `Ok`, and isn't there where it's not.
///
/// Others may read and write meanwhile, and wait for nothing. What they write is kept in the log beside the database
/// until the copy is through. Blocks the calling thread.
pub fn backup(from: &Path, out: &Path, mut watch: Watch) -> Result<Contents, BackupError> {
    require_file(from)?;
    if out.symlink_metadata().is_ok() {
        return Err(BackupError::Exists(out.to_owned()));
    }
    let draft = Draft::beside(out)?;
    copy(from, draft.path(), &mut watch)?;
    let contents = check(draft.path(), Schema::Any, &mut watch)?;
    draft.publish(out)?;
    Ok(contents)
}

/// Copies page by page what one transaction reads. Without it, each commit of another process would make SQLite begin
/// anew.
fn copy(from: &Path, to: &Path, watch: &mut Watch) -> Result<(), BackupError> {
    let (unreadable, unwritable) = (BackupError::sqlite(from), BackupError::sqlite(to));
    let source = open(from, PATIENCE)?;
    source.execute_batch("PRAGMA query_only = ON; BEGIN").map_err(&unreadable)?;
    applied(&source, from)?;
    let page: u32 = source.query_row("PRAGMA page_size", [], |row| row.get(0)).map_err(&unreadable)?;

    let mut target = open(to, Duration::ZERO)?;
    // Nobody reads it before it's whole, and it's made durable then.
    target.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF").map_err(&unwritable)?;
    let pages = Backup::new(&source, &mut target).map_err(&unwritable)?;
    loop {
        let step = pages.step(PAGES).map_err(&unwritable)?;
        let progress = pages.progress();
        let bytes = |pages: i32| u64::from(pages.unsigned_abs()) * u64::from(page);
        let (total, left) = (bytes(progress.pagecount), bytes(progress.remaining));
        watch.tell(Progress::Copying { done: total - left, total })?;
        match step {
            StepResult::Done => return Ok(()),
            StepResult::More => {}
            _ => return Err(BackupError::InUse(from.to_owned())),
        }
    }
}
