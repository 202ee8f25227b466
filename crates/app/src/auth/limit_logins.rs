use crate::Error;
use fasttrack_domain::{
    ports::{
        clock::Clock,
        rate_limit::{LoginAttempt, LoginAttempts},
    },
    rate_limit::{Network, Quota},
};
use std::{num::NonZeroU32, sync::Arc};

/// A failed login counts against the limit for this long.
pub const WINDOW_SECONDS: NonZeroU32 = NonZeroU32::new(60).unwrap();

// @spec SPEC-007
/// Limits failed logins by network. An attempt counts before its password is compared, so that parallel guesses can't
/// exceed the limit.
pub struct LimitLogins {
    attempts: Arc<dyn LoginAttempts>,
    clock: Arc<dyn Clock>,
    quota: Quota,
}

impl LimitLogins {
    /// Allows at most `limit` failed logins within [`WINDOW_SECONDS`].
    pub fn new(attempts: Arc<dyn LoginAttempts>, clock: Arc<dyn Clock>, limit: NonZeroU32) -> Self {
        Self { attempts, clock, quota: Quota { limit, window_seconds: WINDOW_SECONDS } }
    }

    pub fn quota(&self) -> Quota {
        self.quota
    }

    /// Counts an attempt, unless the limit is reached.
    pub async fn begin(&self, network: Network) -> Result<LoginAttempt, Error> {
        Ok(self.attempts.begin(network, self.quota, self.clock.now()).await?)
    }

    /// Stops counting an attempt that did not fail.
    pub async fn forgive(&self, mut attempt: LoginAttempt) -> Result<LoginAttempt, Error> {
        if let Some(id) = attempt.id.take() {
            self.attempts.forgive(id).await?;
            attempt.status.remaining += 1;
        }
        Ok(attempt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{clock, now, run, unavailable};
    use fasttrack_domain::{id::LoginAttemptId, ports::rate_limit::MockLoginAttempts, rate_limit::RateLimitStatus};
    use std::{net::IpAddr, time::Duration};

    const ID: LoginAttemptId = LoginAttemptId::new(7);

    fn attempt(id: Option<LoginAttemptId>, remaining: u32) -> LoginAttempt {
        let more_after = Duration::from_mins(1);
        LoginAttempt { id, status: RateLimitStatus { is_allowed: id.is_some(), remaining, more_after } }
    }

    fn limit(attempts: MockLoginAttempts) -> LimitLogins {
        LimitLogins::new(Arc::new(attempts), clock(), NonZeroU32::new(5).unwrap())
    }

    #[test]
    fn attempt_counts_for_a_minute_unless_forgiven() {
        let network = IpAddr::from([203, 0, 113, 7]).into();
        let mut attempts = MockLoginAttempts::new();
        attempts.expect_begin().times(1).return_once(move |from, quota, at| {
            assert_eq!((from, quota.limit.get(), quota.window_seconds.get(), at), (network, 5, 60, now()));
            Ok(attempt(Some(ID), 4))
        });
        attempts.expect_forgive().times(1).withf(|id| *id == ID).return_once(|_| Ok(()));
        let limit = limit(attempts);
        let begun = run(limit.begin(network)).unwrap();
        let forgiven = run(limit.forgive(begun)).unwrap();
        assert_eq!((forgiven.id, forgiven.status.remaining), (None, 5));
        assert_eq!(run(limit.forgive(forgiven)).unwrap(), forgiven);
    }

    #[test]
    fn what_can_not_be_counted_is_no_login() {
        let mut attempts = MockLoginAttempts::new();
        attempts.expect_begin().return_once(|_, _, _| Err(unavailable()));
        let begun = run(limit(attempts).begin(IpAddr::from([203, 0, 113, 7]).into()));
        assert!(matches!(begun, Err(Error::Unavailable { .. })));
    }
}
