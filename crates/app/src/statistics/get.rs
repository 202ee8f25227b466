use super::Statistics;
use crate::Error;
use fasttrack_domain::{
    id::ProjectId,
    policy::{Action, Actor},
    statistics::ProjectStatistics,
};

impl Statistics {
    /// Returns the statistics of a project that the actor may manage. Fails with [`Error::NotFound`] or
    /// [`Error::Forbidden`].
    #[tracing::instrument(name = "statistics.get", skip_all)]
    pub async fn get(&self, actor: Actor, id: ProjectId) -> Result<ProjectStatistics, Error> {
        let found = self.statistics.find(id).await?.ok_or(Error::NotFound("project"))?;
        actor.authorize(Action::ManageProject { owner: found.owner_id })?;
        Ok(found.statistics)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, ASSIGNEE, OWNER, STRANGER, now, project, run};
    use fasttrack_domain::ports::statistics::{MockStatisticsRepository, OwnedStatistics};
    use std::sync::Arc;

    fn numbers() -> ProjectStatistics {
        ProjectStatistics { project_id: project().id, todo: 3, in_progress: 2, done: 1, updated_at: now() }
    }

    fn get(actor: Actor, found: Option<OwnedStatistics>) -> Result<ProjectStatistics, Error> {
        let mut statistics = MockStatisticsRepository::new();
        statistics.expect_find().times(1).withf(|id| *id == project().id).return_once(|_| Ok(found));
        run(Statistics { statistics: Arc::new(statistics), ..Statistics::mocked() }.get(actor, project().id))
    }

    #[test]
    fn owner_and_admin_see_the_numbers_and_others_do_not() {
        let found = || Some(OwnedStatistics { owner_id: OWNER.id, statistics: numbers() });
        for actor in [OWNER, ADMIN] {
            assert_eq!(get(actor, found()).unwrap(), numbers());
        }
        for actor in [ASSIGNEE, STRANGER] {
            assert!(matches!(get(actor, found()), Err(Error::Forbidden(_))));
        }
    }

    #[test]
    fn a_missing_project_is_not_found_whoever_asks() {
        for actor in [STRANGER, ADMIN] {
            assert!(matches!(get(actor, None), Err(Error::NotFound("project"))));
        }
    }
}
