//! Backups of the database file that the settings name.

use super::database;
use crate::program::{settings::Settings, start::StartError};
pub use fasttrack_infra_diesel::sqlite::backup::{Contents, Progress as BackupProgress, Restored};
use fasttrack_infra_diesel::{
    DatabaseUrl,
    sqlite::{
        SqliteLocation,
        backup::{self, BackupError, ProgressHandler},
    },
};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
};
use tokio::signal::unix::{SignalKind, signal};

type Report = Box<dyn FnMut(BackupProgress) + Send>;

/// Backs the database up to the new file `out`, and returns its contents.
pub async fn backup(settings: &Settings, out: &Path, report: Report) -> Result<Contents, StartError> {
    let (from, out) = (file(settings, "pg_dump")?, out.to_owned());
    let outcome = interruptible(report, move |handler| backup::backup(&from, &out, handler)).await?;
    outcome.map_err(|error| StartError::failed("there is no backup", &error))
}

/// Replaces the database by the backup `from`, and returns the path of the database.
pub async fn restore(settings: &Settings, from: &Path, report: Report) -> Result<(PathBuf, Restored), StartError> {
    let (to, from) = (file(settings, "pg_restore")?, from.to_owned());
    if settings.database.url.is_none() {
        crate::program::start::ensure_data_dir(&settings.server.data_dir)?;
    }
    let outcome = interruptible(report, {
        let to = to.clone();
        move |handler| backup::restore(&from, &to, handler)
    });
    let restored = outcome.await?.map_err(|error| StartError::failed("nothing was restored", &error))?;
    Ok((to, restored))
}

/// The database file; on PostgreSQL an error that names `tool`.
fn file(settings: &Settings, tool: &str) -> Result<PathBuf, StartError> {
    match database::url(settings) {
        DatabaseUrl::Sqlite(SqliteLocation::File(path)) => Ok(path),
        DatabaseUrl::Sqlite(SqliteLocation::Memory) => {
            Err(StartError::Failed("DATABASE_URL: what is in memory can't be backed up or restored".to_owned()))
        }
        DatabaseUrl::Postgres(_) => Err(StartError::Failed(format!(
            "DATABASE_URL: is a PostgreSQL; use {tool} as docs/operations/backup-and-restore.md says"
        ))),
    }
}

/// Runs `work` on a blocking thread. On SIGINT and SIGTERM it cleans up and ends.
async fn interruptible<T: Send + 'static>(
    report: Report,
    work: impl FnOnce(ProgressHandler) -> Result<T, BackupError> + Send + 'static,
) -> Result<Result<T, BackupError>, StartError> {
    let failed = |error| StartError::failed("signals", &error);
    let mut interrupted = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminated = signal(SignalKind::terminate()).map_err(failed)?;
    let handler = ProgressHandler { report, stop: Arc::default() };
    let stop = Arc::clone(&handler.stop);
    let mut running = tokio::task::spawn_blocking(move || work(handler));
    let outcome = tokio::select! {
        outcome = &mut running => outcome,
        () = async { tokio::select! { _ = interrupted.recv() => {} _ = terminated.recv() => {} } } => {
            stop.store(true, Ordering::Relaxed);
            running.await
        }
    };
    outcome.map_err(|error| StartError::failed("the work was given up", &error))
}
