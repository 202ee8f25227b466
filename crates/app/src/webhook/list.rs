use super::Webhooks;
use crate::Error;
use fasttrack_domain::{
    id::ProjectId,
    page::{Page, PageRequest},
    policy::{Actor, ProjectAction},
    webhook::Webhook,
};

#[derive(Clone, Debug)]
pub struct ListWebhooks {
    pub actor: Actor,
    pub project_id: ProjectId,
    pub page: PageRequest,
}

impl Webhooks {
    // @spec SPEC-025
    /// Lists the webhooks of a project that the actor may manage. Fails with [`Error::NotFound`] or
    /// [`Error::Forbidden`].
    #[tracing::instrument(name = "webhook.list", skip_all)]
    pub async fn list(&self, command: ListWebhooks) -> Result<Page<Webhook>, Error> {
        let ListWebhooks { actor, project_id, page } = command;
        let project = self.tasks.find_project(project_id, actor.id).await?.ok_or(Error::NotFound("project"))?;
        actor.authorize(project.action(ProjectAction::Manage))?;
        Ok(self.webhooks.list(project.id, page).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, project, run},
        webhook::fixtures::{finding_project, webhook},
    };
    use fasttrack_domain::{page::Cursor, ports::webhook::MockWebhookRepository};
    use std::sync::Arc;

    fn list(actor: Actor, is_there: bool, webhooks: MockWebhookRepository) -> Result<Page<Webhook>, Error> {
        let list = Webhooks { webhooks: Arc::new(webhooks), tasks: finding_project(is_there), ..Webhooks::mocked() };
        let page = PageRequest { cursor: Some(Cursor::after(2)), ..PageRequest::default() };
        run(list.list(ListWebhooks { actor, project_id: project().id, page }))
    }

    #[test]
    fn owner_and_admin_list_webhooks() {
        for actor in [OWNER, ADMIN] {
            let expected = Page { items: vec![webhook()], next: None };
            let answer = expected.clone();
            let mut webhooks = MockWebhookRepository::new();
            webhooks
                .expect_list()
                .times(1)
                .withf(|id, page| *id == project().id && page.cursor == Some(Cursor::after(2)))
                .return_once(|_, _| Ok(answer));
            assert_eq!(list(actor, true, webhooks).unwrap(), expected);
        }
    }

    #[test]
    fn existence_comes_before_permission() {
        for actor in [STRANGER, ASSIGNEE, VIEWER, COMMENTER, EDITOR] {
            let none = MockWebhookRepository::new;
            assert!(matches!(list(actor.clone(), false, none()), Err(Error::NotFound("project"))));
            assert!(matches!(list(actor, true, none()), Err(Error::Forbidden(_))));
        }
    }
}
