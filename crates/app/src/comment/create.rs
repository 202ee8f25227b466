use super::Comments;
use crate::{
    Creation, Error,
    idempotency::{Claim, once},
    retry::within_quota,
    task::find_workable,
};
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, Origin},
    comment::{Comment, NewComment},
    id::TaskId,
    idempotency::KeyedRequest,
    policy::{Action, Actor},
    quota::QuotaKind,
    text::CommentBody,
};

#[derive(Clone, Debug)]
pub struct CreateComment {
    pub actor: Actor,
    pub task_id: TaskId,
    pub body: CommentBody,
    pub origin: Origin,
    /// Present where the client sent an idempotency key.
    pub request: Option<KeyedRequest>,
}

impl Comments {
    // @spec SPEC-003
    /// Creates a comment on a task that the actor may work on.
    ///
    /// Fails with [`Error::NotFound`], [`Error::Forbidden`], [`Error::IdempotencyKeyReused`] or
    /// [`Error::QuotaExceeded`].
    #[tracing::instrument(name = "comment.create", skip_all)]
    pub async fn create(&self, command: CreateComment) -> Result<Creation<Comment>, Error> {
        let (actor, request) = (command.actor, command.request.as_ref());
        once(&*self.idempotency, &*self.clock, actor.id, request, |claim| self.try_create(&command, claim)).await
    }

    async fn try_create(&self, command: &CreateComment, claim: Claim) -> Result<Option<Comment>, Error> {
        let task = find_workable(&*self.tasks, command.task_id, command.actor).await?;
        let permission = Action::WorkOnTask { owner: task.project.owner_id, assignee: task.task.assignee_id };
        let now = self.clock.now();
        let line = AuditEntry::by_role(command.actor, permission, now, AuditAction::CommentCreated, &command.origin);
        let changes = AuditChanges::default().set("task_id", task.task.id.get());
        let comment = NewComment {
            quota: self.quota,
            audit: line.map(|line| line.with_changes(changes)),
            ..NewComment::on(&task, command.actor.id, command.body.clone(), now)
        };
        within_quota(self.comments.create(comment, claim.idempotency()?).await, QuotaKind::Comments, self.quota)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{
        ADMIN, ASSIGNEE, OWNER, STRANGER, conflict, keyed_request, knowing, now, origin, parsed, run, task,
    };
    use fasttrack_domain::{
        id::CommentId,
        idempotency::IdempotencyRecord,
        ports::{
            comment::MockCommentRepository, constraint, idempotency::MockIdempotencyRepository,
            task::MockTaskRepository,
        },
        task::TaskInProject,
    };
    use std::sync::Arc;

    fn finding(found: Option<TaskInProject>) -> MockTaskRepository {
        let mut tasks = MockTaskRepository::new();
        tasks.expect_find().times(1).return_once(|_| Ok(found));
        tasks
    }

    fn create(actor: Actor, tasks: MockTaskRepository, comments: MockCommentRepository) -> Result<Comment, Error> {
        let records = Arc::new(MockIdempotencyRepository::new());
        let create = Comments {
            tasks: Arc::new(tasks),
            comments: Arc::new(comments),
            idempotency: records,
            quota: 7,
            ..Comments::mocked()
        };
        let command = CreateComment {
            actor,
            task_id: task().task.id,
            body: parsed("Which red?"),
            origin: origin(),
            request: None,
        };
        run(create.create(command)).map(|created| created.entity)
    }

    #[test]
    fn whoever_may_work_on_a_task_comments_on_it() {
        for actor in [OWNER, ASSIGNEE, ADMIN] {
            let changes = AuditChanges::default().set("task_id", task().task.id.get());
            let line =
                AuditEntry::new(now(), Some(ADMIN.id), AuditAction::CommentCreated, origin()).with_changes(changes);
            let expected = NewComment {
                quota: 7,
                audit: (actor == ADMIN).then_some(line),
                ..NewComment::on(&task(), actor.id, parsed("Which red?"), now())
            };
            let comment = Comment {
                id: CommentId::new(3),
                task_id: task().task.id,
                author_id: actor.id,
                body: parsed("Which red?"),
                created_at: now(),
            };
            let answer = comment.clone();
            let mut comments = MockCommentRepository::new();
            comments.expect_create().times(1).withf(move |new, _| *new == expected).return_once(|_, _| Ok(answer));
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
    fn a_request_that_was_done_is_replayed_though_the_task_is_gone() {
        let comment = Comment {
            id: CommentId::new(3),
            task_id: task().task.id,
            author_id: OWNER.id,
            body: parsed("Which red?"),
            created_at: now(),
        };
        let record = IdempotencyRecord { fingerprint: keyed_request().fingerprint, created: comment.clone().into() };
        let (tasks, comments) = (Arc::new(MockTaskRepository::new()), Arc::new(MockCommentRepository::new()));
        let create = Comments {
            tasks,
            comments,
            idempotency: Arc::new(knowing([Some(record)])),
            quota: 7,
            ..Comments::mocked()
        };
        let request = Some(keyed_request());
        let command = CreateComment {
            actor: OWNER,
            task_id: task().task.id,
            body: parsed("Which red?"),
            origin: origin(),
            request,
        };
        assert_eq!(run(create.create(command)).unwrap(), Creation { entity: comment, replayed: true });
    }

    #[test]
    fn a_task_that_vanishes_before_the_commit_is_not_found() {
        let mut tasks = finding(Some(task()));
        tasks.expect_find().times(1).return_once(|_| Ok(None));
        let mut comments = MockCommentRepository::new();
        comments.expect_create().times(1).return_once(|_, _| Err(conflict(constraint::REFERENCE)));
        assert!(matches!(create(OWNER, tasks, comments), Err(Error::NotFound("task"))));
    }
}
