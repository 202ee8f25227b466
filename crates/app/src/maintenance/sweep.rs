//! What has expired is forgotten.

use crate::{Error, auth::limit_logins::WINDOW_SECONDS};
use chrono::TimeDelta;
use fasttrack_domain::ports::{
    clock::Clock, idempotency::IdempotencyRepository, password_reset::PasswordResetRepository,
    rate_limit::LoginAttempts, revocation::RevocationRepository, session::SessionRepository, ticket::TicketRepository,
};
use std::sync::Arc;

/// A session that is over stays for a day, so that a spent refresh token which comes late is told from an unknown
/// one.
const SESSION_REST: TimeDelta = TimeDelta::days(1);

/// How many rows were forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swept {
    /// Entries of the blocklist whose tokens have expired.
    pub revocations: u64,
    /// Sessions that have been over for a day.
    pub sessions: u64,
    /// Requests whose idempotency keys have expired.
    pub requests: u64,
    /// Tickets that nobody redeemed in time.
    pub tickets: u64,
    /// Password-reset tokens that nobody used in time.
    pub resets: u64,
    /// Logins that failed too long ago to count.
    pub attempts: u64,
}

// @spec SPEC-011
/// Forgets what has expired. Any number of nodes may do so at once.
pub struct Sweep {
    revocations: Arc<dyn RevocationRepository>,
    sessions: Arc<dyn SessionRepository>,
    idempotency: Arc<dyn IdempotencyRepository>,
    tickets: Arc<dyn TicketRepository>,
    resets: Arc<dyn PasswordResetRepository>,
    attempts: Arc<dyn LoginAttempts>,
    clock: Arc<dyn Clock>,
}

impl Sweep {
    /// Over these ports.
    pub fn new(
        revocations: Arc<dyn RevocationRepository>,
        sessions: Arc<dyn SessionRepository>,
        idempotency: Arc<dyn IdempotencyRepository>,
        tickets: Arc<dyn TicketRepository>,
        resets: Arc<dyn PasswordResetRepository>,
        attempts: Arc<dyn LoginAttempts>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { revocations, sessions, idempotency, tickets, resets, attempts, clock }
    }

    /// Sweeps once. Where one kind can't be swept the others are all the same.
    pub async fn execute(&self) -> Result<Swept, Error> {
        let now = self.clock.now();
        let revocations = self.revocations.delete_expired(now).await;
        let sessions = self.sessions.delete_expired(now - SESSION_REST).await;
        let requests = self.idempotency.delete_expired(now).await;
        let tickets = self.tickets.delete_expired(now).await;
        let resets = self.resets.delete_expired(now).await;
        let attempts = self.attempts.delete_until(now - TimeDelta::seconds(WINDOW_SECONDS.get().into())).await;
        Ok(Swept {
            revocations: revocations?,
            sessions: sessions?,
            requests: requests?,
            tickets: tickets?,
            resets: resets?,
            attempts: attempts?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{clock, now, run, unavailable};
    use fasttrack_domain::ports::{
        RepositoryError, idempotency::MockIdempotencyRepository, password_reset::MockPasswordResetRepository,
        rate_limit::MockLoginAttempts, revocation::MockRevocationRepository, session::MockSessionRepository,
        ticket::MockTicketRepository,
    };

    fn sweep(revocations_swept: Result<u64, RepositoryError>) -> Result<Swept, Error> {
        let mut revocations = MockRevocationRepository::new();
        revocations.expect_delete_expired().times(1).withf(|at| *at == now()).return_once(|_| revocations_swept);
        let mut sessions = MockSessionRepository::new();
        let a_day_ago = now() - TimeDelta::days(1);
        sessions.expect_delete_expired().times(1).withf(move |before| *before == a_day_ago).return_once(|_| Ok(2));
        let mut idempotency = MockIdempotencyRepository::new();
        idempotency.expect_delete_expired().times(1).withf(|at| *at == now()).return_once(|_| Ok(3));
        let mut tickets = MockTicketRepository::new();
        tickets.expect_delete_expired().times(1).withf(|at| *at == now()).return_once(|_| Ok(4));
        let mut resets = MockPasswordResetRepository::new();
        resets.expect_delete_expired().times(1).withf(|at| *at == now()).return_once(|_| Ok(5));
        let mut attempts = MockLoginAttempts::new();
        let a_minute_ago = now() - TimeDelta::minutes(1);
        attempts.expect_delete_until().times(1).withf(move |until| *until == a_minute_ago).return_once(|_| Ok(6));
        let (sessions, idempotency, tickets) = (Arc::new(sessions), Arc::new(idempotency), Arc::new(tickets));
        let (resets, attempts) = (Arc::new(resets), Arc::new(attempts));
        run(Sweep::new(Arc::new(revocations), sessions, idempotency, tickets, resets, attempts, clock()).execute())
    }

    #[test]
    fn everything_that_has_expired_is_forgotten_and_sessions_a_day_later() {
        let swept = Swept { revocations: 1, sessions: 2, requests: 3, tickets: 4, resets: 5, attempts: 6 };
        assert_eq!(sweep(Ok(1)).unwrap(), swept);
    }

    #[test]
    fn what_can_not_be_swept_keeps_the_rest_from_nothing() {
        assert!(matches!(sweep(Err(unavailable())), Err(Error::Unavailable { .. })));
    }
}
