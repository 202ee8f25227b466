use super::Events;
use crate::Error;
use fasttrack_domain::ports::outbox::Dispatched;

/// Maximum of events in one transaction: a fraction of what a second allows, so that other writers don't wait long.
const BATCH: usize = 128;

impl Events {
    // @spec SPEC-011
    // @decision DEC-0008
    /// Dispatches events to the subscribers until none waits, and posts the news. Returns how many events there were.
    ///
    /// [`Error::Unavailable`]: what is left can be dispatched later.
    pub async fn dispatch(&self) -> Result<usize, Error> {
        let mut count = 0;
        loop {
            let Dispatched { events, more, news } = self.outbox.dispatch(self.subscribers.clone(), BATCH).await?;
            self.board.post(&news);
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
        notification::News,
        ports::{RepositoryError, news::MockNewsBoard, outbox::MockOutbox},
    };
    use mockall::Sequence;
    use std::sync::Arc;

    fn batch(events: usize, more: bool, news: &[(UserId, i64)]) -> Dispatched {
        Dispatched { events, more, news: news.iter().map(|&(user_id, seq)| News { user_id, seq }).collect() }
    }

    /// Dispatches what the outbox gives; the news of each batch must be up before the next one is begun.
    fn dispatch(batches: Vec<Result<Dispatched, RepositoryError>>) -> Result<usize, Error> {
        let (mut outbox, mut board, mut order) = (MockOutbox::new(), MockNewsBoard::new(), Sequence::new());
        for batch in batches {
            let news = batch.as_ref().ok().map(|batch| batch.news.clone());
            outbox
                .expect_dispatch()
                .times(1)
                .in_sequence(&mut order)
                .withf(|subscribers, limit| subscribers.len() == 3 && *limit == BATCH)
                .return_once(|_, _| batch);
            if let Some(news) = news {
                board
                    .expect_post()
                    .times(1)
                    .in_sequence(&mut order)
                    .withf(move |posted| posted == news)
                    .return_const(());
            }
        }
        run(Events { outbox: Arc::new(outbox), subscribers: crate::subscriber::all(), board: Arc::new(board) }
            .dispatch())
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
}
