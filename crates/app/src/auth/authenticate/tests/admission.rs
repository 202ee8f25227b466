//! The first request of another issuer's user: an account is created, linked or taken over.

use super::*;
use crate::fixtures::{conflict, parsed};
use fasttrack_domain::{
    ticket::{DrawnSecret, SecretHash},
    token::SecretToken,
};

fn new_user(email: Email, display_name: &str) -> NewUser {
    NewUser {
        email_verified: !email.is_placeholder(),
        email,
        display_name: parsed(display_name),
        role: Role::User,
        password_hash: None,
        is_external: true,
        created_at: now(),
        audit: None,
    }
}

#[test]
fn who_comes_for_the_first_time_becomes_an_ordinary_user() {
    for (name, called) in [(None, "ann"), (Some(parsed("Ann Lee")), "Ann Lee")] {
        let mut said = said(Some(email()));
        said.identity.name = name;
        let ports = Prepared::of(Ok(said))
            .known(vec![None])
            .with_address(None)
            .creating(new_user(email(), called), Ok(user(OWNER)))
            .recheck(Ok(()));
        assert_eq!(ports.authenticate().unwrap(), expected(&user(OWNER)));
    }
}

#[test]
fn who_has_no_address_gets_one_that_nobody_can_guess() {
    let mut ports = Prepared::of(Ok(said(None)));
    let secret = SecretToken::new("Drawn_1".to_owned());
    ports.secrets.expect_draw().times(1).return_once(move || DrawnSecret { secret, hash: SecretHash::new([7; 32]) });
    let address = Email::placeholder("drawn_1");
    let ports = ports.known(vec![None]).creating(new_user(address, "drawn_1"), Ok(user(OWNER))).recheck(Ok(()));
    assert_eq!(ports.authenticate().unwrap(), expected(&user(OWNER)));
}

#[test]
fn proven_account_is_linked_with_the_owner_of_its_address() {
    let ports = Prepared::of(Ok(said(Some(email()))))
        .known(vec![None])
        .with_address(Some(user(OWNER)))
        .linking(Ok(Some(user(OWNER))))
        .recheck(Ok(()));
    assert_eq!(ports.authenticate().unwrap(), expected(&user(OWNER)));
}

#[test]
fn unproven_account_is_taken_over_by_the_owner_of_its_address() {
    let taken = User { token_epoch: 6, ..user(OWNER) };
    let ports = Prepared::of(Ok(said(Some(email()))))
        .known(vec![None])
        .with_address(Some(User { email_verified: false, ..user(OWNER) }))
        .taking_over(Some(taken.clone()))
        .recheck(Ok(()));
    assert_eq!(ports.authenticate().unwrap(), expected(&taken));
}

#[test]
fn account_that_changes_meanwhile_is_looked_at_again() {
    let ports = Prepared::of(Ok(said(Some(email()))))
        .known(vec![None, Some(user(OWNER))])
        .with_address(Some(User { email_verified: false, ..user(OWNER) }))
        .taking_over(None)
        .recheck(Ok(()));
    assert_eq!(ports.authenticate().unwrap(), expected(&user(OWNER)));
}

#[test]
fn administrators_account_is_never_linked_by_address() {
    for (is_active, email_verified) in [(true, true), (true, false), (false, true)] {
        let admin = User { is_active, email_verified, ..user(ADMIN) };
        let ports = Prepared::of(Ok(said(Some(email())))).known(vec![None, None]).with_address(Some(admin));
        assert!(matches!(ports.authenticate(), Err(Error::Forbidden(_))));
    }
}

#[test]
fn another_spelling_of_an_address_is_not_its_owner() {
    let sharp = User { email: Email::parse("straße@example.org").unwrap(), ..user(OWNER) };
    assert!(matches!(refusal(&sharp, &Email::parse("strasse@example.org").unwrap()), Some(Error::Forbidden(_))));
    assert!(refusal(&sharp, &sharp.email).is_none());
}

#[test]
fn a_deactivated_account_is_not_linked() {
    let inactive = User { is_active: false, ..user(OWNER) };
    let ports = Prepared::of(Ok(said(Some(email())))).known(vec![None, None]).with_address(Some(inactive));
    assert!(matches!(ports.authenticate(), Err(Error::Token(TokenError::Revoked))));
}

#[test]
fn parallel_first_requests_get_one_account() {
    for constraint in [constraint::IDENTITY, constraint::USER_EMAIL] {
        let known = vec![None, Some(user(OWNER))];
        let ports = Prepared::of(Ok(said(Some(email()))))
            .known(known.clone())
            .with_address(None)
            .creating(new_user(email(), "ann"), Err(conflict(constraint)))
            .recheck(Ok(()));
        assert_eq!(ports.authenticate().unwrap(), expected(&user(OWNER)));
    }
    let ports = Prepared::of(Ok(said(Some(email()))))
        .known(vec![None, Some(user(OWNER))])
        .with_address(Some(user(OWNER)))
        .linking(Err(conflict(constraint::IDENTITY)))
        .recheck(Ok(()));
    assert_eq!(ports.authenticate().unwrap(), expected(&user(OWNER)));
}

#[test]
fn an_account_that_the_same_user_made_meanwhile_is_nobody_elses() {
    let ports = Prepared::of(Ok(said(Some(email()))))
        .known(vec![None, Some(user(OWNER))])
        .with_address(Some(user(ADMIN)))
        .recheck(Ok(()));
    assert_eq!(ports.authenticate().unwrap(), expected(&user(OWNER)));
}
