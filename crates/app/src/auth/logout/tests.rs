use super::*;
use crate::fixtures::{KEY, OWNER, STRANGER, at, audit_log, now, origin, run, unavailable};
use fasttrack_domain::{
    api_token::{Reach, Scopes},
    id::ApiTokenId,
    identity::ExternalSubject,
    ports::{
        revocation::{MockBlocklist, MockRevocationRepository},
        session::MockSessionRepository,
        token::MockTokenVerifier,
    },
    revocation::Revocation,
    token::{ApiGrant, RefreshClaims, TokenError, TokenId, TokenSource},
};
use mockall::Sequence;
use std::sync::Arc;

const OWN: SessionId = SessionId::new(8);
const OTHER: SessionId = SessionId::new(9);

fn token() -> Revocation {
    Revocation::of_token(TokenId::new("access".to_owned()), at(1500))
}

fn refresh(user_id: UserId, session_id: SessionId) -> RefreshClaims {
    RefreshClaims {
        user_id,
        session_id,
        session_key: Some(KEY),
        token_id: TokenId::new("refresh".to_owned()),
        expires_at: at(9000),
    }
}

fn verifier(answer: Result<(UserId, SessionId), TokenError>) -> MockTokenVerifier {
    let mut verifier = MockTokenVerifier::new();
    verifier
        .expect_verify_refresh()
        .withf(|token, at| token == "token" && *at == now())
        .return_once(move |_, _| answer.map(|(user_id, session_id)| refresh(user_id, session_id)));
    verifier
}

/// Expects these sessions to end at once, and to be blocked afterwards.
fn ending(ids: Vec<SessionId>) -> (MockSessionRepository, MockBlocklist) {
    let (mut sessions, mut blocklist, mut order) =
        (MockSessionRepository::new(), MockBlocklist::new(), Sequence::new());
    let expected = ids.clone();
    sessions
        .expect_end()
        .times(1)
        .in_sequence(&mut order)
        .withf(move |given, user, at| *given == expected && (*user, *at) == (OWNER.id, now()))
        .return_once(|_, _, _| Ok(vec![]));
    for id in ids {
        blocklist
            .expect_block()
            .times(1)
            .in_sequence(&mut order)
            .withf(move |given| *given == Revocation::of_session(id, now()))
            .return_const(());
    }
    (sessions, blocklist)
}

/// Expects one check whether the session's refresh token is still accepted.
fn accepting(sessions: &mut MockSessionRepository, id: SessionId, accepts: bool) {
    sessions
        .expect_accepts()
        .times(1)
        .withf(move |given, at| *given == refresh(OWNER.id, id) && *at == now())
        .return_once(move |_, _| Ok(accepts));
}

fn claims(source: TokenSource) -> AccessClaims {
    AccessClaims { source, user_id: OWNER.id, expires_at: at(1500), ..crate::fixtures::claims() }
}

fn logout(
    verifier: MockTokenVerifier,
    (sessions, blocklist): (MockSessionRepository, MockBlocklist),
    revocations: MockRevocationRepository,
) -> Auth {
    let (sessions, revocations) = (Arc::new(sessions), Arc::new(revocations));
    Auth {
        audit: audit_log(),
        sessions,
        revocations,
        verifier: Arc::new(verifier),
        blocklist: Arc::new(blocklist),
        ..Auth::mocked()
    }
}

fn log_out(
    verifier: MockTokenVerifier,
    ports: (MockSessionRepository, MockBlocklist),
    refresh_token: Option<&str>,
) -> Result<(), Error> {
    let logout = logout(verifier, ports, MockRevocationRepository::new());
    let refresh_token = refresh_token.map(|token| SecretToken::new(token.to_owned()));
    run(logout.logout(Logout { claims: claims(TokenSource::Session(OWN)), refresh_token, origin: origin() }))
}

fn log_out_externally(blocklist: MockBlocklist, revocations: MockRevocationRepository) -> Result<(), Error> {
    let source = TokenSource::External(ExternalSubject::parse("subject".to_owned()).unwrap());
    let logout = logout(MockTokenVerifier::new(), (MockSessionRepository::new(), blocklist), revocations);
    run(logout.logout(Logout { claims: claims(source), refresh_token: None, origin: origin() }))
}

/// Calls [`Auth::logout_expired`]; `read` is what reading the expired access token returns.
fn log_out_expired(
    mut verifier: MockTokenVerifier,
    read: Result<AccessClaims, TokenError>,
    ports: (MockSessionRepository, MockBlocklist),
) -> Result<(), Error> {
    verifier.expect_read_access().times(1).withf(|token| token == "access").return_once(|_| read);
    let logout = logout(verifier, ports, MockRevocationRepository::new());
    let [access_token, refresh_token] = ["access", "token"].map(|token| SecretToken::new(token.to_owned()));
    run(logout.logout_expired(LogoutExpired { access_token, refresh_token, origin: origin() }))
}

