//! Domain events, dispatched from the outbox to their subscribers.

mod dispatch;

use crate::{Ports, subscriber};
use fasttrack_domain::ports::{
    news::NewsBoard,
    outbox::{EventSubscriber, Outbox},
};
use std::sync::Arc;

#[derive(Clone)]
pub struct Events {
    pub outbox: Arc<dyn Outbox>,
    pub board: Arc<dyn NewsBoard>,
    /// Receive each event in this order.
    pub subscribers: Arc<[Arc<dyn EventSubscriber>]>,
}

impl Events {
    pub(crate) fn new(ports: &Ports) -> Self {
        Self { outbox: ports.repositories.outbox.clone(), board: ports.board.clone(), subscribers: subscriber::all() }
    }
}
