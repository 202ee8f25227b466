//! The blocklist in memory: [`Blocklist`], with the issuer and the verifier whose tokens it refuses. Storage has to
//! confirm every token.

use crate::builders::{MOMENT, after, new_ticket};
use fasttrack_domain::{
    id::{SessionId, UserId},
    identity::ExternalSubject,
    key::InstanceKey,
    ports::{
        revocation::Blocklist,
        token::{TokenIssuer, TokenVerifier},
    },
    revocation::{Revocation, Revoked},
    token::{AccessClaims, AccessGrant, TokenError, TokenId, TokenSource},
    user::Role,
};

contract! { $
    blocklist { blocklist: Blocklist, issuer: TokenIssuer, verifier: TokenVerifier }
    tokens_that_were_verified_before_are_refused,
    tokens_that_were_never_verified_are_refused,
    tokens_that_are_not_named_stay_valid,
    a_token_of_another_issuer_is_refused_by_its_id,
    an_older_epoch_does_not_replace_a_newer_one,
    a_repeated_revocation_changes_nothing,
}

const EPOCH: i64 = 4;

const REFUSED: Result<(), TokenError> = Err(TokenError::Revoked);

/// Refuses the tokens of this user from before `epoch`.
fn user(id: i64, epoch: i64) -> Revoked {
    Revoked::User { id: UserId::new(id), epoch }
}

/// An access token of this user, whose session has the same number.
fn given_token(ports: &Ports, id: i64) -> String {
    let grant = AccessGrant {
        user_id: UserId::new(id),
        user_key: InstanceKey::new([1; InstanceKey::LENGTH]),
        role: Role::User,
        session_id: SessionId::new(id),
        session_key: InstanceKey::new([2; InstanceKey::LENGTH]),
        epoch: EPOCH,
    };
    let refresh = ports.issuer.grant_refresh(MOMENT);
    ports.issuer.issue(&grant, &refresh, MOMENT).unwrap().access.expose().to_owned()
}

/// The revocations that refuse these claims.
fn revocations(claims: &AccessClaims) -> [Revoked; 3] {
    let id = claims.user_id.get();
    [Revoked::Token(claims.token_id.clone()), Revoked::Session(SessionId::new(id)), user(id, claims.epoch + 1)]
}

fn block(ports: &Ports, subject: Revoked) {
    ports.blocklist.block(&Revocation { subject, until: after(24 * 60) });
}

async fn verify(ports: &Ports, token: &str) -> Result<(), TokenError> {
    ports.verifier.verify_access(token, MOMENT).await.map(drop)
}

/// The result of each check of these claims.
async fn check(ports: &Ports, claims: &AccessClaims) -> [Result<(), TokenError>; 2] {
    let verifier = &ports.verifier;
    [verifier.recheck_access(claims, MOMENT).await, verifier.confirm_access(claims, MOMENT).await]
}

async fn tokens_that_were_verified_before_are_refused(ports: &Ports) {
    for (id, kind) in (1..).zip(0..3) {
        let token = given_token(ports, id);
        let claims = ports.verifier.verify_access(&token, MOMENT).await.unwrap();
        assert_eq!(check(ports, &claims).await, [Ok(()), Ok(())]);
        let subject = revocations(&claims)[kind].clone();
        block(ports, subject.clone());
        assert_eq!(verify(ports, &token).await, REFUSED, "{subject:?}");
        assert_eq!(check(ports, &claims).await, [REFUSED; 2], "{subject:?}");
    }
}

async fn tokens_that_were_never_verified_are_refused(ports: &Ports) {
    for (id, kind) in (1..).zip(0..3) {
        let token = given_token(ports, id);
        let claims = ports.verifier.read_access(&token).unwrap();
        let subject = revocations(&claims)[kind].clone();
        block(ports, subject.clone());
        assert_eq!(verify(ports, &token).await, REFUSED, "{subject:?}");
        assert_eq!(check(ports, &claims).await, [REFUSED; 2], "{subject:?}");
    }
}

/// The epoch of a revocation is the first that is valid.
async fn tokens_that_are_not_named_stay_valid(ports: &Ports) {
    let (verified, new) = (given_token(ports, 1), given_token(ports, 1));
    let claims = ports.verifier.verify_access(&verified, MOMENT).await.unwrap();
    for subject in [
        Revoked::Token(TokenId::new("another".to_owned())),
        Revoked::Session(SessionId::new(2)),
        user(1, EPOCH),
        user(2, EPOCH + 1),
    ] {
        block(ports, subject.clone());
        assert_eq!(verify(ports, &verified).await, Ok(()), "{subject:?}");
        assert_eq!(check(ports, &claims).await, [Ok(()), Ok(())], "{subject:?}");
    }
    assert_eq!(verify(ports, &new).await, Ok(()));
}

/// Such a token belongs to no session. It is not verified by the verifier of our own tokens.
async fn a_token_of_another_issuer_is_refused_by_its_id(ports: &Ports) {
    let external = |id: &str| AccessClaims {
        source: TokenSource::External(ExternalSubject::parse("subject".to_owned()).unwrap()),
        token_id: TokenId::new(id.to_owned()),
        session_key: None,
        ..new_ticket(UserId::new(1)).claims
    };
    block(ports, Revoked::Token(external("ended").token_id));
    assert_eq!(ports.verifier.recheck_access(&external("ended"), MOMENT).await, REFUSED);
    assert_eq!(ports.verifier.recheck_access(&external("other"), MOMENT).await, Ok(()));
}

async fn an_older_epoch_does_not_replace_a_newer_one(ports: &Ports) {
    let token = given_token(ports, 1);
    for epoch in [EPOCH + 1, EPOCH - 1] {
        block(ports, user(1, epoch));
        assert_eq!(verify(ports, &token).await, REFUSED);
    }
}

/// The same revocation arrives from the process that made it and from storage.
async fn a_repeated_revocation_changes_nothing(ports: &Ports) {
    let (token, other) = (given_token(ports, 1), given_token(ports, 2));
    for subject in revocations(&ports.verifier.read_access(&token).unwrap()) {
        for _ in 0..2 {
            block(ports, subject.clone());
            assert_eq!((verify(ports, &token).await, verify(ports, &other).await), (REFUSED, Ok(())));
        }
    }
}
