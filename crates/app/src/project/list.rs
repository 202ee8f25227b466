use super::Projects;
use crate::Error;
use fasttrack_domain::{
    membership::MemberRole,
    page::{Page, PageRequest},
    policy::{Action, Actor},
    project::{ProjectFilter, ProjectStatus, ProjectView},
};

#[derive(Clone, Debug)]
pub struct ListProjects {
    pub actor: Actor,
    /// Only projects in which the actor has this role.
    pub role: Option<MemberRole>,
    pub status: Option<ProjectStatus>,
    pub page: PageRequest,
}

impl Projects {
    // @spec SPEC-003
    /// The projects that the actor is a member of; all projects for an administrator. Of these, those that the actor's
    /// token is for.
    #[tracing::instrument(name = "project.list", skip_all)]
    pub async fn list(&self, command: ListProjects) -> Result<Page<ProjectView>, Error> {
        let ListProjects { actor, role, status, page } = command;
        let all = actor.can(Action::ListAllProjects);
        let filter = ProjectFilter { reader: actor.id, all, role, status, reach: actor.reach };
        Ok(self.projects.list(filter, page).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, EDITOR, narrowed, run, view};
    use fasttrack_domain::ports::project::MockProjectRepository;
    use std::sync::Arc;

    #[test]
    fn a_user_lists_projects_as_a_member_and_an_admin_all() {
        let (role, status) = (Some(MemberRole::Editor), Some(ProjectStatus::Active));
        for (actor, all) in
            [(EDITOR, false), (ADMIN, true), (narrowed(EDITOR, &[8, 7]), false), (narrowed(ADMIN, &[8, 7]), true)]
        {
            let (reader, reach) = (actor.id, actor.reach.clone());
            let expected = ProjectFilter { reader, all, role, status, reach };
            let mut projects = MockProjectRepository::new();
            projects
                .expect_list()
                .times(1)
                .withf(move |filter, page| *filter == expected && *page == PageRequest::default())
                .return_once(move |_, _| Ok(Page { items: vec![view(reader)], next: None }));
            let list = Projects { projects: Arc::new(projects), ..Projects::mocked() };
            let page = run(list.list(ListProjects { actor, role, status, page: PageRequest::default() })).unwrap();
            assert_eq!(page.items, [view(reader)]);
        }
    }
}
