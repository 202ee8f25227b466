use super::Invitations;
use crate::{Error, retry::until_committed};
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, AuditObject, Origin},
    invitation::FoundInvitation,
    membership::MAX_MEMBERS,
    policy::Actor,
    ports::constraint,
    project::ProjectView,
    quota::{QuotaExceeded, QuotaKind},
    token::{SecretToken, TokenError},
};

#[derive(Clone, Debug)]
pub struct AcceptInvitation {
    pub actor: Actor,
    /// The token from the mail. Whoever brings it becomes the member, whatever the address.
    pub token: SecretToken,
    pub origin: Origin,
}

impl Invitations {
    // @spec SPEC-020
    /// Exchanges an invitation for a membership. A member with a higher role keeps that.
    ///
    /// [`Error::InvalidInvitationToken`] where the token is unknown, used or expired, or the invitation was withdrawn or
    /// replaced; [`Error::QuotaExceeded`] where the project is full, and then the token stays valid; [`Error::Token`] where
    /// the actor's account is gone.
    #[tracing::instrument(name = "invitation.accept", skip_all)]
    pub async fn accept(&self, command: AcceptInvitation) -> Result<ProjectView, Error> {
        until_committed(|| self.try_accept(&command)).await
    }

    async fn try_accept(&self, command: &AcceptInvitation) -> Result<Option<ProjectView>, Error> {
        let (actor, now) = (&command.actor, self.clock.now());
        let hash = self.secrets.hash(command.token.expose());
        let found = self.invitations.find(hash, actor.id, now).await?.ok_or(Error::InvalidInvitationToken)?;
        let mut acceptance = found.accept(actor.id, hash, now);
        let (before, after) = (acceptance.before, Some(acceptance.role));
        if before != after {
            let action = if before.is_none() { AuditAction::MemberAdded } else { AuditAction::MemberUpdated };
            let line = AuditEntry::new(now, Some(actor.id), action, command.origin.clone())
                .with_object(AuditObject::Project(found.project.id))
                .with_changes(AuditChanges::of_member(actor.id, before, after));
            acceptance.audit = Some(line);
        }
        match self.invitations.accept(acceptance).await {
            Err(error) if error.is_conflict(constraint::REFERENCE) => Err(TokenError::Revoked.into()),
            Err(error) if error.is_conflict(constraint::QUOTA) => {
                Err(QuotaExceeded { kind: QuotaKind::Members, limit: MAX_MEMBERS }.into())
            }
            accepted => {
                let FoundInvitation { project, has_webhooks, .. } = found;
                Ok(accepted?.then_some(ProjectView { project, membership: after, has_webhooks }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{COMMENTER, EDITOR, STRANGER, VIEWER, conflict, membership, now, origin, project, run},
        invitation::fixtures::invitation,
    };
    use fasttrack_domain::{
        invitation::Acceptance,
        membership::MemberRole,
        ports::{invitation::MockInvitationRepository, secret::MockSecretSource},
        ticket::SecretHash,
    };
    use std::sync::Arc;

    const HASH: SecretHash = SecretHash::new([7; 32]);

    /// Invitations in which the token's is found or not, at each look.
    fn finding(looks: impl IntoIterator<Item = bool>) -> MockInvitationRepository {
        let mut invitations = MockInvitationRepository::new();
        for is_open in looks {
            invitations.expect_find().times(1).withf(|hash, _, at| *hash == HASH && *at == now()).return_once(
                move |_, reader, _| {
                    let (invitation, membership) = (invitation(), membership(reader));
                    Ok(is_open.then(|| FoundInvitation {
                        invitation,
                        project: project(),
                        membership,
                        has_webhooks: true,
                    }))
                },
            );
        }
        invitations
    }

    fn accept(actor: Actor, invitations: MockInvitationRepository) -> Result<ProjectView, Error> {
        let mut secrets = MockSecretSource::new();
        secrets.expect_hash().withf(|given| given == "s3cret").return_const(HASH);
        let (invitations, secrets) = (Arc::new(invitations), Arc::new(secrets));
        let accept = Invitations { invitations, secrets, ..Invitations::mocked() };
        let token = SecretToken::new("s3cret".to_owned());
        run(accept.accept(AcceptInvitation { actor, token, origin: origin() }))
    }

    #[test]
    fn whoever_brings_the_token_gets_the_role_and_none_is_lowered() {
        for (actor, role, action) in [
            (STRANGER, MemberRole::Commenter, Some(AuditAction::MemberAdded)),
            (VIEWER, MemberRole::Commenter, Some(AuditAction::MemberUpdated)),
            (COMMENTER, MemberRole::Commenter, None),
            (EDITOR, MemberRole::Editor, None),
        ] {
            let before = membership(actor.id);
            let line = |action| {
                AuditEntry::new(now(), Some(actor.id), action, origin())
                    .with_object(AuditObject::Project(project().id))
                    .with_changes(AuditChanges::of_member(actor.id, before, Some(role)))
            };
            let expected = Acceptance {
                hash: HASH,
                project_id: project().id,
                user_id: actor.id,
                before,
                role,
                at: now(),
                quota: 500,
                is_watched: true,
                audit: action.map(line),
            };
            let mut invitations = finding([true]);
            invitations.expect_accept().times(1).withf(move |given| *given == expected).return_once(|_| Ok(true));
            let shown = accept(actor, invitations).unwrap();
            assert_eq!(shown, ProjectView { project: project(), membership: Some(role), has_webhooks: true });
        }
    }

    #[test]
    fn token_that_is_not_open_is_invalid() {
        assert!(matches!(accept(STRANGER, finding([false])), Err(Error::InvalidInvitationToken)));
        let mut invitations = finding([true, false]);
        invitations.expect_accept().times(1).return_once(|_| Ok(false));
        assert!(matches!(accept(STRANGER, invitations), Err(Error::InvalidInvitationToken)));
    }

    #[test]
    fn full_project_and_erased_account_are_refused() {
        let refused = |constraint| {
            let mut invitations = finding([true]);
            invitations.expect_accept().times(1).return_once(move |_| Err(conflict(constraint)));
            accept(STRANGER, invitations)
        };
        assert!(matches!(refused(constraint::QUOTA), Err(Error::QuotaExceeded(error)) if error.limit == 500));
        assert!(matches!(refused(constraint::REFERENCE), Err(Error::Token(TokenError::Revoked))));
        assert!(matches!(refused("another"), Err(Error::Internal(_))));
    }
}
