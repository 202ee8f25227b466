//! Domain events.

mod dispatch;

use fasttrack_domain::ports::{
    news::NewsBoard,
    outbox::{EventSubscriber, Outbox},
};
use std::sync::Arc;

/// Domain events that were committed to the outbox.
#[derive(Clone)]
pub struct Events {
    pub outbox: Arc<dyn Outbox>,
    pub board: Arc<dyn NewsBoard>,
    /// They receive each event in this order.
    pub subscribers: Arc<[Arc<dyn EventSubscriber>]>,
}
