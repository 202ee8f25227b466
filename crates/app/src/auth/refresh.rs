use super::{Auth, access_grant};
use crate::Error;
use fasttrack_domain::{
    Timestamp,
    audit::{AuditAction, AuditEntry, AuditObject, Origin},
    ports::token::TokenPair,
    revocation::RevokingAct,
    session::{Client, Exchange, Exchanged, RefreshGrant},
    token::{RefreshClaims, SecretToken},
};

#[derive(Clone, Debug)]
pub struct Refresh {
    pub refresh_token: SecretToken,
    pub client: Client,
    pub origin: Origin,
}

impl Auth {
    // @spec SPEC-001
    /// Exchanges a refresh token for the next tokens of its session.
    ///
    /// [`Error::InvalidRefreshToken`]; [`Error::RefreshTokenReused`] where the token was spent before, and then the whole
    /// session ends (RFC 9700 section 4.14.2).
    #[tracing::instrument(name = "auth.refresh", skip_all)]
    pub async fn refresh(&self, command: Refresh) -> Result<TokenPair, Error> {
        let (now, origin) = (self.clock.now(), command.origin.clone());
        let claims = self.verifier.verify_refresh(command.refresh_token.expose(), now);
        let account = claims.as_ref().map(|claims| AuditObject::User(claims.user_id)).ok();
        let result = match claims {
            Ok(claims) => self.exchange(command, claims, now).await,
            Err(_) => Err(Error::InvalidRefreshToken),
        };
        if let Err(Error::InvalidRefreshToken | Error::RefreshTokenReused) = &result {
            let line = AuditEntry::new(now, None, AuditAction::RefreshFailed, origin);
            self.audit.record(AuditEntry { object: account, ..line });
        }
        result
    }

