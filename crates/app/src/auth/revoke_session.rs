use super::Auth;
use super::logout::line;
use crate::Error;
use fasttrack_domain::{
    audit::Origin,
    id::{SessionId, UserId},
};

#[derive(Clone, Debug)]
pub struct RevokeSession {
    pub user_id: UserId,
    pub id: SessionId,
    pub origin: Origin,
}

impl Auth {
    // @spec SPEC-013
    /// Ends one of the user's own sessions. [`Error::NotFound`] where the user has no such live session.
    #[tracing::instrument(name = "auth.revoke_session", skip_all)]
    pub async fn revoke_session(&self, command: RevokeSession) -> Result<(), Error> {
        let (RevokeSession { user_id, id, origin }, now) = (command, self.clock.now());
        let revocations = self.sessions.end(vec![id], user_id, now).await?;
        for revocation in &revocations {
            self.blocklist.block(revocation);
        }
        if revocations.is_empty() {
            return Err(Error::NotFound("session"));
        }
        self.audit.record(line(user_id, now, origin));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{OWNER, audit_log, now, origin, run, unavailable};
    use fasttrack_domain::{
        ports::{RepositoryError, revocation::MockBlocklist, session::MockSessionRepository},
        revocation::Revocation,
    };
    use mockall::Sequence;
    use std::sync::Arc;

    const ID: SessionId = SessionId::new(8);

    fn revoke(ended: Result<bool, RepositoryError>) -> Result<(), Error> {
        let (mut sessions, mut blocklist, mut order) =
            (MockSessionRepository::new(), MockBlocklist::new(), Sequence::new());
        let blocks = matches!(ended, Ok(true));
        sessions
            .expect_end()
            .times(1)
            .in_sequence(&mut order)
            .withf(|ids, user, at| *ids == [ID] && (*user, *at) == (OWNER.id, now()))
            .return_once(|_, _, _| {
                ended.map(|ended| ended.then(|| Revocation::of_session(ID, now())).into_iter().collect())
            });
        if blocks {
            let expected = Revocation::of_session(ID, now());
            blocklist
                .expect_block()
                .times(1)
                .in_sequence(&mut order)
                .withf(move |given| *given == expected)
                .return_const(());
        }
        let revoke =
            Auth { audit: audit_log(), sessions: Arc::new(sessions), blocklist: Arc::new(blocklist), ..Auth::mocked() };
        run(revoke.revoke_session(RevokeSession { user_id: OWNER.id, id: ID, origin: origin() }))
    }

    #[test]
    fn its_tokens_are_blocked_once_its_end_is_committed() {
        assert!(revoke(Ok(true)).is_ok());
    }

    #[test]
    fn unknown_session_is_not_found_and_blocks_nothing() {
        assert!(matches!(revoke(Ok(false)), Err(Error::NotFound("session"))));
        assert!(matches!(revoke(Err(unavailable())), Err(Error::Unavailable { .. })));
    }
}
