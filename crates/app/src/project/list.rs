use super::Projects;
use crate::Error;
use fasttrack_domain::{
    membership::MemberRole,
    page::{Page, PageRequest},
    policy::{Action, Actor},
    project::{ProjectFilter, ProjectStatus, ProjectView},
};

#[derive(Clone, Copy, Debug)]
pub struct ListProjects {
    pub actor: Actor,
    /// Only projects in which the actor has this role.
    pub role: Option<MemberRole>,
    pub status: Option<ProjectStatus>,
    pub page: PageRequest,
}

impl Projects {
    // @spec SPEC-003
    /// The projects that the actor is a member of; all projects for an administrator.
    #[tracing::instrument(name = "project.list", skip_all)]
    pub async fn list(&self, command: ListProjects) -> Result<Page<ProjectView>, Error> {
        let ListProjects { actor, role, status, page } = command;
        let all = actor.can(Action::ListAllProjects);
        Ok(self.projects.list(ProjectFilter { reader: actor.id, all, role, status }, page).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, EDITOR, run, view};
    use fasttrack_domain::ports::project::MockProjectRepository;
    use std::sync::Arc;

    #[test]
    fn a_user_lists_projects_as_a_member_and_an_admin_all() {
        let (role, status) = (Some(MemberRole::Editor), Some(ProjectStatus::Active));
        for (actor, all) in [(EDITOR, false), (ADMIN, true)] {
            let expected = ProjectFilter { reader: actor.id, all, role, status };
            let mut projects = MockProjectRepository::new();
            projects
                .expect_list()
                .times(1)
                .withf(move |filter, page| *filter == expected && *page == PageRequest::default())
                .return_once(move |_, _| Ok(Page { items: vec![view(actor.id)], next: None }));
            let list = Projects { projects: Arc::new(projects), ..Projects::mocked() };
            let page = run(list.list(ListProjects { actor, role, status, page: PageRequest::default() })).unwrap();
            assert_eq!(page.items, [view(actor.id)]);
        }
    }
}
