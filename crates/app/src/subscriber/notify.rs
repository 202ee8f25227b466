//! Users are told of what others did.

use fasttrack_domain::{
    event::Event,
    notification::notifications_of,
    ports::outbox::{Consequence, EventSubscriber},
    text::DisplayName,
};

/// Tells those whom an event concerns.
#[derive(Clone, Copy, Debug)]
pub struct Notify;

impl EventSubscriber for Notify {
    fn consequences(&self, event: &Event, actor: &DisplayName) -> Vec<Consequence> {
        notifications_of(event, actor).into_iter().map(Consequence::Notify).collect()
    }
}
