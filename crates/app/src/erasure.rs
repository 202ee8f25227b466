//! The erasure of an account, by its owner, an administrator or an operator.

use crate::Error;
use fasttrack_domain::{
    audit::{AuditEntry, AuditObject},
    erasure::{Erasure, NewErasure},
    ports::{
        RepositoryError, constraint,
        erasure::{Begun, ErasureRepository},
        revocation::Blocklist,
    },
    revocation::RevokingAct,
};

/// Portions that a request does itself: enough for most accounts, so that everything is gone when it is answered.
pub(crate) const PORTIONS_OF_REQUEST: usize = 20;

/// Commits the beginning of an erasure, and blocks the account's tokens. `Ok(None)` where it was decided on outdated data.
///
/// [`Error::SharedProjects`], [`Error::LastActiveAdmin`].
pub(crate) async fn begin(
    erasures: &dyn ErasureRepository,
    blocklist: &dyn Blocklist,
    mut new: NewErasure,
    line: AuditEntry,
) -> Result<Option<Erasure>, Error> {
    let erasure = new.erasure.clone();
    new.audit = Some(line.with_object(AuditObject::User(erasure.user_id)));
    match erasures.begin(new).await {
        Ok(Begun::Erased(user)) => {
            blocklist.block(&RevokingAct::Erased(user).revocation(erasure.at));
            tracing::info!(user_id = erasure.user_id.get(), "an account was erased");
            Ok(Some(erasure))
        }
        Ok(Begun::Shared(projects)) => Err(projects.into()),
        Ok(Begun::Outdated) => Ok(None),
        // The user who was to get the projects has been deactivated or erased meanwhile.
        Err(error) if error.is_conflict(constraint::REFERENCE) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Does the next portions, and returns whether nothing is left.
pub(crate) async fn do_portions(
    erasures: &dyn ErasureRepository,
    erasure: &Erasure,
    portions: usize,
) -> Result<bool, RepositoryError> {
    for _ in 0..portions {
        if erasures.step(erasure).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Does the portions of a request. What it leaves is the job's, and so are failures: the account is erased already.
pub(crate) async fn do_first_portions(erasures: &dyn ErasureRepository, erasure: &Erasure) {
    if let Err(error) = do_portions(erasures, erasure, PORTIONS_OF_REQUEST).await {
        tracing::warn!(user_id = erasure.user_id.get(), %error, "an erasure is interrupted; its job continues it");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{OWNER, now, origin, run, unavailable, user};
    use fasttrack_domain::{
        audit::AuditAction,
        ports::{erasure::MockErasureRepository, revocation::MockBlocklist},
    };

    fn erasure() -> Erasure {
        user(OWNER).erase(None, now()).erasure
    }

    #[test]
    fn portions_are_done_until_nothing_is_left() {
        for (portions, steps, done) in [(5, 3, true), (2, 2, false)] {
            let mut erasures = MockErasureRepository::new();
            let mut left = 3;
            erasures.expect_step().times(steps).withf(|given| *given == erasure()).returning(move |_| {
                left -= 1;
                Ok(left == 0)
            });
            assert_eq!(run(do_portions(&erasures, &erasure(), portions)).unwrap(), done);
        }
    }

    #[test]
    fn request_succeeds_though_a_portion_fails() {
        let mut erasures = MockErasureRepository::new();
        erasures.expect_step().times(1).returning(|_| Err(unavailable()));
        run(do_first_portions(&erasures, &erasure()));
    }

    #[test]
    fn what_changed_meanwhile_is_looked_at_again() {
        for begun in [Ok(Begun::Outdated), Err(RepositoryError::Conflict { constraint: constraint::REFERENCE })] {
            let mut erasures = MockErasureRepository::new();
            erasures.expect_begin().times(1).return_once(|_| begun);
            let line = AuditEntry::new(now(), Some(OWNER.id), AuditAction::UserErased, origin());
            let new = user(OWNER).erase(None, now());
            assert_eq!(run(begin(&erasures, &MockBlocklist::new(), new, line)).unwrap(), None);
        }
    }
}
