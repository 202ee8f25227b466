//! Somebody comments on a task.

use crate::{
    Error,
    retry::{unless_reference_gone, until_committed},
    task::find_workable,
};
use fasttrack_domain::{
    comment::{Comment, NewComment},
    id::TaskId,
    policy::Actor,
    ports::{clock::Clock, comment::CommentRepository, task::TaskRepository},
    text::CommentBody,
};
use std::sync::Arc;

/// The comment that is wanted.
#[derive(Clone, Debug)]
pub struct Command {
    /// Who writes it.
    pub actor: Actor,
    /// What it is about.
    pub task_id: TaskId,
    /// For people.
    pub body: CommentBody,
}

/// Makes a comment.
pub struct CreateComment {
    tasks: Arc<dyn TaskRepository>,
    comments: Arc<dyn CommentRepository>,
    clock: Arc<dyn Clock>,
}

impl CreateComment {
    /// Over these ports.
    pub fn new(tasks: Arc<dyn TaskRepository>, comments: Arc<dyn CommentRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { tasks, comments, clock }
    }

    /// The new comment. [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn execute(&self, command: Command) -> Result<Comment, Error> {
        until_committed(|| self.attempt(&command)).await
    }

    async fn attempt(&self, command: &Command) -> Result<Option<Comment>, Error> {
        let task = find_workable(&*self.tasks, command.task_id, command.actor).await?;
        let comment = NewComment::on(&task, command.actor.id, command.body.clone(), self.clock.now());
        unless_reference_gone(self.comments.create(comment).await)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, ASSIGNEE, OWNER, STRANGER, clock, conflict, now, parsed, run, task};
    use fasttrack_domain::{
        id::CommentId,
        ports::{comment::MockCommentRepository, constraint, task::MockTaskRepository},
        task::TaskInProject,
    };

    fn finding(found: Option<TaskInProject>) -> MockTaskRepository {
        let mut tasks = MockTaskRepository::new();
        tasks.expect_find().times(1).return_once(|_| Ok(found));
        tasks
    }

    fn create(actor: Actor, tasks: MockTaskRepository, comments: MockCommentRepository) -> Result<Comment, Error> {
        let create = CreateComment::new(Arc::new(tasks), Arc::new(comments), clock());
        run(create.execute(Command { actor, task_id: task().task.id, body: parsed("Which red?") }))
    }

    #[test]
    fn whoever_may_work_on_a_task_comments_on_it() {
        for actor in [OWNER, ASSIGNEE, ADMIN] {
            let expected = NewComment::on(&task(), actor.id, parsed("Which red?"), now());
            let comment = Comment {
                id: CommentId::new(3),
                task_id: task().task.id,
                author_id: actor.id,
                body: parsed("Which red?"),
                created_at: now(),
            };
            let answer = comment.clone();
            let mut comments = MockCommentRepository::new();
            comments.expect_create().times(1).withf(move |new| *new == expected).return_once(|_| Ok(answer));
            assert_eq!(create(actor, finding(Some(task())), comments).unwrap(), comment);
        }
    }

    #[test]
    fn a_stranger_comments_on_nothing() {
        let comments = MockCommentRepository::new;
        assert!(matches!(create(STRANGER, finding(None), comments()), Err(Error::NotFound("task"))));
        assert!(matches!(create(STRANGER, finding(Some(task())), comments()), Err(Error::Forbidden(_))));
    }

    #[test]
    fn a_task_that_vanishes_before_the_commit_is_not_found() {
        let mut tasks = finding(Some(task()));
        tasks.expect_find().times(1).return_once(|_| Ok(None));
        let mut comments = MockCommentRepository::new();
        comments.expect_create().times(1).return_once(|_| Err(conflict(constraint::REFERENCE)));
        assert!(matches!(create(OWNER, tasks, comments), Err(Error::NotFound("task"))));
    }
}
