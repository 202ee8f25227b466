//! Mocks for the tests of authentication with another issuer's token.

mod admission;

use super::*;
use crate::fixtures::{ADMIN, OWNER, at, claims, email, now, run, unavailable, user};
use fasttrack_domain::{
    identity::{ExternalSubject, Identity},
    ports::{
        identity::{KnownIdentity, MockExternalVerifier, MockIdentityRepository},
        revocation::MockBlocklist,
        secret::MockSecretSource,
        token::MockTokenVerifier,
        user::MockUserRepository,
    },
    revocation::Revocation,
    token::TokenId,
    user::Credentials,
};
use mockall::Sequence;

fn subject() -> ExternalSubject {
    ExternalSubject::parse("u-1".to_owned()).unwrap()
}

fn identity() -> Identity {
    Identity { issuer: "https://issuer.example".to_owned(), subject: subject() }
}

fn token_id() -> TokenId {
    TokenId::new("ext:1".to_owned())
}

fn said(verified_email: Option<Email>) -> ExternalClaims {
    ExternalClaims {
        identity: ExternalIdentity { identity: identity(), verified_email, name: None },
        token_id: token_id(),
        issued_at: Some(at(900)),
        expires_at: at(2000),
    }
}

fn expected(user: &User) -> AccessClaims {
    AccessClaims {
        user_id: user.id,
        role: user.role,
        source: TokenSource::External(subject()),
        token_id: token_id(),
        epoch: user.token_epoch,
        issued_at: now(),
        expires_at: at(2000),
        user_key: Some(user.key),
        session_key: None,
    }
}

/// Mocks for one attempt, that expect no call.
struct Prepared {
    verifier: MockTokenVerifier,
    external: MockExternalVerifier,
    identities: MockIdentityRepository,
    users: MockUserRepository,
    secrets: MockSecretSource,
    blocklist: MockBlocklist,
}

impl Prepared {
    /// Expects a token that isn't ours. `said` is the result of its verification by the other issuer's keys.
    fn of(said: Result<ExternalClaims, TokenError>) -> Self {
        let (mut verifier, mut external) = (MockTokenVerifier::new(), MockExternalVerifier::new());
        verifier
            .expect_verify_access()
            .withf(|token, at| token == "token" && *at == now())
            .return_once(|_, _| Err(TokenError::Invalid));
        external.expect_names_issuer().withf(|token| token == "token").return_const(true);
        external.expect_verify().withf(|token, at| token == "token" && *at == now()).return_once(|_, _| said);
        let (identities, users) = (MockIdentityRepository::new(), MockUserRepository::new());
        let (secrets, blocklist) = (MockSecretSource::new(), MockBlocklist::new());
        Self { verifier, external, identities, users, secrets, blocklist }
    }

    fn recheck(mut self, checked: Result<(), TokenError>) -> Self {
        self.verifier
            .expect_recheck_access()
            .times(1)
            .withf(|claims, at| claims.token_id == token_id() && *at == now())
            .return_once(move |_, _| checked);
        self
    }

    /// Expects one look-up of the identity for each answer, in their order.
    fn known(mut self, answers: Vec<Option<User>>) -> Self {
        let mut order = Sequence::new();
        for answer in answers {
            self.identities
                .expect_find()
                .times(1)
                .in_sequence(&mut order)
                .withf(|asked| *asked == identity())
                .return_once(|_| Ok(KnownIdentity { user: answer, erased_at: None }));
        }
        self
    }

    fn with_address(mut self, user: Option<User>) -> Self {
        let found = user.map(|user| Credentials { user, password_hash: None });
        self.users.expect_find_credentials().times(1).withf(|asked| *asked == email()).return_once(move |_| Ok(found));
        self
    }

    fn creating(mut self, expected: NewUser, answer: Result<User, RepositoryError>) -> Self {
        self.identities
            .expect_create()
            .times(1)
            .withf(move |asked, new| *asked == identity() && *new == expected)
            .return_once(|_, _| answer);
        self
    }

    fn linking(mut self, answer: Result<Option<User>, RepositoryError>) -> Self {
        self.identities.expect_link().times(1).withf(|given| *given == link()).return_once(|_| answer);
        self
    }

    /// Expects a takeover, and that the account's tokens are blocked if it succeeds.
    fn taking_over(mut self, answer: Option<User>) -> Self {
        let blocked = |user: &User| Revocation::of_user(user.id, user.token_epoch, now());
        let expected = answer.as_ref().map(blocked);
        self.identities.expect_take_over().times(1).withf(|given| *given == link()).return_once(|_| Ok(answer));
        self.blocklist
            .expect_block()
            .times(usize::from(expected.is_some()))
            .withf(move |given| Some(given) == expected.as_ref())
            .return_const(());
        self
    }

