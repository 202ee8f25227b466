use super::Comments;
use crate::Error;
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, AuditObject, Origin},
    comment::CommentRemoval,
    id::CommentId,
    policy::Actor,
};

#[derive(Clone, Debug)]
pub struct DeleteComment {
    pub actor: Actor,
    pub id: CommentId,
    pub origin: Origin,
}

impl Comments {
    // @spec SPEC-003
    /// Deletes a comment; only its author and administrators may. Fails with [`Error::NotFound`] or
    /// [`Error::Forbidden`].
    #[tracing::instrument(name = "comment.delete", skip_all)]
    pub async fn delete(&self, command: DeleteComment) -> Result<(), Error> {
        let found = self.comments.find(command.id).await?.ok_or(Error::NotFound("comment"))?;
        let (permission, comment) = (found.deletion(), found.comment);
        command.actor.authorize(permission)?;
        let now = self.clock.now();
        let line = AuditEntry::by_role(&command.actor, permission, now, AuditAction::CommentDeleted, &command.origin);
        let changes =
            AuditChanges::default().unset("task_id", comment.task_id.get()).unset("author_id", comment.author_id.get());
        let line = line.map(|line| line.with_object(AuditObject::Comment(comment.id)).with_changes(changes));
        let removal = CommentRemoval { id: comment.id, actor_id: command.actor.id, at: now, audit: line };
        if self.comments.delete(removal).await? { Ok(()) } else { Err(Error::NotFound("comment")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, ASSIGNEE, OWNER, STRANGER, at, narrowed, now, origin, parsed, project, run, task};
    use fasttrack_domain::{
        comment::{Comment, CommentInProject},
        ports::comment::MockCommentRepository,
    };
    use std::sync::Arc;

    /// Finds a comment of ASSIGNEE's on a task of OWNER's project, where it `exists`.
    fn finding(exists: bool) -> MockCommentRepository {
        let comment = Comment {
            id: CommentId::new(3),
            task_id: task().task.id,
            author_id: ASSIGNEE.id,
            body: parsed("Which red?"),
            created_at: at(0),
        };
        let found = CommentInProject { comment, project_id: project().id };
        let mut comments = MockCommentRepository::new();
        comments.expect_find().times(1).return_once(move |_| Ok(exists.then_some(found)));
        comments
    }

    fn delete(actor: Actor, comments: MockCommentRepository) -> Result<(), Error> {
        run(Comments { comments: Arc::new(comments), ..Comments::mocked() }.delete(DeleteComment {
            actor,
            id: CommentId::new(3),
            origin: origin(),
        }))
    }

    #[test]
    fn author_and_admin_delete_a_comment() {
        for actor in [ASSIGNEE, ADMIN] {
            let mut comments = finding(true);
            let changes =
                AuditChanges::default().unset("task_id", task().task.id.get()).unset("author_id", ASSIGNEE.id.get());
            let line = AuditEntry::new(now(), Some(ADMIN.id), AuditAction::CommentDeleted, origin())
                .with_object(AuditObject::Comment(CommentId::new(3)))
                .with_changes(changes);
            let audit = (actor == ADMIN).then_some(line);
            let expected = CommentRemoval { id: CommentId::new(3), actor_id: actor.id, at: now(), audit };
            comments.expect_delete().times(1).withf(move |removal| *removal == expected).return_once(|_| Ok(true));
            assert!(delete(actor, comments).is_ok());
        }
    }

    #[test]
    fn nobody_else_does_not_even_the_owner_of_the_project() {
        for actor in [OWNER, STRANGER] {
            assert!(matches!(delete(actor.clone(), finding(true)), Err(Error::Forbidden(_))));
            assert!(matches!(delete(actor, finding(false)), Err(Error::NotFound("comment"))));
        }
    }

    #[test]
    fn token_for_other_projects_deletes_no_comment() {
        for actor in [ASSIGNEE, ADMIN] {
            let refused = delete(narrowed(actor.clone(), &[8]), finding(true));
            assert!(matches!(refused, Err(Error::Forbidden(_))));
            let mut comments = finding(true);
            comments.expect_delete().times(1).return_once(|_| Ok(true));
            assert!(delete(narrowed(actor, &[7, 8]), comments).is_ok());
        }
    }

    #[test]
    fn a_comment_that_somebody_else_deletes_first_is_not_found() {
        let mut comments = finding(true);
        comments.expect_delete().times(1).return_once(|_| Ok(false));
        assert!(matches!(delete(ASSIGNEE, comments), Err(Error::NotFound("comment"))));
    }
}
