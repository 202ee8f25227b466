use super::{Projects, find};
use crate::{Error, retry::until_committed};
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, AuditObject, Origin},
    id::ProjectId,
    policy::{Actor, ProjectAction},
    precondition::Precondition,
    project::{ProjectPatch, ProjectView},
};

#[derive(Clone, Debug)]
pub struct UpdateProject {
    pub actor: Actor,
    pub id: ProjectId,
    pub patch: ProjectPatch,
    pub precondition: Precondition,
    pub origin: Origin,
}

impl Projects {
    // @spec SPEC-003
    /// Changes a project that the actor may manage. Fails with [`Error::NotFound`], [`Error::Forbidden`] or
    /// [`Error::PreconditionFailed`].
    #[tracing::instrument(name = "project.update", skip_all)]
    pub async fn update(&self, command: UpdateProject) -> Result<ProjectView, Error> {
        until_committed(|| self.try_update(&command)).await
    }

    async fn try_update(&self, command: &UpdateProject) -> Result<Option<ProjectView>, Error> {
        let found = find(&*self.projects, command.id, &command.actor, ProjectAction::Manage).await?;
        let project = &found.project;
        command.precondition.check(project.version)?;
        let now = self.clock.now();
        let Some(mut change) = project.apply(command.patch.clone(), now) else { return Ok(Some(found)) };
        let permission = found.action(ProjectAction::Manage);
        let line = AuditEntry::by_role(&command.actor, permission, now, AuditAction::ProjectUpdated, &command.origin);
        let changes = AuditChanges::of_project(project, &change.project);
        change.audit = line.map(|line| line.with_object(AuditObject::Project(project.id)).with_changes(changes));
        change.watched_actor = found.has_webhooks.then_some(command.actor.id);
        let saved = self.projects.save(change).await?;
        Ok(saved.map(|project| ProjectView { project, ..found }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{
        ADMIN, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, membership, now, origin, parsed, project, run, view_of,
    };
    use fasttrack_domain::{
        ports::project::MockProjectRepository,
        project::{Project, ProjectStatus},
    };
    use std::sync::Arc;

    fn update(actor: Actor, precondition: Precondition, projects: MockProjectRepository) -> Result<Project, Error> {
        let patch = ProjectPatch { name: Some(parsed("Yard")), ..ProjectPatch::default() };
        let update = Projects { projects: Arc::new(projects), ..Projects::mocked() };
        let expected = membership(actor.id);
        let command = UpdateProject { actor, id: project().id, patch, precondition, origin: origin() };
        let updated = run(update.update(command))?;
        assert_eq!(updated.membership, expected);
        Ok(updated.project)
    }

    fn finding(found: Option<Project>) -> MockProjectRepository {
        let mut projects = MockProjectRepository::new();
        projects.expect_find().times(1).return_once(|_, reader| Ok(found.map(|project| view_of(project, reader))));
        projects
    }

    #[test]
    fn existence_then_permission_then_precondition() {
        let wrong = || Precondition::matching([3]);
        assert!(matches!(update(STRANGER, wrong(), finding(None)), Err(Error::NotFound("project"))));
        for actor in [STRANGER, VIEWER, COMMENTER, EDITOR] {
            assert!(matches!(update(actor, wrong(), finding(Some(project()))), Err(Error::Forbidden(_))));
        }
        assert!(matches!(update(OWNER, wrong(), finding(Some(project()))), Err(Error::PreconditionFailed(_))));
    }

    #[test]
    fn a_change_is_based_on_the_version_it_was_decided_on() {
        let mut projects = finding(Some(project()));
        projects
            .expect_save()
            .times(1)
            .withf(|change| change.based_on == 4 && change.watched_actor == Some(OWNER.id))
            .return_once(|change| Ok(Some(change.project)));
        let saved = update(OWNER, Precondition::matching([4]), projects).unwrap();
        assert_eq!((saved.name, saved.version), (parsed("Yard"), 5));
    }

    #[test]
    fn a_patch_that_changes_nothing_commits_nothing() {
        let yard = Project { name: parsed("Yard"), ..project() };
        assert_eq!(update(OWNER, Precondition::default(), finding(Some(yard.clone()))).unwrap(), yard);
    }

    /// Another request archives the project between the first load and the first save.
    fn overtaken() -> MockProjectRepository {
        let mut projects = finding(Some(project()));
        projects.expect_save().times(1).return_once(|_| Ok(None));
        let archived = Project { status: ProjectStatus::Archived, version: 5, ..project() };
        projects.expect_find().times(1).return_once(|_, reader| Ok(Some(view_of(archived, reader))));
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

    #[test]
    fn what_an_admin_changes_for_others_is_committed_with_its_line() {
        let line = AuditEntry::new(now(), Some(ADMIN.id), AuditAction::ProjectUpdated, origin())
            .with_object(AuditObject::Project(project().id))
            .with_changes(AuditChanges::default().field("name", project().name.as_str(), "Yard"));
        for (actor, expected) in [(ADMIN, Some(line)), (OWNER, None)] {
            let mut projects = finding(Some(project()));
            projects
                .expect_save()
                .times(1)
                .withf(move |change| change.audit == expected)
                .return_once(|change| Ok(Some(change.project)));
            update(actor, Precondition::default(), projects).unwrap();
        }
    }
}
