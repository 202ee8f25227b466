use super::ApiTokens;
use crate::Error;
use fasttrack_domain::{
    audit::{AuditAction, AuditEntry, AuditObject, Origin},
    id::{ApiTokenId, UserId},
};

#[derive(Clone, Debug)]
pub struct RevokeApiToken {
    pub user_id: UserId,
    pub id: ApiTokenId,
    pub origin: Origin,
}

impl ApiTokens {
    // @spec SPEC-024
    /// Revokes one of the user's own tokens. [`Error::NotFound`] where the user has no such token, or revoked it before.
    #[tracing::instrument(name = "token.revoke", skip_all)]
    pub async fn revoke(&self, command: RevokeApiToken) -> Result<(), Error> {
        self.end(command.id, Some(command.user_id), command.origin).await
    }

    /// Revokes a token of this user, or of any user for the command line.
    pub(super) async fn end(&self, id: ApiTokenId, user_id: Option<UserId>, origin: Origin) -> Result<(), Error> {
        let now = self.clock.now();
        let line =
            AuditEntry::new(now, user_id, AuditAction::ApiTokenRevoked, origin).with_object(AuditObject::ApiToken(id));
        let revoked = self.tokens.revoke(id, user_id, now, Some(line)).await?;
        self.blocklist.block(&revoked.ok_or(Error::NotFound("API token"))?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{OWNER, now, origin, run, unavailable};
    use fasttrack_domain::{
        api_token,
        ports::{RepositoryError, api_token::MockApiTokenRepository, revocation::MockBlocklist},
        revocation::Revocation,
        ticket::SecretHash,
    };
    use mockall::Sequence;
    use std::sync::Arc;

    const ID: ApiTokenId = ApiTokenId::new(5);

    fn revocation() -> Revocation {
        api_token::revocation(&SecretHash::new([7; 32]), now())
    }

    fn revoke(revoked: Result<Option<Revocation>, RepositoryError>) -> Result<(), Error> {
        let (mut tokens, mut blocklist, mut order) =
            (MockApiTokenRepository::new(), MockBlocklist::new(), Sequence::new());
        let blocks = matches!(revoked, Ok(Some(_)));
        let line = AuditEntry::new(now(), Some(OWNER.id), AuditAction::ApiTokenRevoked, origin())
            .with_object(AuditObject::ApiToken(ID));
        tokens
            .expect_revoke()
            .times(1)
            .in_sequence(&mut order)
            .withf(move |id, user, at, audit| {
                (*id, *user, *at) == (ID, Some(OWNER.id), now()) && audit.as_ref() == Some(&line)
            })
            .return_once(|_, _, _, _| revoked);
        if blocks {
            blocklist
                .expect_block()
                .times(1)
                .in_sequence(&mut order)
                .withf(|given| *given == revocation())
                .return_const(());
        }
        let revoke = ApiTokens { tokens: Arc::new(tokens), blocklist: Arc::new(blocklist), ..ApiTokens::mocked() };
        run(revoke.revoke(RevokeApiToken { user_id: OWNER.id, id: ID, origin: origin() }))
    }

    #[test]
    fn token_is_blocked_once_its_end_is_committed() {
        assert!(revoke(Ok(Some(revocation()))).is_ok());
    }

    #[test]
    fn unknown_token_is_not_found_and_blocks_nothing() {
        assert!(matches!(revoke(Ok(None)), Err(Error::NotFound("API token"))));
        assert!(matches!(revoke(Err(unavailable())), Err(Error::Unavailable { .. })));
    }
}
