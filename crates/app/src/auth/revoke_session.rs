//! A user ends one of their sessions, from wherever they are.

use crate::Error;
use fasttrack_domain::{
    id::{SessionId, UserId},
    ports::{clock::Clock, revocation::Blocklist, session::SessionRepository},
};
use std::sync::Arc;

/// Which session.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// Who asks.
    pub user_id: UserId,
    /// Of the session.
    pub id: SessionId,
}

// @spec SPEC-013
/// Ends a session and makes its tokens worthless.
pub struct RevokeSession {
    sessions: Arc<dyn SessionRepository>,
    blocklist: Arc<dyn Blocklist>,
    clock: Arc<dyn Clock>,
}

impl RevokeSession {
    /// Over these ports.
    pub fn new(sessions: Arc<dyn SessionRepository>, blocklist: Arc<dyn Blocklist>, clock: Arc<dyn Clock>) -> Self {
        Self { sessions, blocklist, clock }
    }

    /// [`Error::NotFound`] where the user has no such live session.
    #[tracing::instrument(name = "auth.revoke_session", skip_all)]
    pub async fn execute(&self, command: Command) -> Result<(), Error> {
        let Command { user_id, id } = command;
        let revocations = self.sessions.end(vec![id], user_id, self.clock.now()).await?;
        for revocation in &revocations {
            self.blocklist.block(revocation);
        }
        if revocations.is_empty() { Err(Error::NotFound("session")) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{OWNER, clock, now, run, unavailable};
    use fasttrack_domain::{
        ports::{RepositoryError, revocation::MockBlocklist, session::MockSessionRepository},
        token::Revocation,
    };
    use mockall::Sequence;

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
        let revoke = RevokeSession::new(Arc::new(sessions), Arc::new(blocklist), clock());
        run(revoke.execute(Command { user_id: OWNER.id, id: ID }))
    }

    #[test]
    fn its_tokens_are_blocked_once_its_end_is_committed() {
        assert!(revoke(Ok(true)).is_ok());
    }

    #[test]
    fn what_is_no_live_session_of_the_user_is_not_found_and_blocks_nothing() {
        assert!(matches!(revoke(Ok(false)), Err(Error::NotFound("session"))));
        assert!(matches!(revoke(Err(unavailable())), Err(Error::Unavailable { .. })));
    }
}
