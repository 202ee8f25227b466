//! Events become what follows from them.

use crate::Error;
use fasttrack_domain::ports::{
    news::NewsBoard,
    outbox::{Dispatched, EventSubscriber, Outbox},
};
use std::sync::Arc;

/// Events of one transaction at most: a fraction of what a second allows, so that nobody waits long behind it.
const BATCH: usize = 128;

/// Takes events out of the outbox, and puts up the news.
pub struct Dispatch {
    outbox: Arc<dyn Outbox>,
    subscribers: Arc<[Arc<dyn EventSubscriber>]>,
    board: Arc<dyn NewsBoard>,
}

impl Dispatch {
    /// To these subscribers, in this order.
    pub fn new(
        outbox: Arc<dyn Outbox>,
        subscribers: Arc<[Arc<dyn EventSubscriber>]>,
        board: Arc<dyn NewsBoard>,
    ) -> Self {
        Self { outbox, subscribers, board }
    }

    /// Until no event waits. How many there were. [`Error::Unavailable`]: what is left can be dispatched later.
    pub async fn execute(&self) -> Result<usize, Error> {
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

    /// Waits until there may be something to dispatch.
    pub async fn wait(&self) {
        self.outbox.wait().await;
    }
}
