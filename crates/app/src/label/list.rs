use super::Labels;
use crate::Error;
use fasttrack_domain::{
    id::ProjectId,
    label::Label,
    page::{Page, PageRequest},
    policy::{Action, Actor, ProjectAction},
};

#[derive(Clone, Debug)]
pub struct ListLabels {
    pub actor: Actor,
    pub project_id: ProjectId,
    pub page: PageRequest,
}

impl Labels {
    /// Lists the labels of a project that the actor may read. Fails with [`Error::NotFound`] or [`Error::Forbidden`].
    #[tracing::instrument(name = "label.list", skip_all)]
    pub async fn list(&self, command: ListLabels) -> Result<Page<Label>, Error> {
        let ListLabels { actor, project_id, page } = command;
        let found = self.labels.list(project_id, actor.id, page).await?.ok_or(Error::NotFound("project"))?;
        actor.authorize(Action::InProject {
            project: project_id,
            action: ProjectAction::Read,
            membership: found.membership,
        })?;
        Ok(found.page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{
        ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, label, membership, project, run,
    };
    use fasttrack_domain::ports::label::{MockLabelRepository, ProjectLabels};
    use std::sync::Arc;

    fn list(actor: Actor, project_id: ProjectId) -> Result<Page<Label>, Error> {
        let mut labels = MockLabelRepository::new();
        labels.expect_list().times(1).withf(|_, _, page| *page == PageRequest::default()).returning(|id, reader, _| {
            let page = Page { items: vec![label(3)], next: None };
            Ok((id == project().id).then_some(ProjectLabels { membership: membership(reader), page }))
        });
        let list = Labels { labels: Arc::new(labels), ..Labels::mocked() };
        run(list.list(ListLabels { actor, project_id, page: PageRequest::default() }))
    }

    #[test]
    fn members_and_admin_list_the_labels_of_a_project() {
        for actor in [OWNER, EDITOR, COMMENTER, VIEWER, ADMIN] {
            assert_eq!(list(actor, project().id).unwrap().items, [label(3)]);
        }
    }

    #[test]
    fn a_task_in_the_project_is_not_enough_to_list_its_labels() {
        for actor in [STRANGER, ASSIGNEE] {
            assert!(matches!(list(actor.clone(), project().id), Err(Error::Forbidden(_))));
            assert!(matches!(list(actor, ProjectId::new(404)), Err(Error::NotFound("project"))));
        }
    }
}
