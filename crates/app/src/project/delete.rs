use super::{Projects, find};
use crate::{Error, retry::until_committed};
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, AuditObject, Origin},
    id::ProjectId,
    policy::{Actor, ProjectAction},
    precondition::Precondition,
};

#[derive(Clone, Debug)]
pub struct DeleteProject {
    pub actor: Actor,
    pub id: ProjectId,
    pub precondition: Precondition,
    pub origin: Origin,
}

impl Projects {
    // @spec SPEC-003
    /// Deletes a project with its tasks and their comments.
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::PreconditionFailed`].
    #[tracing::instrument(name = "project.delete", skip_all)]
    pub async fn delete(&self, command: DeleteProject) -> Result<(), Error> {
        until_committed(|| self.try_delete(&command)).await
    }

    async fn try_delete(&self, command: &DeleteProject) -> Result<Option<()>, Error> {
        let found = find(&*self.projects, command.id, &command.actor, ProjectAction::Manage).await?;
        let (permission, project) = (found.action(ProjectAction::Manage), found.project);
        command.precondition.check(project.version)?;
        let now = self.clock.now();
        let line = AuditEntry::by_role(&command.actor, permission, now, AuditAction::ProjectDeleted, &command.origin);
        let changes = AuditChanges::of_deleted_project(&project);
        let line = line.map(|line| line.with_object(AuditObject::Project(project.id)).with_changes(changes));
        Ok(self.projects.delete(project.id, project.version, now, line).await?.then_some(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, now, origin, project, run, view_of};
    use fasttrack_domain::{ports::project::MockProjectRepository, project::Project};
    use std::sync::Arc;

    fn finding(found: Option<Project>) -> MockProjectRepository {
        let mut projects = MockProjectRepository::new();
        projects.expect_find().times(1).return_once(|_, reader| Ok(found.map(|project| view_of(project, reader))));
        projects
    }

    fn deleting(mut projects: MockProjectRepository, version: i64, answer: bool) -> MockProjectRepository {
        projects
            .expect_delete()
            .times(1)
            .withf(move |id, based_on, at, _| (*id, *based_on, *at) == (project().id, version, now()))
            .return_once(move |_, _, _, _| Ok(answer));
        projects
    }

    fn delete(actor: Actor, precondition: Precondition, projects: MockProjectRepository) -> Result<(), Error> {
        let delete = Projects { projects: Arc::new(projects), ..Projects::mocked() };
        run(delete.delete(DeleteProject { actor, id: project().id, precondition, origin: origin() }))
    }

    #[test]
    fn existence_then_permission_then_precondition() {
        let wrong = || Precondition::matching([3]);
        assert!(matches!(delete(STRANGER, wrong(), finding(None)), Err(Error::NotFound("project"))));
        for actor in [STRANGER, VIEWER, COMMENTER, EDITOR] {
            assert!(matches!(delete(actor, wrong(), finding(Some(project()))), Err(Error::Forbidden(_))));
        }
        assert!(matches!(delete(OWNER, wrong(), finding(Some(project()))), Err(Error::PreconditionFailed(_))));
    }

    #[test]
    fn owner_and_admin_delete_a_project() {
        for actor in [OWNER, ADMIN] {
            let projects = deleting(finding(Some(project())), 4, true);
            assert!(delete(actor, Precondition::matching([4]), projects).is_ok());
        }
    }

    #[test]
    fn a_change_in_between_is_looked_at_before_the_project_goes() {
        let mut projects = deleting(finding(Some(project())), 4, false);
        projects
            .expect_find()
            .times(1)
            .return_once(|_, reader| Ok(Some(view_of(Project { version: 5, ..project() }, reader))));
        assert!(delete(OWNER, Precondition::default(), deleting(projects, 5, true)).is_ok());
    }

    #[test]
    fn a_project_that_somebody_else_deletes_first_is_not_found() {
        let mut projects = deleting(finding(Some(project())), 4, false);
        projects.expect_find().times(1).return_once(|_, _| Ok(None));
        assert!(matches!(delete(OWNER, Precondition::default(), projects), Err(Error::NotFound("project"))));
    }

    #[test]
    fn what_an_admin_deletes_of_others_is_committed_with_its_line() {
        let line = AuditEntry::new(now(), Some(ADMIN.id), AuditAction::ProjectDeleted, origin())
            .with_object(AuditObject::Project(project().id))
            .with_changes(AuditChanges::of_deleted_project(&project()));
        for (actor, expected) in [(ADMIN, Some(line)), (OWNER, None)] {
            let mut projects = finding(Some(project()));
            projects
                .expect_delete()
                .times(1)
                .withf(move |_, _, _, line| *line == expected)
                .return_once(|_, _, _, _| Ok(true));
            delete(actor, Precondition::default(), projects).unwrap();
        }
    }
}