    fn authenticate(self) -> Result<AccessClaims, Error> {
        let external = External {
            verifier: Arc::new(self.external),
            identities: Arc::new(self.identities),
            users: Arc::new(self.users),
            secrets: Arc::new(self.secrets),
            blocklist: Arc::new(self.blocklist),
        };
        run(Auth { verifier: Arc::new(self.verifier), external: Some(external), ..Auth::mocked() }
            .authenticate("token"))
    }
}

fn link() -> IdentityLink {
    IdentityLink { identity: identity(), user_id: OWNER.id, based_on: user(OWNER).version, at: now() }
}

#[test]
fn our_own_token_needs_nobody_else() {
    let mut verifier = MockTokenVerifier::new();
    verifier.expect_verify_access().return_once(|_, _| Ok(claims()));
    let ports = Prepared { verifier, ..Prepared::of(Err(TokenError::Invalid)) };
    assert_eq!(ports.authenticate().unwrap(), claims());
}

#[test]
fn bad_own_token_never_reaches_the_external_verifier() {
    for error in [TokenError::Expired, TokenError::Revoked, TokenError::Unavailable] {
        let mut verifier = MockTokenVerifier::new();
        verifier.expect_verify_access().return_once(move |_, _| Err(error));
        let result = Prepared { verifier, ..Prepared::of(Ok(said(None))) }.authenticate();
        assert!(matches!(result, Err(Error::Token(said)) if said == error), "{result:?}");
    }
}

#[test]
fn without_another_issuer_a_token_of_nobody_is_invalid() {
    let Prepared { verifier, .. } = Prepared::of(Ok(said(None)));
    let result = run(Auth { verifier: Arc::new(verifier), ..Auth::mocked() }.authenticate("token"));
    assert!(matches!(result, Err(Error::Token(TokenError::Invalid))));
}

#[test]
fn token_that_names_no_issuer_is_not_shown_to_the_other_issuer() {
    let mut external = MockExternalVerifier::new();
    external.expect_names_issuer().return_const(false);
    let ports = Prepared { external, ..Prepared::of(Ok(said(None))) };
    assert!(matches!(ports.authenticate(), Err(Error::Token(TokenError::Invalid))));
}

#[test]
fn what_the_other_issuers_verifier_refuses_is_refused() {
    for error in [TokenError::Invalid, TokenError::Expired, TokenError::Unavailable] {
        let result = Prepared::of(Err(error)).authenticate();
        assert!(matches!(result, Err(Error::Token(said)) if said == error), "{result:?}");
    }
}

#[test]
fn a_known_user_has_the_rights_of_the_account_as_it_is_now() {
    let admin = User { token_epoch: 9, ..user(ADMIN) };
    let ports = Prepared::of(Ok(said(None))).known(vec![Some(admin.clone())]).recheck(Ok(()));
    assert_eq!(ports.authenticate().unwrap(), expected(&admin));
}

#[test]
fn a_deactivated_account_or_a_token_on_the_blocklist_is_revoked() {
    let inactive = User { is_active: false, ..user(OWNER) };
    for ports in [
        Prepared::of(Ok(said(None))).known(vec![Some(inactive)]),
        Prepared::of(Ok(said(None))).known(vec![Some(user(OWNER))]).recheck(Err(TokenError::Revoked)),
    ] {
        assert!(matches!(ports.authenticate(), Err(Error::Token(TokenError::Revoked))));
    }
}

#[test]
fn token_from_before_an_erasure_is_revoked() {
    for (user, erased_at) in [(None, at(950)), (Some(user(OWNER)), at(900))] {
        let mut ports = Prepared::of(Ok(said(None)));
        let known = KnownIdentity { user, erased_at: Some(erased_at) };
        ports.identities.expect_find().times(1).return_once(|_| Ok(known));
        assert!(matches!(ports.authenticate(), Err(Error::Token(TokenError::Revoked))));
    }
    let known = KnownIdentity { user: Some(user(OWNER)), erased_at: Some(at(899)) };
    let mut ports = Prepared::of(Ok(said(None))).recheck(Ok(()));
    ports.identities.expect_find().times(1).return_once(|_| Ok(known));
    assert_eq!(ports.authenticate().unwrap(), expected(&user(OWNER)));
}

#[test]
fn an_outage_is_no_verdict_on_the_token() {
    let mut ports = Prepared::of(Ok(said(None)));
    ports.identities.expect_find().return_once(|_| Err(unavailable()));
    assert!(matches!(ports.authenticate(), Err(Error::Unavailable { .. })));
}
