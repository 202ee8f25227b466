use super::Comments;
use crate::Error;
use fasttrack_domain::{
    comment::CommentView,
    id::TaskId,
    page::{Page, PageRequest},
    policy::{Action, Actor, TaskAction},
    ports::comment::TaskComments,
};

#[derive(Clone, Debug)]
pub struct ListComments {
    pub actor: Actor,
    pub task_id: TaskId,
    pub page: PageRequest,
}

impl Comments {
    /// Lists the comments on a task that the actor may work on. Fails with [`Error::NotFound`] or [`Error::Forbidden`].
    #[tracing::instrument(name = "comment.list", skip_all)]
    pub async fn list(&self, command: ListComments) -> Result<Page<CommentView>, Error> {
        let ListComments { actor, task_id, page } = command;
        let found = self.comments.list_on_task(task_id, actor.id, page).await?.ok_or(Error::NotFound("task"))?;
        let TaskComments { project_id: project, membership, assignee_id: assignee, page } = found;
        actor.authorize(Action::OnTask { project, action: TaskAction::Read, membership, assignee })?;
        Ok(page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{
        ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, membership, narrowed, project, run, task,
    };
    use fasttrack_domain::{page::Cursor, ports::comment::MockCommentRepository};
    use std::sync::Arc;

    fn list(actor: Actor, task_id: TaskId) -> Result<Page<CommentView>, Error> {
        let page = PageRequest { cursor: Some(Cursor::after(5)), ..PageRequest::default() };
        let mut comments = MockCommentRepository::new();
        comments.expect_list_on_task().times(1).withf(move |_, _, asked| *asked == page).returning(|id, reader, _| {
            let page = Page { items: vec![], next: Some(Cursor::after(6)) };
            let (project_id, assignee_id) = (project().id, Some(ASSIGNEE.id));
            let found = TaskComments { project_id, membership: membership(reader), assignee_id, page };
            Ok((id == task().task.id).then_some(found))
        });
        run(Comments { comments: Arc::new(comments), ..Comments::mocked() }.list(ListComments { actor, task_id, page }))
    }

    #[test]
    fn whoever_may_read_a_task_reads_its_comments() {
        for actor in [OWNER, EDITOR, COMMENTER, VIEWER, ASSIGNEE, ADMIN] {
            assert_eq!(list(actor, task().task.id).unwrap().next, Some(Cursor::after(6)));
        }
    }

    #[test]
    fn token_for_other_projects_lists_no_comments() {
        for actor in [OWNER, ASSIGNEE, ADMIN] {
            let refused = list(narrowed(actor.clone(), &[8]), task().task.id);
            assert!(matches!(refused, Err(Error::Forbidden(_))));
            assert!(list(narrowed(actor, &[7, 8]), task().task.id).is_ok());
        }
    }

    #[test]
    fn stranger_gets_forbidden_if_it_exists_else_not_found() {
        assert!(matches!(list(STRANGER, task().task.id), Err(Error::Forbidden(_))));
        assert!(matches!(list(STRANGER, TaskId::new(404)), Err(Error::NotFound("task"))));
    }
}