#[test]
fn the_session_ends_and_is_blocked_afterwards() {
    assert!(log_out(MockTokenVerifier::new(), ending(vec![OWN]), None).is_ok());
}

#[test]
fn the_refresh_token_of_the_same_session_adds_nothing() {
    assert!(log_out(verifier(Ok((OWNER.id, OWN))), ending(vec![OWN]), Some("token")).is_ok());
}

#[test]
fn the_refresh_token_of_another_own_session_ends_that_too() {
    let mut ports = ending(vec![OWN, OTHER]);
    accepting(&mut ports.0, OTHER, true);
    assert!(log_out(verifier(Ok((OWNER.id, OTHER))), ports, Some("token")).is_ok());
}

#[test]
fn refresh_token_of_another_user_is_forbidden() {
    let ports = (MockSessionRepository::new(), MockBlocklist::new());
    let result = log_out(verifier(Ok((STRANGER.id, OTHER))), ports, Some("token"));
    assert!(matches!(result, Err(Error::Forbidden(_))));
}

#[test]
fn a_worthless_refresh_token_is_ignored() {
    for error in [TokenError::Invalid, TokenError::Expired] {
        assert!(log_out(verifier(Err(error)), ending(vec![OWN]), Some("token")).is_ok(), "{error}");
    }
    let mut ports = ending(vec![OWN]);
    accepting(&mut ports.0, OTHER, false);
    assert!(log_out(verifier(Ok((OWNER.id, OTHER))), ports, Some("token")).is_ok());
}

#[test]
fn nothing_is_blocked_that_was_not_committed() {
    let mut sessions = MockSessionRepository::new();
    sessions.expect_end().return_once(|_, _, _| Err(unavailable()));
    let result = log_out(MockTokenVerifier::new(), (sessions, MockBlocklist::new()), None);
    assert!(matches!(result, Err(Error::Unavailable { .. })));
}

#[test]
fn of_a_token_of_another_issuer_just_that_token_ends() {
    let mut revocations = MockRevocationRepository::new();
    revocations.expect_create().times(1).withf(|given| *given == token()).return_once(|_| Ok(()));
    let mut blocklist = MockBlocklist::new();
    blocklist.expect_block().times(1).withf(|given| *given == token()).return_const(());
    assert!(log_out_externally(blocklist, revocations).is_ok());
}

#[test]
fn external_token_is_not_blocked_unless_revoked() {
    let mut revocations = MockRevocationRepository::new();
    revocations.expect_create().return_once(|_| Err(unavailable()));
    let result = log_out_externally(MockBlocklist::new(), revocations);
    assert!(matches!(result, Err(Error::Unavailable { .. })));
}

#[test]
fn api_token_ends_no_session() {
    let grant = ApiGrant { id: ApiTokenId::new(5), scopes: Scopes::default(), reach: Reach::All };
    let ports = (MockSessionRepository::new(), MockBlocklist::new());
    let logout = logout(MockTokenVerifier::new(), ports, MockRevocationRepository::new());
    let (claims, refresh_token) = (claims(TokenSource::Api(grant)), Some(SecretToken::new("token".to_owned())));
    let result = run(logout.logout(Logout { claims, refresh_token, origin: origin() }));
    assert!(matches!(result, Err(Error::Forbidden(_))));
}

#[test]
fn an_expired_token_and_a_good_refresh_token_end_their_session() {
    let mut ports = ending(vec![OWN]);
    accepting(&mut ports.0, OWN, true);
    let read = Ok(claims(TokenSource::Session(OWN)));
    assert!(log_out_expired(verifier(Ok((OWNER.id, OWN))), read, ports).is_ok());
}

#[test]
fn an_expired_token_alone_ends_nothing() {
    let own = || claims(TokenSource::Session(OWN));
    let another_key = AccessClaims { session_key: None, ..own() };
    for (case, refresh, read) in [
        ("another session", Ok((OWNER.id, OTHER)), own()),
        ("another session of that id", Ok((OWNER.id, OWN)), another_key),
        ("somebody else's", Ok((STRANGER.id, OWN)), own()),
        ("an expired one", Err(TokenError::Expired), own()),
    ] {
        let ports = (MockSessionRepository::new(), MockBlocklist::new());
        let result = log_out_expired(verifier(refresh), Ok(read), ports);
        assert!(matches!(result, Err(Error::Token(TokenError::Expired))), "{case}: {result:?}");
    }
    let mut sessions = MockSessionRepository::new();
    accepting(&mut sessions, OWN, false);
    let result = log_out_expired(verifier(Ok((OWNER.id, OWN))), Ok(own()), (sessions, MockBlocklist::new()));
    assert!(matches!(result, Err(Error::Token(TokenError::Expired))), "a spent one: {result:?}");
    let ports = (MockSessionRepository::new(), MockBlocklist::new());
    let result = log_out_expired(MockTokenVerifier::new(), Err(TokenError::Invalid), ports);
    assert!(matches!(result, Err(Error::Token(TokenError::Invalid))), "forged: {result:?}");
}
