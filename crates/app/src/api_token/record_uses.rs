use super::ApiTokens;
use crate::Error;

impl ApiTokens {
    // @spec SPEC-024
    /// Stores when tokens were last used, in one write for all uses since the last call. Without any, storage is not
    /// written. If the write fails, the next call stores these uses, too.
    pub async fn record_uses(&self) -> Result<(), Error> {
        let uses = self.verifier.take_uses();
        if uses.is_empty() {
            return Ok(());
        }
        let stored = self.tokens.record_uses(uses.clone()).await;
        if stored.is_err() {
            self.verifier.put_back_uses(uses);
        }
        Ok(stored?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{now, run, unavailable};
    use fasttrack_domain::{
        Timestamp,
        id::ApiTokenId,
        ports::{RepositoryError, api_token::MockApiTokenRepository, token::MockApiTokenVerifier},
    };
    use std::sync::Arc;

    fn uses() -> Vec<(ApiTokenId, Timestamp)> {
        vec![(ApiTokenId::new(5), now())]
    }

    fn record(stored: Result<(), RepositoryError>) -> Result<(), Error> {
        let (mut tokens, mut verifier) = (MockApiTokenRepository::new(), MockApiTokenVerifier::new());
        verifier.expect_take_uses().times(1).return_once(uses);
        let times = usize::from(stored.is_err());
        verifier.expect_put_back_uses().times(times).withf(|given| *given == uses()).return_const(());
        tokens.expect_record_uses().times(1).withf(|given| *given == uses()).return_once(|_| stored);
        let (tokens, verifier) = (Arc::new(tokens), Arc::new(verifier));
        run(ApiTokens { tokens, verifier, ..ApiTokens::mocked() }.record_uses())
    }

    #[test]
    fn uses_are_kept_until_they_are_stored() {
        assert!(record(Ok(())).is_ok());
        assert!(matches!(record(Err(unavailable())), Err(Error::Unavailable { .. })));
    }

    #[test]
    fn nothing_is_written_without_a_use() {
        let mut verifier = MockApiTokenVerifier::new();
        verifier.expect_take_uses().times(1).return_once(Vec::new);
        let tokens = ApiTokens { verifier: Arc::new(verifier), ..ApiTokens::mocked() };
        assert!(run(tokens.record_uses()).is_ok());
    }
}
