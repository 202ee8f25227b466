use super::Statistics;
use crate::Error;
use fasttrack_domain::{
    id::ProjectId,
    policy::{Action, Actor, ProjectAction},
    statistics::ProjectStatistics,
};

impl Statistics {
    /// Returns the statistics of a project that the actor may manage. Fails with [`Error::NotFound`] or
    /// [`Error::Forbidden`].
    #[tracing::instrument(name = "statistics.get", skip_all)]
    pub async fn get(&self, actor: Actor, id: ProjectId) -> Result<ProjectStatistics, Error> {
        let found = self.statistics.find(id, actor.id).await?.ok_or(Error::NotFound("project"))?;
        actor.authorize(Action::InProject {
            project: id,
            action: ProjectAction::Read,
            membership: found.membership,
        })?;
        Ok(found.statistics)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, membership, now, project, run};
    use fasttrack_domain::ports::statistics::{MockStatisticsRepository, StatisticsView};
    use std::sync::Arc;

    fn numbers() -> ProjectStatistics {
        ProjectStatistics { project_id: project().id, todo: 3, in_progress: 2, done: 1, updated_at: now() }
    }

    fn get(actor: Actor, found: Option<ProjectStatistics>) -> Result<ProjectStatistics, Error> {
        let view = |statistics, reader| StatisticsView { membership: membership(reader), statistics };
        let mut statistics = MockStatisticsRepository::new();
        statistics
            .expect_find()
            .times(1)
            .withf(|id, _| *id == project().id)
            .return_once(move |_, reader| Ok(found.map(|found| view(found, reader))));
        run(Statistics { statistics: Arc::new(statistics), ..Statistics::mocked() }.get(actor, project().id))
    }

    #[test]
    fn members_and_admin_see_the_numbers_and_others_do_not() {
        for actor in [OWNER, EDITOR, COMMENTER, VIEWER, ADMIN] {
            assert_eq!(get(actor, Some(numbers())).unwrap(), numbers());
        }
        for actor in [ASSIGNEE, STRANGER] {
            assert!(matches!(get(actor, Some(numbers())), Err(Error::Forbidden(_))));
        }
    }

    #[test]
    fn a_missing_project_is_not_found_whoever_asks() {
        for actor in [STRANGER, ADMIN] {
            assert!(matches!(get(actor, None), Err(Error::NotFound("project"))));
        }
    }
}
