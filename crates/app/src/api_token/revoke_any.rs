use super::ApiTokens;
use crate::Error;
use fasttrack_domain::{audit::Origin, id::ApiTokenId};

impl ApiTokens {
    // @spec SPEC-024
    /// Revokes a token of any user, for an operator: no permission is checked. [`Error::NotFound`] where there is none, or
    /// it was revoked before.
    #[tracing::instrument(name = "token.revoke_any", skip_all)]
    pub async fn revoke_any(&self, id: ApiTokenId) -> Result<(), Error> {
        self.end(id, None, Origin::default()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{now, run};
    use fasttrack_domain::{
        api_token,
        audit::{AuditAction, AuditEntry, AuditObject},
        ports::{api_token::MockApiTokenRepository, revocation::MockBlocklist},
        ticket::SecretHash,
    };
    use std::sync::Arc;

    #[test]
    fn operator_revokes_a_token_of_anybody() {
        let id = ApiTokenId::new(5);
        let expected = api_token::revocation(&SecretHash::new([7; 32]), now());
        let (mut tokens, mut blocklist) = (MockApiTokenRepository::new(), MockBlocklist::new());
        let line = AuditEntry::new(now(), None, AuditAction::ApiTokenRevoked, Origin::default())
            .with_object(AuditObject::ApiToken(id));
        let revocation = expected.clone();
        tokens
            .expect_revoke()
            .times(1)
            .withf(move |given, user, at, audit| {
                *given == id && user.is_none() && *at == now() && audit.as_ref() == Some(&line)
            })
            .return_once(|_, _, _, _| Ok(Some(revocation)));
        blocklist.expect_block().times(1).withf(move |given| *given == expected).return_const(());
        let revoke = ApiTokens { tokens: Arc::new(tokens), blocklist: Arc::new(blocklist), ..ApiTokens::mocked() };
        assert!(run(revoke.revoke_any(id)).is_ok());
    }
}
