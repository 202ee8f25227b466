//! Somebody looks at a project's numbers.

use crate::Error;
use fasttrack_domain::{
    id::ProjectId,
    policy::{Action, Actor},
    ports::statistics::StatisticsRepository,
    statistics::ProjectStatistics,
};
use std::sync::Arc;

/// Of which project.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// Who asks.
    pub actor: Actor,
    /// Which.
    pub id: ProjectId,
}

/// Shows how many of a project's tasks stand where.
pub struct GetStatistics {
    statistics: Arc<dyn StatisticsRepository>,
}

impl GetStatistics {
    /// Over this port.
    pub fn new(statistics: Arc<dyn StatisticsRepository>) -> Self {
        Self { statistics }
    }

    /// The numbers. [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn execute(&self, command: Command) -> Result<ProjectStatistics, Error> {
        let found = self.statistics.find(command.id).await?.ok_or(Error::NotFound("project"))?;
        command.actor.must(Action::ManageProject { owner: found.owner_id })?;
        Ok(found.statistics)
    }
}
