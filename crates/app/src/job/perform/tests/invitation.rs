//! Mails with an invitation.

use super::*;
use crate::fixtures::project;
use fasttrack_domain::{
    invitation::Invitation,
    membership::GrantedRole,
    ticket::{DrawnSecret, SecretHash},
    token::SecretToken,
};

const ID: InvitationId = InvitationId::new(3);
const HASH: SecretHash = SecretHash::new([7; 32]);

fn found() -> InvitationToSend {
    let invitation = Invitation {
        id: ID,
        project_id: project().id,
        email: email(),
        role: GrantedRole::Editor,
        created_at: now(),
        expires_at: now(),
    };
    InvitationToSend { invitation, project: project().name, invited_by: parsed("Bob") }
}

/// Does the job's `attempt`, where the invitation is open or not, and its token is kept or not.
fn invite(
    attempt: u32,
    found: Option<InvitationToSend>,
    kept: Option<bool>,
    mailer: MockMailer,
) -> Result<Performed, Failed> {
    let mut prepared = Prepared { mailer, ..Prepared::new() };
    prepared
        .invitations
        .expect_find_to_send()
        .times(1)
        .withf(|id, at| (*id, *at) == (ID, now()))
        .return_once(|_, _| Ok(found));
    if let Some(kept) = kept {
        let secret = SecretToken::new("s3cret".to_owned());
        prepared.secrets.expect_draw().times(1).return_once(|| DrawnSecret { secret, hash: HASH });
        let expected = NewInvitationToken { invitation_id: ID, hash: HASH, again: attempt > 1, created_at: now() };
        prepared
            .invitations
            .expect_set_token()
            .times(1)
            .withf(move |given| *given == expected)
            .return_once(move |_| Ok(kept));
    }
    prepared.perform(JobPayload::InvitationMail { invitation_id: ID }, attempt)
}

#[test]
fn invitation_names_who_invites_to_what_and_looks_up_no_account() {
    for attempt in [1, 2] {
        let mut mailer = MockMailer::new();
        mailer
            .expect_send()
            .times(1)
            .withf(|mail| {
                let Message::Invitation { project: name, role, invited_by, token, page: Some(page) } = &mail.message
                else {
                    return false;
                };
                (mail.id.as_str(), mail.name.as_str()) == ("nonce-1000000000", "ann")
                    && mail.to == email()
                    && (name, invited_by.as_str(), *role) == (&project().name, "Bob", GrantedRole::Editor)
                    && page.link(token) == "https://app.example.org/join/s3cret"
            })
            .return_once(|_| Ok(()));
        assert_eq!(invite(attempt, Some(found()), Some(true), mailer).unwrap(), Performed::Done);
    }
}

#[test]
fn closed_invitation_or_address_with_too_many_gets_no_mail() {
    invite(1, None, None, MockMailer::new()).unwrap();
    invite(1, Some(found()), Some(false), MockMailer::new()).unwrap();
}
