use super::Comments;
use crate::{
    Creation, Error,
    idempotency::{Claim, once},
    retry::within_quota,
    task::find,
};
use fasttrack_domain::{
    api_token::Reach,
    audit::{AuditAction, AuditChanges, AuditEntry, Origin},
    comment::{Comment, CommentView, NewComment},
    id::TaskId,
    idempotency::KeyedRequest,
    policy::{Actor, TaskAction},
    quota::QuotaKind,
    text::CommentBody,
    token::TokenError,
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
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::IdempotencyKeyReused`], [`Error::QuotaExceeded`];
    /// [`Error::Token`] where the actor's account is gone.
    #[tracing::instrument(name = "comment.create", skip_all)]
    pub async fn create(&self, command: CreateComment) -> Result<Creation<CommentView>, Error> {
        let (actor, request) = (&command.actor, command.request.as_ref());
        // First, so that no comment is stored that can't be answered.
        let author = self.people.find(actor.id).await?.ok_or(TokenError::Revoked)?;
        let created =
            once(&*self.idempotency, &*self.clock, actor.id, request, |claim| self.try_create(&command, claim)).await?;
        if created.replayed {
            // Whoever lost access since gets nothing of the task.
            match self.tasks.find(command.task_id, actor.id).await? {
                Some(task) => actor.authorize(task.action(TaskAction::Comment))?,
                // Nothing says any more whether a token for some projects was for the task's.
                None if actor.reach != Reach::All => return Err(Error::NotFound("task")),
                None => {}
            }
        }
        Ok(created.map(|comment| CommentView { comment, author }))
    }

    async fn try_create(&self, command: &CreateComment, claim: Claim) -> Result<Option<Comment>, Error> {
        let task = find(&*self.tasks, command.task_id, &command.actor, TaskAction::Comment).await?;
        let (permission, now) = (task.action(TaskAction::Comment), self.clock.now());
        let line = AuditEntry::by_role(&command.actor, permission, now, AuditAction::CommentCreated, &command.origin);
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
        ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, conflict, keyed_request, knowing, narrowed, now,
        origin, parsed, run, seen_by, task, user,
    };
    use fasttrack_domain::{
        id::CommentId,
        idempotency::IdempotencyRecord,
        ports::{
            comment::MockCommentRepository, constraint, idempotency::MockIdempotencyRepository,
            people::MockPeopleRepository, task::MockTaskRepository,
        },
        task::TaskInProject,
    };
    use std::sync::Arc;

    fn finding(found: Option<TaskInProject>) -> MockTaskRepository {
        let mut tasks = MockTaskRepository::new();
        tasks.expect_find().times(1).return_once(|_, reader| Ok(found.map(|found| seen_by(reader, found))));
        tasks
    }

    /// People in which this author is found.
    fn knowing_author(author: Actor) -> Arc<MockPeopleRepository> {
        let mut people = MockPeopleRepository::new();
        let person = user(author).person();
        let id = person.id;
        people.expect_find().withf(move |asked| *asked == id).returning(move |_| Ok(Some(person.clone())));
        Arc::new(people)
    }

    fn create(actor: Actor, tasks: MockTaskRepository, comments: MockCommentRepository) -> Result<CommentView, Error> {
        let records = Arc::new(MockIdempotencyRepository::new());
        let create = Comments {
            tasks: Arc::new(tasks),
            comments: Arc::new(comments),
            people: knowing_author(actor.clone()),
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
    fn owner_editor_commenter_assignee_and_admin_comment() {
        for actor in [OWNER, EDITOR, COMMENTER, ASSIGNEE, ADMIN] {
            let changes = AuditChanges::default().set("task_id", task().task.id.get());
            let line =
                AuditEntry::new(now(), Some(ADMIN.id), AuditAction::CommentCreated, origin()).with_changes(changes);
            let expected = NewComment {
                quota: 7,
                audit: (actor == ADMIN).then_some(line),
                ..NewComment::on(&seen_by(actor.id, task()), actor.id, parsed("Which red?"), now())
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
            let created = create(actor.clone(), finding(Some(task())), comments).unwrap();
            assert_eq!(created, CommentView { comment, author: user(actor).person() });
        }
    }

    #[test]
    fn stranger_and_viewer_comment_on_nothing() {
        let comments = MockCommentRepository::new;
        for actor in [STRANGER, VIEWER] {
            assert!(matches!(create(actor.clone(), finding(None), comments()), Err(Error::NotFound("task"))));
            assert!(matches!(create(actor, finding(Some(task())), comments()), Err(Error::Forbidden(_))));
        }
    }

    fn comment_of_owner() -> Comment {
        Comment {
            id: CommentId::new(3),
            task_id: task().task.id,
            author_id: OWNER.id,
            body: parsed("Which red?"),
            created_at: now(),
        }
    }

    /// Repeats the request that made [`comment_of_owner`], as it finds the task.
    fn repeat(actor: Actor, found: Option<TaskInProject>) -> Result<Creation<CommentView>, Error> {
        let created = comment_of_owner().into();
        let record = IdempotencyRecord { fingerprint: keyed_request().fingerprint, created };
        let create = Comments {
            tasks: Arc::new(finding(found)),
            people: knowing_author(OWNER),
            idempotency: Arc::new(knowing([Some(record)])),
            ..Comments::mocked()
        };
        let (task_id, body, request) = (task().task.id, parsed("Which red?"), Some(keyed_request()));
        run(create.create(CreateComment { actor, task_id, body, origin: origin(), request }))
    }

    #[test]
    fn a_request_that_was_done_is_replayed_though_the_task_is_gone() {
        let entity = CommentView { comment: comment_of_owner(), author: user(OWNER).person() };
        assert_eq!(repeat(OWNER, None).unwrap(), Creation { entity, replayed: true });
    }

    #[test]
    fn nothing_is_replayed_to_a_token_for_other_projects() {
        assert!(repeat(narrowed(OWNER, &[7]), Some(task())).unwrap().replayed);
        assert!(matches!(repeat(narrowed(OWNER, &[8]), Some(task())), Err(Error::Forbidden(_))));
        assert!(matches!(repeat(narrowed(OWNER, &[7]), None), Err(Error::NotFound("task"))));
    }

    #[test]
    fn token_for_other_projects_comments_on_nothing() {
        for actor in [OWNER, ASSIGNEE, ADMIN] {
            let refused = create(narrowed(actor, &[8]), finding(Some(task())), MockCommentRepository::new());
            assert!(matches!(refused, Err(Error::Forbidden(_))));
        }
    }

    #[test]
    fn a_task_that_vanishes_before_the_commit_is_not_found() {
        let mut tasks = finding(Some(task()));
        tasks.expect_find().times(1).return_once(|_, _| Ok(None));
        let mut comments = MockCommentRepository::new();
        comments.expect_create().times(1).return_once(|_, _| Err(conflict(constraint::REFERENCE)));
        assert!(matches!(create(OWNER, tasks, comments), Err(Error::NotFound("task"))));
    }
}
