//! Projects' tasks are counted.

use fasttrack_domain::{
    event::Event,
    ports::outbox::{Consequence, EventSubscriber},
    statistics::StatisticsDelta,
    text::DisplayName,
};

/// Keeps a project's numbers up.
#[derive(Clone, Copy, Debug)]
pub struct Count;

impl EventSubscriber for Count {
    fn consequences(&self, event: &Event, _: &DisplayName) -> Vec<Consequence> {
        StatisticsDelta::of(event).map(Consequence::Count).into_iter().collect()
    }
}
