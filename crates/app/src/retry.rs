//! Optimistic concurrency: a decision on an outdated version is repeated.

use crate::Error;
use fasttrack_domain::{
    ports::{RepositoryError, constraint},
    quota::{QuotaExceeded, QuotaKind},
};

/// Maximum number of attempts. Each failed one means another commit, so that this many are overload.
const ROUNDS: usize = 100;

// @spec SPEC-010
// @decision DEC-0002
/// Repeats `attempt` until it commits; `Ok(None)` means that it decided on outdated data.
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

/// Returns `Ok(None)` where another commit came first: it deleted what the row refers to, used the same idempotency key,
/// created the Inbox, moved a task to the same place or put other tasks above or under it.
pub(crate) fn unless_overtaken<T>(created: Result<T, RepositoryError>) -> Result<Option<T>, Error> {
    match created {
        Ok(row) => Ok(Some(row)),
        Err(RepositoryError::Conflict {
            constraint:
                constraint::REFERENCE
                | constraint::IDEMPOTENCY_KEY
                | constraint::INBOX
                | constraint::PARENT
                | constraint::POSITION,
        }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// As [`unless_overtaken`], and fails with [`Error::QuotaExceeded`] where there are `limit` rows already.
pub(crate) fn within_quota<T>(
    created: Result<T, RepositoryError>,
    kind: QuotaKind,
    limit: u32,
) -> Result<Option<T>, Error> {
    match created {
        Err(error) if error.is_conflict(constraint::QUOTA) => Err(QuotaExceeded { kind, limit }.into()),
        created => unless_overtaken(created),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{conflict, run, unavailable};
    use std::future::ready;

    #[test]
    fn an_attempt_is_repeated_until_it_is_done() {
        let mut rounds = 0..;
        let done = run(until_committed(|| ready(Ok(rounds.next().filter(|round| *round == 42)))));
        assert_eq!(done.unwrap(), 42);
    }

    #[test]
    fn endless_contention_is_overload() {
        let mut rounds = 0;
        let result = run(until_committed(|| {
            rounds += 1;
            ready(Ok(None::<()>))
        }));
        assert!(matches!(result, Err(Error::Unavailable { .. })));
        assert_eq!(rounds, ROUNDS);
    }

    #[test]
    fn an_attempt_that_failed_is_not_repeated() {
        let mut rounds = 0;
        let result = run(until_committed(|| {
            rounds += 1;
            ready(Err::<Option<()>, _>(unavailable().into()))
        }));
        assert!(matches!(result, Err(Error::Unavailable { .. })));
        assert_eq!(rounds, 1);
    }

    #[test]
    fn only_what_others_did_meanwhile_means_looking_again() {
        assert_eq!(unless_overtaken(Ok(1)).unwrap(), Some(1));
        for constraint in [
            constraint::REFERENCE,
            constraint::IDEMPOTENCY_KEY,
            constraint::INBOX,
            constraint::PARENT,
            constraint::POSITION,
        ] {
            assert_eq!(unless_overtaken::<()>(Err(conflict(constraint))).unwrap(), None);
        }
        assert!(matches!(unless_overtaken::<()>(Err(conflict("another"))), Err(Error::Internal(_))));
        assert!(matches!(unless_overtaken::<()>(Err(unavailable())), Err(Error::Unavailable { .. })));
    }

    #[test]
    fn a_full_place_is_told_with_its_limit() {
        let full = within_quota::<()>(Err(conflict(constraint::QUOTA)), QuotaKind::Tasks, 7);
        let expected = QuotaExceeded { kind: QuotaKind::Tasks, limit: 7 };
        assert!(matches!(full, Err(Error::QuotaExceeded(error)) if error == expected));
        assert_eq!(within_quota(Ok(1), QuotaKind::Tasks, 7).unwrap(), Some(1));
        assert_eq!(within_quota::<()>(Err(conflict(constraint::REFERENCE)), QuotaKind::Tasks, 7).unwrap(), None);
    }
}
