use super::ApiTokens;
use crate::Error;
use fasttrack_domain::token::AccessClaims;

impl ApiTokens {
    /// Whether the text begins like an API token, so that it is verified here.
    pub fn is_api_token(&self, token: &str) -> bool {
        self.verifier.is_api_token(token)
    }

    // @spec SPEC-024
    /// The claims of a token that is decided from memory. `None` for one that [`look_up`](Self::look_up) has to read,
    /// which a caller can limit. [`Error::Token`] where the token isn't good.
    pub fn authenticate_cached(&self, token: &str) -> Option<Result<AccessClaims, Error>> {
        let verified = self.verifier.verify_cached(token, self.clock.now());
        verified.map(|verified| verified.map_err(Error::from))
    }

    /// The claims of a token, by storage. [`Error::Token`] where the token isn't good, or storage can't be read.
    pub async fn look_up(&self, token: &str) -> Result<AccessClaims, Error> {
        Ok(self.verifier.look_up(token, self.clock.now()).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{claims, now, run};
    use fasttrack_domain::{ports::token::MockApiTokenVerifier, token::TokenError};
    use std::sync::Arc;

    #[test]
    fn a_cached_decision_needs_no_storage() {
        for cached in [None, Some(Ok(claims())), Some(Err(TokenError::Revoked))] {
            let mut verifier = MockApiTokenVerifier::new();
            let answer = cached.clone();
            verifier
                .expect_verify_cached()
                .times(1)
                .withf(|token, at| token == "ft_x" && *at == now())
                .return_once(|_, _| answer);
            let tokens = ApiTokens { verifier: Arc::new(verifier), ..ApiTokens::mocked() };
            match (tokens.authenticate_cached("ft_x"), cached) {
                (None, None) => {}
                (Some(Ok(found)), Some(Ok(expected))) => assert_eq!(found, expected),
                (Some(Err(Error::Token(found))), Some(Err(expected))) => assert_eq!(found, expected),
                (found, expected) => panic!("{found:?} instead of {expected:?}"),
            }
        }
    }

    #[test]
    fn a_looked_up_token_is_good_or_refused() {
        for answer in [Ok(claims()), Err(TokenError::Invalid), Err(TokenError::Unavailable)] {
            let mut verifier = MockApiTokenVerifier::new();
            let expected = answer.clone();
            verifier
                .expect_look_up()
                .times(1)
                .withf(|token, at| token == "ft_x" && *at == now())
                .return_once(|_, _| answer);
            let tokens = ApiTokens { verifier: Arc::new(verifier), ..ApiTokens::mocked() };
            match (run(tokens.look_up("ft_x")), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected),
                (Err(Error::Token(found)), Err(expected)) => assert_eq!(found, expected),
                (found, expected) => panic!("{found:?} instead of {expected:?}"),
            }
        }
    }

    #[test]
    fn the_verifier_decides_what_begins_like_a_token() {
        for begins in [true, false] {
            let mut verifier = MockApiTokenVerifier::new();
            verifier.expect_is_api_token().times(1).withf(|token| token == "ft_x").return_const(begins);
            let tokens = ApiTokens { verifier: Arc::new(verifier), ..ApiTokens::mocked() };
            assert_eq!(tokens.is_api_token("ft_x"), begins);
        }
    }
}
