//! Statistics of projects.

mod get;
mod rebuild;

use fasttrack_domain::ports::{clock::Clock, statistics::StatisticsRepository};
use std::sync::Arc;

/// How many tasks of a project have which status.
#[derive(Clone)]
pub struct Statistics {
    pub statistics: Arc<dyn StatisticsRepository>,
    pub clock: Arc<dyn Clock>,
}

#[cfg(test)]
impl Statistics {
    /// Each mock fails the test that calls it. A test replaces the ports that it needs.
    pub(crate) fn mocked() -> Self {
        use fasttrack_domain::ports::statistics::MockStatisticsRepository;
        Self { statistics: Arc::new(MockStatisticsRepository::new()), clock: crate::fixtures::clock() }
    }
}
