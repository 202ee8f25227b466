//! Statistics of projects: how many tasks have which status.

mod get;
mod rebuild;

use crate::Ports;
use fasttrack_domain::ports::{clock::Clock, statistics::StatisticsRepository};
use std::sync::Arc;

#[derive(Clone)]
pub struct Statistics {
    pub statistics: Arc<dyn StatisticsRepository>,
    pub clock: Arc<dyn Clock>,
}

impl Statistics {
    pub(crate) fn new(ports: &Ports) -> Self {
        Self { statistics: ports.repositories.statistics.clone(), clock: ports.clock.clone() }
    }
}

#[cfg(test)]
impl Statistics {
    /// Returns mocks that expect no call. A test replaces those that it needs.
    pub(crate) fn mocked() -> Self {
        use fasttrack_domain::ports::statistics::MockStatisticsRepository;
        Self { statistics: Arc::new(MockStatisticsRepository::new()), clock: crate::fixtures::clock() }
    }
}
