use super::Tickets;
use crate::Error;
use fasttrack_domain::{
    ticket::{NewTicket, TICKET_LIFETIME},
    token::{AccessClaims, SecretToken},
};

impl Tickets {
    /// Issues a ticket for the bearer of an access token, good once and for [`TICKET_LIFETIME`].
    #[tracing::instrument(name = "ticket.issue", skip_all)]
    pub async fn issue(&self, claims: AccessClaims) -> Result<SecretToken, Error> {
        let drawn = self.secrets.draw();
        let expires_at = self.clock.now() + TICKET_LIFETIME;
        self.tickets.create(NewTicket { hash: drawn.hash, claims, expires_at }).await?;
        Ok(drawn.secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{at, claims, run, unavailable};
    use fasttrack_domain::{
        ports::{RepositoryError, secret::MockSecretSource, ticket::MockTicketRepository},
        ticket::{DrawnSecret, SecretHash},
    };
    use std::sync::Arc;

    fn issue(kept: Result<(), RepositoryError>) -> Result<SecretToken, Error> {
        let hash = SecretHash::new([7; 32]);
        let mut secrets = MockSecretSource::new();
        let secret = SecretToken::new("a-ticket".to_owned());
        secrets.expect_draw().times(1).return_once(move || DrawnSecret { secret, hash });
        let expected = NewTicket { hash, claims: claims(), expires_at: at(1030) };
        let mut tickets = MockTicketRepository::new();
        tickets.expect_create().times(1).withf(move |ticket| *ticket == expected).return_once(|_| kept);
        run(Tickets { tickets: Arc::new(tickets), secrets: Arc::new(secrets), ..Tickets::mocked() }.issue(claims()))
    }

    #[test]
    fn ticket_is_stored_as_hash_for_half_a_minute() {
        assert_eq!(issue(Ok(())).unwrap().expose(), "a-ticket");
    }

    #[test]
    fn a_ticket_that_was_not_kept_is_not_handed_out() {
        assert!(matches!(issue(Err(unavailable())), Err(Error::Unavailable { .. })));
    }
}
