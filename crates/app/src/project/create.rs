use super::Projects;
use crate::{
    Creation, Error,
    idempotency::{Claim, once},
    retry::within_quota,
};
use fasttrack_domain::{
    idempotency::KeyedRequest,
    policy::{Action, Actor},
    ports::constraint,
    project::{NewProject, Project, ProjectView},
    quota::QuotaKind,
    text::{Description, ProjectName},
    token::TokenError,
};

#[derive(Clone, Debug)]
pub struct CreateProject {
    pub actor: Actor,
    pub name: ProjectName,
    pub description: Option<Description>,
    /// Present where the client sent an idempotency key.
    pub request: Option<KeyedRequest>,
}

impl Projects {
    // @spec SPEC-003
    /// Creates an active project that the actor owns.
    ///
    /// [`Error::Forbidden`] by a token that is for some projects, [`Error::IdempotencyKeyReused`],
    /// [`Error::QuotaExceeded`]; [`Error::Token`] where the actor's account is gone.
    #[tracing::instrument(name = "project.create", skip_all)]
    pub async fn create(&self, command: CreateProject) -> Result<Creation<ProjectView>, Error> {
        let (actor, request) = (&command.actor, command.request.as_ref());
        actor.authorize(Action::CreateProject)?;
        let created =
            once(&*self.idempotency, &*self.clock, actor.id, request, |claim| self.try_create(&command, claim)).await?;
        Ok(created.map(ProjectView::of_owner))
    }

    async fn try_create(&self, command: &CreateProject, claim: Claim) -> Result<Option<Project>, Error> {
        let project = NewProject {
            name: command.name.clone(),
            description: command.description.clone(),
            owner_id: command.actor.id,
            created_at: self.clock.now(),
            quota: self.quota,
        };
        match self.projects.create(project, claim.idempotency()?).await {
            Err(error) if error.is_conflict(constraint::REFERENCE) => Err(TokenError::Revoked.into()),
            created => within_quota(created, QuotaKind::Projects, self.quota),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, OWNER, conflict, keyed_request, knowing, narrowed, now, parsed, project, run};
    use fasttrack_domain::{
        idempotency::{Idempotency, IdempotencyRecord},
        ports::{constraint, idempotency::MockIdempotencyRepository, project::MockProjectRepository},
    };
    use std::sync::Arc;

    fn create(
        actor: Actor,
        request: Option<KeyedRequest>,
        projects: MockProjectRepository,
        records: MockIdempotencyRepository,
    ) -> Result<Creation<ProjectView>, Error> {
        let command =
            CreateProject { actor, name: parsed("Garden"), description: Some(parsed("Behind the house")), request };
        run(Projects { projects: Arc::new(projects), idempotency: Arc::new(records), quota: 7, ..Projects::mocked() }
            .create(command))
    }

    #[test]
    fn whoever_makes_a_project_owns_it() {
        let expected = NewProject {
            name: parsed("Garden"),
            description: Some(parsed("Behind the house")),
            owner_id: OWNER.id,
            created_at: now(),
            quota: 7,
        };
        let mut projects = MockProjectRepository::new();
        projects
            .expect_create()
            .times(1)
            .withf(move |new, idempotency| *new == expected && idempotency.is_none())
            .return_once(|_, _| Ok(project()));
        let created = create(OWNER, None, projects, MockIdempotencyRepository::new());
        assert_eq!(created.unwrap(), Creation { entity: ProjectView::of_owner(project()), replayed: false });
    }

    #[test]
    fn token_for_some_projects_makes_none_and_gets_no_replay() {
        for actor in [OWNER, ADMIN] {
            for request in [None, Some(keyed_request())] {
                let (projects, records) = (MockProjectRepository::new(), MockIdempotencyRepository::new());
                let refused = create(narrowed(actor.clone(), &[7]), request, projects, records);
                assert!(matches!(refused, Err(Error::Forbidden(_))));
            }
        }
    }

    #[test]
    fn a_request_that_another_did_meanwhile_is_replayed() {
        let claim = Idempotency { request: keyed_request(), user_id: OWNER.id, at: now() };
        let mut projects = MockProjectRepository::new();
        projects
            .expect_create()
            .times(1)
            .withf(move |_, idempotency| *idempotency == Some(claim.clone()))
            .return_once(|_, _| Err(conflict(constraint::IDEMPOTENCY_KEY)));
        let done = IdempotencyRecord { fingerprint: keyed_request().fingerprint, created: project().into() };
        let created = create(OWNER, Some(keyed_request()), projects, knowing([None, Some(done)]));
        assert_eq!(created.unwrap(), Creation { entity: ProjectView::of_owner(project()), replayed: true });
    }

    #[test]
    fn full_account_and_erased_account_are_refused() {
        let refused = |constraint| {
            let mut projects = MockProjectRepository::new();
            projects.expect_create().times(1).return_once(move |_, _| Err(conflict(constraint)));
            create(OWNER, None, projects, MockIdempotencyRepository::new())
        };
        assert!(matches!(refused(constraint::QUOTA), Err(Error::QuotaExceeded(error)) if error.limit == 7));
        assert!(matches!(refused(constraint::REFERENCE), Err(Error::Token(TokenError::Revoked))));
    }
}
