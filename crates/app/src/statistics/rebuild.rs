//! Every project's numbers are counted anew.

use crate::Error;
use fasttrack_domain::ports::{clock::Clock, statistics::StatisticsRepository};
use std::sync::Arc;

/// Corrects what differs. For whoever holds the machine.
pub struct RebuildStatistics {
    statistics: Arc<dyn StatisticsRepository>,
    clock: Arc<dyn Clock>,
}

impl RebuildStatistics {
    /// Over these ports.
    pub fn new(statistics: Arc<dyn StatisticsRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { statistics, clock }
    }

    /// How many projects were corrected.
    pub async fn execute(&self) -> Result<u64, Error> {
        Ok(self.statistics.rebuild(self.clock.now()).await?)
    }
}
