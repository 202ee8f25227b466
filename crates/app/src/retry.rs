//! Optimistic concurrency: whoever decided on an outdated version looks again.

use crate::Error;
use fasttrack_domain::ports::{RepositoryError, constraint};

/// Each lost round is somebody else's commit, so that losing this many is overload, not bad luck.
const ROUNDS: usize = 100;

/// Repeats `attempt` until it is done with something; `Ok(None)` means that it decided on what no longer stands.
pub(crate) async fn until_committed<T, F>(mut attempt: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<Option<T>, Error>>,
{
    for _ in 0..ROUNDS {
        if let Some(done) = attempt().await? {
            return Ok(done);
        }
    }
    Err(Error::contended())
}

/// `Ok(None)` where something that the new row refers to has gone since it was looked at.
pub(crate) fn unless_reference_gone<T>(created: Result<T, RepositoryError>) -> Result<Option<T>, Error> {
    match created {
        Ok(row) => Ok(Some(row)),
        Err(error) if error.is_conflict(constraint::REFERENCE) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
