//! Domain events, dispatched from the outbox to their subscribers.

mod dispatch;

use crate::{Ports, subscriber};
use fasttrack_domain::ports::{
    notification_bus::NotificationBus,
    outbox::{EventSubscriber, Outbox},
};
use std::sync::Arc;

#[derive(Clone)]
pub struct Events {
    pub outbox: Arc<dyn Outbox>,
    pub bus: Arc<dyn NotificationBus>,
    /// Each event is passed to all of them, in this order.
    pub subscribers: Arc<[Arc<dyn EventSubscriber>]>,
}

impl Events {
    pub(crate) fn new(ports: &Ports) -> Self {
        Self { outbox: ports.repositories.outbox.clone(), bus: ports.bus.clone(), subscribers: subscriber::all() }
    }
}
