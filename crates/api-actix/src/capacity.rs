//! How many connections fit.

use crate::{
    http::connection::Bounds,
    settings::{InvalidSetting, Settings},
};
use rustix::process::{Resource, getrlimit, setrlimit};

/// Connections where nobody chose, at about 14 KiB each.
const DEFAULT: usize = 20_000;

/// Open files for everything else: databases, listeners, logs, mail.
const RESERVE: usize = 256;

/// Connections that are taken in only to be refused. Those on top wait before the door.
const LOBBY: usize = 512;

/// Each connection is known by two.
const FILES_PER_CONNECTION: usize = 2;

/// What the settings allow, within what the system does.
pub fn bounds(settings: &Settings) -> Result<Bounds, InvalidSetting> {
    let limits = &settings.limits;
    let files = open_files();
    let room = files.saturating_sub(RESERVE + LOBBY + settings.database_pool_size) / FILES_PER_CONNECTION;
    let total = match limits.max_connections {
        Some(chosen) if chosen > room => {
            return Err(InvalidSetting {
                name: "MAX_CONNECTIONS",
                fault: format!("of {chosen}, {room} fit in the {files} files that may be open here (ulimit -n)"),
                example: "1000",
            });
        }
        Some(chosen) => chosen,
        None if room < DEFAULT => {
            tracing::info!(connections = room, files, "fewer connections are taken than would be by default");
            room.max(1)
        }
        None => DEFAULT,
    };
    Ok(Bounds {
        total,
        // So that nobody alone keeps out all others.
        per_address: limits.max_connections_per_address.unwrap_or_else(|| (total - total / 4).max(1)),
        proxies: limits.trusted_proxies.clone(),
        pause: limits.pause(),
    })
}

/// Connections of one worker, refused ones included, before its listener is left alone.
pub fn per_worker(bounds: &Bounds, workers: usize) -> usize {
    (bounds.total + LOBBY).div_ceil(workers)
}

/// How many files may be open. Programs begin with fewer than they may have, for the sake of those that use `select`.
fn open_files() -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let raised = rustix::process::Rlimit { current: limit.maximum, ..limit };
        match setrlimit(Resource::Nofile, raised) {
            Ok(()) => limit.current = limit.maximum,
            Err(error) => tracing::debug!(%error, "the number of open files can't be raised"),
        }
    }
    limit.current.and_then(|files| usize::try_from(files).ok()).unwrap_or(usize::MAX)
}
