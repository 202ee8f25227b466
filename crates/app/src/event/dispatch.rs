use super::Events;
use crate::Error;
use fasttrack_domain::ports::outbox::Dispatched;

/// Maximum of events in one transaction: a fraction of what a second allows, so that other writers don't wait long.
const BATCH: usize = 128;

impl Events {
    // @spec SPEC-011
    // @decision DEC-0008
    /// Dispatches events to the subscribers until none waits, and publishes hints. Returns how many events there were.
    ///
    /// [`Error::Unavailable`]: what is left can be dispatched later.
    pub async fn dispatch(&self) -> Result<usize, Error> {
        let mut count = 0;
        loop {
            let Dispatched { events, more, heads } = self.outbox.dispatch(self.subscribers.clone(), BATCH).await?;
            self.bus.publish(&heads);
            count += events;
            if !more {
                return Ok(count);
            }
        }
    }

    /// Waits until there may be an event to dispatch.
    pub async fn wait(&self) {
        self.outbox.wait().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ASSIGNEE, OWNER, run, unavailable};
    use fasttrack_domain::{
        id::UserId,
        notification::NotificationHead,
        ports::{RepositoryError, notification_bus::MockNotificationBus, outbox::MockOutbox},
    };
    use mockall::Sequence;
    use std::sync::Arc;

    fn batch(events: usize, more: bool, heads: &[(UserId, i64)]) -> Dispatched {
        Dispatched {
            events,
            more,
            heads: heads.iter().map(|&(user_id, seq)| NotificationHead { user_id, seq }).collect(),
        }
    }

    /// Dispatches these batches. The hints of each must be published before the next one begins.
    fn dispatch(batches: Vec<Result<Dispatched, RepositoryError>>) -> Result<usize, Error> {
        let (mut outbox, mut bus, mut order) = (MockOutbox::new(), MockNotificationBus::new(), Sequence::new());
        for batch in batches {
            let heads = batch.as_ref().ok().map(|batch| batch.heads.clone());
            outbox
                .expect_dispatch()
                .times(1)
                .in_sequence(&mut order)
                .withf(|subscribers, limit| subscribers.len() == 4 && *limit == BATCH)
                .return_once(|_, _| batch);
            if let Some(heads) = heads {
                bus.expect_publish()
                    .times(1)
                    .in_sequence(&mut order)
                    .withf(move |posted| posted == heads)
                    .return_const(());
            }
        }
        run(Events { outbox: Arc::new(outbox), subscribers: crate::subscriber::all(), bus: Arc::new(bus) }.dispatch())
    }

    #[test]
    fn events_are_dispatched_until_none_waits() {
        let batches = vec![
            Ok(batch(BATCH, true, &[(OWNER.id, 3), (ASSIGNEE.id, 90)])),
            Ok(batch(0, true, &[])),
            Ok(batch(5, false, &[(ASSIGNEE.id, 95)])),
        ];
        assert_eq!(dispatch(batches).unwrap(), BATCH + 5);
    }

    #[test]
    fn where_nothing_waits_nothing_is_done() {
        assert_eq!(dispatch(vec![Ok(Dispatched::default())]).unwrap(), 0);
    }

    #[test]
    fn an_outage_ends_it_and_keeps_what_was_put_up() {
        let result = dispatch(vec![Ok(batch(BATCH, true, &[(OWNER.id, 1)])), Err(unavailable())]);
        assert!(matches!(result, Err(Error::Unavailable { .. })));
    }

    #[test]
    fn dispatcher_waits_for_the_outbox() {
        let mut outbox = MockOutbox::new();
        outbox.expect_wait().times(1).return_const(());
        let (outbox, bus) = (Arc::new(outbox), Arc::new(MockNotificationBus::new()));
        run(Events { outbox, subscribers: crate::subscriber::all(), bus }.wait());
    }
}
