//! An operator gives dead jobs another chance.

use crate::Error;
use fasttrack_domain::{
    id::JobId,
    ports::{clock::Clock, job::JobQueue},
};
use std::sync::Arc;

/// Which.
#[derive(Clone, Copy, Debug)]
pub enum Command {
    /// This one.
    One(JobId),
    /// Every dead one.
    All,
}

/// Lets dead jobs be done again. For whoever holds the machine.
pub struct RetryJobs {
    queue: Arc<dyn JobQueue>,
    clock: Arc<dyn Clock>,
}

impl RetryJobs {
    /// Over these ports.
    pub fn new(queue: Arc<dyn JobQueue>, clock: Arc<dyn Clock>) -> Self {
        Self { queue, clock }
    }

    /// How many. [`Error::NotFound`] where there is no such dead job.
    pub async fn execute(&self, command: Command) -> Result<u64, Error> {
        let now = self.clock.now();
        match command {
            Command::All => Ok(self.queue.retry_all(now).await?),
            Command::One(id) if self.queue.retry(id, now).await? => Ok(1),
            Command::One(_) => Err(Error::NotFound("dead job")),
        }
    }
}
