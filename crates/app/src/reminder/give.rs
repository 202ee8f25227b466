use super::Reminders;
use crate::Error;

/// Maximum number of reminders in one transaction: a fraction of what a second allows, so that other writers don't wait
/// long.
const BATCH: u32 = 500;

impl Reminders {
    // @spec SPEC-022
    /// Gives the reminders that are due: their events wait in the outbox afterwards. Call it every second, on any number
    /// of nodes. Returns the number of events.
    ///
    /// [`Error::Unavailable`]: what is left can be given later.
    pub async fn give(&self) -> Result<u64, Error> {
        let mut count = 0;
        loop {
            let given = self.reminders.give(self.clock.now(), BATCH).await?;
            count += given.events;
            if !given.more {
                return Ok(count);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{clock, now, run, unavailable};
    use fasttrack_domain::ports::{
        RepositoryError,
        reminder::{GivenReminders, MockReminderRepository},
    };
    use std::sync::Arc;

    fn give(batches: Vec<Result<GivenReminders, RepositoryError>>) -> Result<u64, Error> {
        let mut reminders = MockReminderRepository::new();
        for batch in batches {
            reminders
                .expect_give()
                .times(1)
                .withf(|at, limit| *at == now() && *limit == BATCH)
                .return_once(|_, _| batch);
        }
        run(Reminders { reminders: Arc::new(reminders), clock: clock() }.give())
    }

    #[test]
    fn reminders_are_given_until_none_is_due() {
        let batch = |events, more| Ok(GivenReminders { events, more });
        assert_eq!(give(vec![batch(500, true), batch(0, true), batch(7, false)]).unwrap(), 507);
        assert_eq!(give(vec![batch(0, false)]).unwrap(), 0);
    }

    #[test]
    fn an_outage_ends_the_giving() {
        let result = give(vec![Ok(GivenReminders { events: 500, more: true }), Err(unavailable())]);
        assert!(matches!(result, Err(Error::Unavailable { .. })));
    }
}
