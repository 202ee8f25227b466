use super::Tickets;
use crate::Error;
use fasttrack_domain::token::{AccessClaims, TokenError};

impl Tickets {
    // @spec SPEC-005
    /// Redeems a ticket, and returns the claims of the access token that it stands for.
    ///
    /// [`Error::Token`] where the ticket or the token isn't good any more.
    #[tracing::instrument(name = "ticket.redeem", skip_all)]
    pub async fn redeem(&self, ticket: &str) -> Result<AccessClaims, Error> {
        let now = self.clock.now();
        let claims = self.uncounted.redeem(self.secrets.hash(ticket), now).await?.ok_or(TokenError::Invalid)?;
        self.verifier.confirm_access(&claims, now).await?;
        Ok(claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{claims, now, run, unavailable};
    use fasttrack_domain::{
        ports::{RepositoryError, secret::MockSecretSource, ticket::MockTicketRepository, token::MockTokenVerifier},
        ticket::SecretHash,
    };
    use std::sync::Arc;

    fn redeem(
        kept: Result<Option<AccessClaims>, RepositoryError>,
        rechecked: Option<Result<(), TokenError>>,
    ) -> Result<AccessClaims, Error> {
        let mut secrets = MockSecretSource::new();
        secrets.expect_hash().times(1).withf(|given| given == "a-ticket").return_once(|_| SecretHash::new([7; 32]));
        let mut tickets = MockTicketRepository::new();
        tickets
            .expect_redeem()
            .times(1)
            .withf(|hash, at| *hash == SecretHash::new([7; 32]) && *at == now())
            .return_once(|_, _| kept);
        let mut verifier = MockTokenVerifier::new();
        if let Some(rechecked) = rechecked {
            verifier
                .expect_confirm_access()
                .times(1)
                .withf(|said, at| *said == claims() && *at == now())
                .return_once(move |_, _| rechecked);
        }
        let (tickets, secrets, verifier) = (Arc::new(tickets), Arc::new(secrets), Arc::new(verifier));
        run(Tickets { uncounted: tickets, secrets, verifier, ..Tickets::mocked() }.redeem("a-ticket"))
    }

    #[test]
    fn a_ticket_stands_for_the_token_that_it_was_given_for() {
        assert_eq!(redeem(Ok(Some(claims())), Some(Ok(()))).unwrap(), claims());
    }

    #[test]
    fn an_unknown_or_spent_ticket_is_invalid() {
        assert!(matches!(redeem(Ok(None), None), Err(Error::Token(TokenError::Invalid))));
    }

    #[test]
    fn a_ticket_is_no_better_than_its_token_has_become() {
        for error in [TokenError::Expired, TokenError::Revoked, TokenError::Unavailable] {
            let result = redeem(Ok(Some(claims())), Some(Err(error)));
            assert!(matches!(result, Err(Error::Token(said)) if said == error), "{result:?}");
        }
    }

    #[test]
    fn an_outage_is_no_verdict_on_the_ticket() {
        assert!(matches!(redeem(Err(unavailable()), None), Err(Error::Unavailable { .. })));
    }
}
