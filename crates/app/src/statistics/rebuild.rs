use super::Statistics;
use crate::Error;

impl Statistics {
    // @spec SPEC-011
    /// Counts the tasks of every project anew, for an operator. Returns how many projects had wrong statistics.
    pub async fn rebuild(&self) -> Result<u64, Error> {
        Ok(self.statistics.rebuild(self.clock.now()).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{now, run};
    use fasttrack_domain::ports::statistics::MockStatisticsRepository;
    use std::sync::Arc;

    #[test]
    fn the_number_of_projects_that_were_corrected_is_told() {
        let mut statistics = MockStatisticsRepository::new();
        statistics.expect_rebuild().times(1).withf(|at| *at == now()).return_once(|_| Ok(3));
        assert_eq!(run(Statistics { statistics: Arc::new(statistics), ..Statistics::mocked() }.rebuild()).unwrap(), 3);
    }
}
