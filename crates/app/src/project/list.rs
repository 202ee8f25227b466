use super::Projects;
use crate::Error;
use fasttrack_domain::{
    page::{Page, PageRequest},
    policy::{Action, Actor},
    project::{Project, ProjectFilter, ProjectStatus},
};

#[derive(Clone, Copy, Debug)]
pub struct ListProjects {
    pub actor: Actor,
    pub status: Option<ProjectStatus>,
    pub page: PageRequest,
}

impl Projects {
    // @spec SPEC-003
    /// Lists the actor's own projects; for an administrator, all projects.
    #[tracing::instrument(name = "project.list", skip_all)]
    pub async fn list(&self, command: ListProjects) -> Result<Page<Project>, Error> {
        let ListProjects { actor, status, page } = command;
        let owner_id = (!actor.can(Action::ListAllProjects)).then_some(actor.id);
        Ok(self.projects.list(ProjectFilter { owner_id, status }, page).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, OWNER, project, run};
    use fasttrack_domain::ports::project::MockProjectRepository;
    use std::sync::Arc;

    #[test]
    fn a_user_sees_own_projects_and_an_admin_all() {
        let status = Some(ProjectStatus::Active);
        for (actor, owner_id) in [(OWNER, Some(OWNER.id)), (ADMIN, None)] {
            let mut projects = MockProjectRepository::new();
            projects
                .expect_list()
                .times(1)
                .withf(move |filter, page| {
                    *filter == ProjectFilter { owner_id, status } && *page == PageRequest::default()
                })
                .return_once(|_, _| Ok(Page { items: vec![project()], next: None }));
            let list = Projects { projects: Arc::new(projects), ..Projects::mocked() };
            let page = run(list.list(ListProjects { actor, status, page: PageRequest::default() })).unwrap();
            assert_eq!(page.items, [project()]);
        }
    }
}
