//! Every project's numbers are counted anew.

use crate::Error;
use fasttrack_domain::ports::{clock::Clock, statistics::StatisticsRepository};
use std::sync::Arc;

// @spec SPEC-011
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{clock, now, run};
    use fasttrack_domain::ports::statistics::MockStatisticsRepository;

    #[test]
    fn the_number_of_projects_that_were_corrected_is_told() {
        let mut statistics = MockStatisticsRepository::new();
        statistics.expect_rebuild().times(1).withf(|at| *at == now()).return_once(|_| Ok(3));
        assert_eq!(run(RebuildStatistics::new(Arc::new(statistics), clock()).execute()).unwrap(), 3);
    }
}
