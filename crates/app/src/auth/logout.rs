//! Somebody ends the session they are in.

use crate::Error;
use fasttrack_domain::{
    Timestamp,
    id::{SessionId, UserId},
    policy::Forbidden,
    ports::{
        clock::Clock,
        revocation::{Blocklist, RevocationRepository},
        session::SessionRepository,
        token::{TokenIssuer, TokenVerifier},
    },
    token::{AccessClaims, Revocation, Revoked, SecretToken},
};
use std::sync::Arc;

/// The session that is to end.
#[derive(Clone, Debug)]
pub struct Command {
    /// Of the access token that came with the request.
    pub claims: AccessClaims,
    /// Ends its session too, if it is another one.
    pub refresh_token: Option<SecretToken>,
}

// @spec SPEC-001
/// Ends a session and makes its tokens worthless.
pub struct Logout {
    sessions: Arc<dyn SessionRepository>,
    revocations: Arc<dyn RevocationRepository>,
    verifier: Arc<dyn TokenVerifier>,
    issuer: Arc<dyn TokenIssuer>,
    blocklist: Arc<dyn Blocklist>,
    clock: Arc<dyn Clock>,
}

impl Logout {
    /// Over these ports.
    pub fn new(
        sessions: Arc<dyn SessionRepository>,
        revocations: Arc<dyn RevocationRepository>,
        verifier: Arc<dyn TokenVerifier>,
        issuer: Arc<dyn TokenIssuer>,
        blocklist: Arc<dyn Blocklist>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { sessions, revocations, verifier, issuer, blocklist, clock }
    }

    /// Succeeds also where the session is over already. [`Error::Forbidden`] where the refresh token is somebody
    /// else's, and then nothing ends; one that isn't good any more is worthless already and says nothing.
    #[tracing::instrument(name = "auth.logout", skip_all)]
    pub async fn execute(&self, command: Command) -> Result<(), Error> {
        let Command { claims, refresh_token } = command;
        let now = self.clock.now();
        let refresh = refresh_token.and_then(|token| self.verifier.verify_refresh(token.expose(), now).ok());
        if refresh.as_ref().is_some_and(|refresh| refresh.user_id != claims.user_id) {
            return Err(Forbidden("only the user of a refresh token may end its session").into());
        }

        let own = claims.session_id();
        // The own session last: should the other fail to end, the access token is still good for another try.
        if let Some(other) = refresh.map(|refresh| refresh.session_id).filter(|id| Some(*id) != own) {
            self.end(other, claims.user_id, now, None).await?;
        }
        let token = Revocation { subject: Revoked::Token(claims.token_id), until: claims.expires_at };
        match own {
            Some(session) => self.end(session, claims.user_id, now, Some(token)).await,
            None => self.revoke(token).await,
        }
    }

    /// Of a token of another issuer, whose session goes on there.
    async fn revoke(&self, token: Revocation) -> Result<(), Error> {
        self.revocations.create(token.clone()).await?;
        self.blocklist.block(&token);
        Ok(())
    }