    async fn exchange(&self, command: Refresh, claims: RefreshClaims, now: Timestamp) -> Result<TokenPair, Error> {
        let next = self.issuer.grant_refresh(now);
        let exchange = Exchange {
            spent: claims.token_id,
            session_id: claims.session_id,
            session_key: claims.session_key,
            next: next.clone(),
            client: command.client,
            at: now,
            reusable_since: (!self.reuse_leeway.is_zero()).then(|| now - self.reuse_leeway),
            session_lifetime: self.session_lifetime,
        };
        match self.sessions.exchange(exchange).await? {
            Exchanged::Renewed(login) => {
                let next = RefreshGrant { expires_at: login.session.expires_at, ..next };
                Ok(self.issuer.issue(&access_grant(&login), &next, now)?)
            }
            Exchanged::Reused { session_id } => {
                self.blocklist.block(&RevokingAct::RefreshTokenReused(session_id).revocation(now));
                tracing::warn!(
                    session_id = session_id.get(),
                    user_id = claims.user_id.get(),
                    "a spent refresh token came back; its session is revoked"
                );
                Err(Error::RefreshTokenReused)
            }
            Exchanged::Refused => Err(Error::InvalidRefreshToken),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{KEY, OWNER, at, audit_log, issuer, login, next_refresh, now, origin, pair, run, user};
    use fasttrack_domain::{
        id::SessionId,
        ports::{
            audit::MockAuditLog,
            revocation::MockBlocklist,
            session::MockSessionRepository,
            token::{MockTokenIssuer, MockTokenVerifier},
        },
        revocation::Revocation,
        session::{Login, Session},
        token::{RefreshClaims, TokenError, TokenId},
    };
    use mockall::Sequence;
    use std::{sync::Arc, time::Duration};

    const SESSION: SessionId = SessionId::new(8);
    const LIFETIME: Duration = Duration::from_hours(24);

    fn verifier(answer: Result<(), TokenError>) -> MockTokenVerifier {
        let claims = RefreshClaims {
            user_id: OWNER.id,
            session_id: SESSION,
            session_key: Some(KEY),
            token_id: TokenId::new("spent".to_owned()),
            expires_at: at(9000),
        };
        let mut verifier = MockTokenVerifier::new();
        verifier
            .expect_verify_refresh()
            .withf(|token, at| token == "token" && *at == now())
            .return_once(move |_, _| answer.map(|()| claims));
        verifier
    }

    fn command() -> Refresh {
        let refresh_token = SecretToken::new("token".to_owned());
        Refresh { refresh_token, client: Client::new(Some("::1".to_owned()), None), origin: origin() }
    }

    fn refresh(
        verifier: MockTokenVerifier,
        sessions: MockSessionRepository,
        blocklist: MockBlocklist,
        leeway: u64,
    ) -> Result<TokenPair, Error> {
        let (sessions, verifier, blocklist) = (Arc::new(sessions), Arc::new(verifier), Arc::new(blocklist));
        let leeway = Duration::from_secs(leeway);
        let refresh = Auth {
            audit: audit_log(),
            sessions,
            verifier,
            issuer: issuer(),
            blocklist,
            reuse_leeway: leeway,
            session_lifetime: LIFETIME,
            ..Auth::mocked()
        };
        run(refresh.refresh(command()))
    }

    #[test]
    fn a_token_that_is_not_good_never_reaches_storage() {
        for error in [TokenError::Invalid, TokenError::Expired] {
            let result = refresh(verifier(Err(error)), MockSessionRepository::new(), MockBlocklist::new(), 0);
            assert!(matches!(result, Err(Error::InvalidRefreshToken)), "{error}");
        }
    }

    #[test]
    fn the_spent_token_is_exchanged_for_a_pair_of_the_same_session() {
        let expected = Exchange {
            spent: TokenId::new("spent".to_owned()),
            session_id: SESSION,
            session_key: Some(KEY),
            next: next_refresh(),
            client: Client::new(Some("::1".to_owned()), None),
            at: now(),
            reusable_since: None,
            session_lifetime: LIFETIME,
        };
        let mut sessions = MockSessionRepository::new();
        sessions
            .expect_exchange()
            .times(1)
            .withf(move |exchange| *exchange == expected)
            .return_once(|_| Ok(Exchanged::Renewed(login(user(OWNER)))));
        let tokens = refresh(verifier(Ok(())), sessions, MockBlocklist::new(), 0).unwrap();
        assert_eq!(tokens, pair("1 user 8 5", "next"));
    }

    #[test]
    fn next_token_expires_with_its_session() {
        let Login { session, user } = login(user(OWNER));
        let renewed = Login { session: Session { expires_at: at(5000), ..session }, user };
        let mut sessions = MockSessionRepository::new();
        sessions.expect_exchange().times(1).return_once(|_| Ok(Exchanged::Renewed(renewed)));
        let mut issuer = MockTokenIssuer::new();
        issuer.expect_grant_refresh().return_once(|_| next_refresh());
        issuer
            .expect_issue()
            .times(1)
            .withf(|_, next, _| *next == RefreshGrant { expires_at: at(5000), ..next_refresh() })
            .return_once(|_, _, _| Ok(pair("access", "refresh")));
        let auth = Auth {
            sessions: Arc::new(sessions),
            verifier: Arc::new(verifier(Ok(()))),
            issuer: Arc::new(issuer),
            ..Auth::mocked()
        };
        assert_eq!(run(auth.refresh(command())).unwrap(), pair("access", "refresh"));
    }

    #[test]
    fn refusals_are_audited_with_the_account_if_it_is_known() {
        let about = AuditObject::User(OWNER.id);
        for (verified, object) in [(Ok(()), Some(about)), (Err(TokenError::Invalid), None)] {
            let mut sessions = MockSessionRepository::new();
            sessions.expect_exchange().returning(|_| Ok(Exchanged::Refused));
            let line = AuditEntry::new(now(), None, AuditAction::RefreshFailed, origin());
            let expected = AuditEntry { object, ..line };
            let mut audit = MockAuditLog::new();
            audit.expect_record().times(1).withf(move |entry| *entry == expected).return_const(());
            let auth = Auth {
                audit: Arc::new(audit),
                sessions: Arc::new(sessions),
                verifier: Arc::new(verifier(verified)),
                issuer: issuer(),
                ..Auth::mocked()
            };
            assert!(run(auth.refresh(command())).is_err());
        }
    }

    #[test]
    fn a_leeway_reaches_back_from_now() {
        let mut sessions = MockSessionRepository::new();
        sessions
            .expect_exchange()
            .times(1)
            .withf(|exchange| exchange.reusable_since == Some(at(970)))
            .return_once(|_| Ok(Exchanged::Renewed(login(user(OWNER)))));
        assert!(refresh(verifier(Ok(())), sessions, MockBlocklist::new(), 30).is_ok());
    }

    #[test]
    fn reuse_blocks_the_session_once_its_revocation_is_committed() {
        let mut order = Sequence::new();
        let mut sessions = MockSessionRepository::new();
        sessions
            .expect_exchange()
            .times(1)
            .in_sequence(&mut order)
            .return_once(|_| Ok(Exchanged::Reused { session_id: SESSION }));
        let mut blocklist = MockBlocklist::new();
        blocklist
            .expect_block()
            .times(1)
            .in_sequence(&mut order)
            .withf(|given| *given == Revocation::of_session(SESSION, now()))
            .return_const(());
        let result = refresh(verifier(Ok(())), sessions, blocklist, 0);
        assert!(matches!(result, Err(Error::RefreshTokenReused)));
    }

    #[test]
    fn a_refused_exchange_blocks_nothing() {
        let mut sessions = MockSessionRepository::new();
        sessions.expect_exchange().return_once(|_| Ok(Exchanged::Refused));
        let result = refresh(verifier(Ok(())), sessions, MockBlocklist::new(), 0);
        assert!(matches!(result, Err(Error::InvalidRefreshToken)));
    }
}
