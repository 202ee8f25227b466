//! Limits the number of connections to what the limit of open files allows.

use crate::background::MAX_ATTEMPTS;
use crate::http::connection::Bounds;
use crate::program::settings::{InvalidSetting, Settings};
use rustix::process::{Resource, getrlimit, setrlimit};

/// Default limit of connections, which take about 14 KiB each.
const DEFAULT: usize = 20_000;

/// Number of open files that are reserved for everything else: databases, listeners, logs, mail.
const RESERVE: usize = 256;

/// Connections beyond the limit that are accepted to be refused with 503. Further ones wait in the backlog.
const REFUSABLE: usize = 512;

/// File descriptors of each connection: the socket, and a duplicate that can end it.
const FILES_PER_CONNECTION: usize = 2;

/// Returns the bounds of the settings, within what the system allows.
pub fn bounds(settings: &Settings) -> Result<Bounds, InvalidSetting> {
    let limits = &settings.limits;
    let total = fit(limits.max_connections, open_files(), settings.database.pool_size)?;
    if total < limits.max_connections.unwrap_or(DEFAULT) {
        tracing::info!(
            connections = total,
            "fewer connections are accepted than by default: the limit of open files (ulimit -n) is lower"
        );
    }
    Ok(Bounds {
        total,
        // One address alone must not keep out all others.
        per_address: limits.max_connections_per_address.unwrap_or_else(|| (total - total / 4).max(1)),
        proxies: limits.trusted_proxies.clone(),
        pause: limits.pause(),
        idle: limits.idle(),
    })
}

/// The chosen number of connections, or the default, as far as they fit beside a pool into so many open files.
fn fit(chosen: Option<usize>, files: usize, pool: usize) -> Result<usize, InvalidSetting> {
    // Where few files may be open, most of them are for those who connect to the server.
    let webhooks = MAX_ATTEMPTS.min(files / 8);
    let room = files.saturating_sub(RESERVE + REFUSABLE + pool + webhooks) / FILES_PER_CONNECTION;
    match chosen {
        Some(chosen) if chosen > room => Err(InvalidSetting::new(
            "MAX_CONNECTIONS",
            format!("of {chosen}, {room} fit in the {files} files that may be open here (ulimit -n)"),
        )),
        Some(chosen) => Ok(chosen),
        None => Ok(room.clamp(1, DEFAULT)),
    }
}

/// Returns the number of connections at which a worker stops accepting, refused ones included.
pub fn per_worker(bounds: &Bounds, workers: usize) -> usize {
    (bounds.total + REFUSABLE).div_ceil(workers)
}

/// Returns how many files may be open, after raising the soft limit to the hard one.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_limited_by_open_files() {
        let fit = |chosen, files| fit(chosen, files, 16).map_err(|fault| fault.to_string());
        assert_eq!(fit(None, 1_000_000), Ok(DEFAULT));
        assert_eq!(fit(None, 20_000), Ok(9_224));
        assert_eq!(fit(None, 4_096), Ok(1_400));
        assert_eq!(fit(None, 64), Ok(1));
        assert_eq!(fit(Some(9_224), 20_000), Ok(9_224));
        assert_eq!(
            fit(Some(9_225), 20_000),
            Err(
                "MAX_CONNECTIONS: of 9225, 9224 fit in the 20000 files that may be open here (ulimit -n); for example \
                 MAX_CONNECTIONS=1000"
                    .to_owned()
            )
        );
    }
}
