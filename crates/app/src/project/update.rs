//! Somebody changes a project.

use super::find_managed;
use crate::{Error, retry::until_committed};
use fasttrack_domain::{
    id::ProjectId,
    policy::Actor,
    ports::{clock::Clock, project::ProjectRepository},
    precondition::Precondition,
    project::{Project, ProjectPatch},
};
use std::sync::Arc;

/// What is to change.
#[derive(Clone, Debug)]
pub struct Command {
    /// Who asks.
    pub actor: Actor,
    /// Which project.
    pub id: ProjectId,
    /// Absent fields stay as they are.
    pub patch: ProjectPatch,
    /// What the change must be based on.
    pub precondition: Precondition,
}

// @spec SPEC-003
/// Changes a project.
pub struct UpdateProject {
    projects: Arc<dyn ProjectRepository>,
    clock: Arc<dyn Clock>,
}

impl UpdateProject {
    /// Over these ports.
    pub fn new(projects: Arc<dyn ProjectRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { projects, clock }
    }

    /// The project as it stands now. [`Error::NotFound`], [`Error::Forbidden`], [`Error::PreconditionFailed`].
    #[tracing::instrument(name = "project.update", skip_all)]
    pub async fn execute(&self, command: Command) -> Result<Project, Error> {
        until_committed(|| self.attempt(&command)).await
    }

    async fn attempt(&self, command: &Command) -> Result<Option<Project>, Error> {
        let project = find_managed(&*self.projects, command.id, command.actor).await?;
        command.precondition.check(project.version)?;
        match project.apply(command.patch.clone(), self.clock.now()) {
            Some(change) => Ok(self.projects.save(change).await?),
            None => Ok(Some(project)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{OWNER, STRANGER, clock, parsed, project, run};
    use fasttrack_domain::{ports::project::MockProjectRepository, project::ProjectStatus};

    fn update(actor: Actor, precondition: Precondition, projects: MockProjectRepository) -> Result<Project, Error> {
        let patch = ProjectPatch { name: Some(parsed("Yard")), ..ProjectPatch::default() };
        let update = UpdateProject::new(Arc::new(projects), clock());
        run(update.execute(Command { actor, id: project().id, patch, precondition }))
    }

    fn finding(found: Option<Project>) -> MockProjectRepository {
        let mut projects = MockProjectRepository::new();
        projects.expect_find().times(1).return_once(|_| Ok(found));
        projects
    }

    #[test]
    fn existence_comes_before_permission_and_permission_before_the_precondition() {
        let wrong = || Precondition::matching([3]);
        assert!(matches!(update(STRANGER, wrong(), finding(None)), Err(Error::NotFound("project"))));
        assert!(matches!(update(STRANGER, wrong(), finding(Some(project()))), Err(Error::Forbidden(_))));
        assert!(matches!(update(OWNER, wrong(), finding(Some(project()))), Err(Error::PreconditionFailed(_))));
    }

    #[test]
    fn a_change_is_based_on_the_version_it_was_decided_on() {
        let mut projects = finding(Some(project()));
        projects
            .expect_save()
            .times(1)
            .withf(|change| change.based_on == 4)
            .return_once(|change| Ok(Some(change.project)));
        let saved = update(OWNER, Precondition::matching([4]), projects).unwrap();
        assert_eq!((saved.name, saved.version), (parsed("Yard"), 5));
    }

    #[test]
    fn a_patch_that_changes_nothing_commits_nothing() {
        let yard = Project { name: parsed("Yard"), ..project() };
        assert_eq!(update(OWNER, Precondition::default(), finding(Some(yard.clone()))).unwrap(), yard);
    }

    /// Somebody archives the project between the first look and the first save.
    fn overtaken() -> MockProjectRepository {
        let mut projects = finding(Some(project()));
        projects.expect_save().times(1).return_once(|_| Ok(None));
        let archived = Project { status: ProjectStatus::Archived, version: 5, ..project() };
        projects.expect_find().times(1).return_once(|_| Ok(Some(archived)));
        projects
    }

    #[test]
    fn the_later_of_two_changes_is_applied_on_top_of_the_earlier() {
        let mut projects = overtaken();
        projects.expect_save().times(1).return_once(|change| Ok(Some(change.project)));
        let saved = update(OWNER, Precondition::default(), projects).unwrap();
        assert_eq!((saved.name, saved.status, saved.version), (parsed("Yard"), ProjectStatus::Archived, 6));
    }

    #[test]
    fn a_named_version_that_is_overtaken_fails_the_precondition() {
        let result = update(OWNER, Precondition::matching([4]), overtaken());
        assert!(matches!(result, Err(Error::PreconditionFailed(_))));
    }
}
