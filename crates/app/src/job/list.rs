//! An operator looks at the queue.

use crate::Error;
use fasttrack_domain::{
    job::{JobRecord, JobState},
    page::{Page, PageRequest},
    ports::{clock::Clock, job::JobQueue},
};
use std::sync::Arc;

/// Lists jobs. For whoever holds the machine.
pub struct ListJobs {
    queue: Arc<dyn JobQueue>,
    clock: Arc<dyn Clock>,
}

impl ListJobs {
    /// Over these ports.
    pub fn new(queue: Arc<dyn JobQueue>, clock: Arc<dyn Clock>) -> Self {
        Self { queue, clock }
    }

    /// A page, by ascending id.
    pub async fn execute(&self, state: Option<JobState>, page: PageRequest) -> Result<Page<JobRecord>, Error> {
        Ok(self.queue.list(state, self.clock.now(), page).await?)
    }
}