    async fn end(
        &self,
        id: SessionId,
        user_id: UserId,
        now: Timestamp,
        token: Option<Revocation>,
    ) -> Result<(), Error> {
        let session = Revocation { subject: Revoked::Session(id), until: now + self.issuer.access_lifetime() };
        let revocations: Vec<_> = token.into_iter().chain([session]).collect();
        self.sessions.end(id, user_id, now, revocations.clone()).await?;
        for revocation in &revocations {
            self.blocklist.block(revocation);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ACCESS_LIFETIME, OWNER, STRANGER, at, clock, issuer, now, run, unavailable};
    use fasttrack_domain::{
        identity::ExternalSubject,
        ports::{
            revocation::{MockBlocklist, MockRevocationRepository},
            session::MockSessionRepository,
            token::MockTokenVerifier,
        },
        token::{RefreshClaims, TokenError, TokenId, TokenSource},
    };
    use mockall::Sequence;

    const OWN: SessionId = SessionId::new(8);
    const OTHER: SessionId = SessionId::new(9);

    fn session(id: SessionId) -> Revocation {
        Revocation { subject: Revoked::Session(id), until: now() + ACCESS_LIFETIME }
    }

    fn token() -> Revocation {
        Revocation { subject: Revoked::Token(TokenId::new("access".to_owned())), until: at(1500) }
    }

    fn verifier(answer: Result<(UserId, SessionId), TokenError>) -> MockTokenVerifier {
        let mut verifier = MockTokenVerifier::new();
        verifier.expect_verify_refresh().withf(|token, _| token == "token").return_once(move |_, _| {
            let (user_id, session_id) = answer?;
            Ok(RefreshClaims {
                user_id,
                session_id,
                token_id: TokenId::new("refresh".to_owned()),
                expires_at: at(9000),
            })
        });
        verifier
    }

    /// Expects these sessions to end with these revocations, each blocked as soon as its commit stands.
    fn ended(ends: Vec<(SessionId, Vec<Revocation>)>) -> (MockSessionRepository, MockBlocklist) {
        let (mut sessions, mut blocklist, mut order) =
            (MockSessionRepository::new(), MockBlocklist::new(), Sequence::new());
        for (session, revocations) in ends {
            let expected = revocations.clone();
            sessions
                .expect_end()
                .times(1)
                .in_sequence(&mut order)
                .withf(move |id, user, at, given| (*id, *user, *at) == (session, OWNER.id, now()) && *given == expected)
                .return_once(|_, _, _, _| Ok(true));
            for revocation in revocations {
                blocklist
                    .expect_block()
                    .times(1)
                    .in_sequence(&mut order)
                    .withf(move |given| *given == revocation)
                    .return_const(());
            }
        }
        (sessions, blocklist)
    }

    fn log_out(
        verifier: MockTokenVerifier,
        ports: (MockSessionRepository, MockBlocklist),
        refresh_token: Option<&str>,
    ) -> Result<(), Error> {
        log_out_of(TokenSource::Session(OWN), verifier, ports, MockRevocationRepository::new(), refresh_token)
    }

    fn log_out_of(
        source: TokenSource,
        verifier: MockTokenVerifier,
        (sessions, blocklist): (MockSessionRepository, MockBlocklist),
        revocations: MockRevocationRepository,
        refresh_token: Option<&str>,
    ) -> Result<(), Error> {
        let (sessions, revocations) = (Arc::new(sessions), Arc::new(revocations));
        let logout = Logout::new(sessions, revocations, Arc::new(verifier), issuer(), Arc::new(blocklist), clock());
        let claims = AccessClaims {
            user_id: OWNER.id,
            role: OWNER.role,
            source,
            token_id: TokenId::new("access".to_owned()),
            epoch: 5,
            expires_at: at(1500),
        };
        let refresh_token = refresh_token.map(|token| SecretToken::new(token.to_owned()));
        run(logout.execute(Command { claims, refresh_token }))
    }

    /// Whose session is nothing of ours.
    fn external() -> TokenSource {
        TokenSource::External(ExternalSubject::parse("subject".to_owned()).unwrap())
    }

    #[test]
    fn the_session_and_the_token_end_together_and_are_blocked_afterwards() {
        let ports = ended(vec![(OWN, vec![token(), session(OWN)])]);
        assert!(log_out(MockTokenVerifier::new(), ports, None).is_ok());
    }

    #[test]
    fn the_refresh_token_of_the_same_session_adds_nothing() {
        let ports = ended(vec![(OWN, vec![token(), session(OWN)])]);
        assert!(log_out(verifier(Ok((OWNER.id, OWN))), ports, Some("token")).is_ok());
    }

    #[test]
    fn the_refresh_token_of_another_own_session_ends_that_too_and_first() {
        let ports = ended(vec![(OTHER, vec![session(OTHER)]), (OWN, vec![token(), session(OWN)])]);
        assert!(log_out(verifier(Ok((OWNER.id, OTHER))), ports, Some("token")).is_ok());
    }

    #[test]
    fn the_refresh_token_of_somebody_else_is_forbidden_and_ends_nothing() {
        let result = log_out(verifier(Ok((STRANGER.id, OTHER))), ended(vec![]), Some("token"));
        assert!(matches!(result, Err(Error::Forbidden(_))));
    }

    #[test]
    fn a_worthless_refresh_token_is_ignored() {
        for error in [TokenError::Invalid, TokenError::Expired] {
            let ports = ended(vec![(OWN, vec![token(), session(OWN)])]);
            assert!(log_out(verifier(Err(error)), ports, Some("token")).is_ok(), "{error}");
        }
    }

    #[test]
    fn nothing_is_blocked_that_was_not_committed() {
        let mut sessions = MockSessionRepository::new();
        sessions.expect_end().return_once(|_, _, _, _| Err(unavailable()));
        let result = log_out(MockTokenVerifier::new(), (sessions, MockBlocklist::new()), None);
        assert!(matches!(result, Err(Error::Unavailable { .. })));
    }

    #[test]
    fn of_a_token_of_another_issuer_just_that_token_ends() {
        let mut revocations = MockRevocationRepository::new();
        revocations.expect_create().times(1).withf(|given| *given == token()).return_once(|_| Ok(()));
        let mut blocklist = MockBlocklist::new();
        blocklist.expect_block().times(1).withf(|given| *given == token()).return_const(());
        let ports = (MockSessionRepository::new(), blocklist);
        assert!(log_out_of(external(), MockTokenVerifier::new(), ports, revocations, None).is_ok());
    }

    #[test]
    fn a_token_of_another_issuer_that_could_not_be_revoked_is_not_blocked_either() {
        let mut revocations = MockRevocationRepository::new();
        revocations.expect_create().return_once(|_| Err(unavailable()));
        let ports = (MockSessionRepository::new(), MockBlocklist::new());
        let result = log_out_of(external(), MockTokenVerifier::new(), ports, revocations, None);
        assert!(matches!(result, Err(Error::Unavailable { .. })));
    }
}
