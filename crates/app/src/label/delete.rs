use super::{Labels, MISSING, find};
use crate::Error;
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, AuditObject, Origin},
    id::LabelId,
    policy::{Actor, ProjectAction},
};

#[derive(Clone, Debug)]
pub struct DeleteLabel {
    pub actor: Actor,
    pub id: LabelId,
    pub origin: Origin,
}

impl Labels {
    // @spec SPEC-022
    /// Deletes a label, which goes from every task. Fails with [`Error::NotFound`] or [`Error::Forbidden`].
    #[tracing::instrument(name = "label.delete", skip_all)]
    pub async fn delete(&self, command: DeleteLabel) -> Result<(), Error> {
        let DeleteLabel { actor, id, origin } = command;
        let found = find(&*self.labels, id, &actor).await?;
        let permission = found.action(ProjectAction::ChangeTasks);
        let now = self.clock.now();
        let line = AuditEntry::by_role(&actor, permission, now, AuditAction::LabelDeleted, &origin);
        let fields = AuditChanges::of_deleted_label(&found.label);
        let line = line.map(|line| line.with_object(AuditObject::Label(id)).with_changes(fields));
        if self.labels.delete(id, now, line).await? { Ok(()) } else { Err(MISSING) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, label, now, origin, run},
        label::fixtures::finding,
    };
    use fasttrack_domain::ports::label::MockLabelRepository;
    use std::sync::Arc;

    fn delete(actor: Actor, labels: MockLabelRepository) -> Result<(), Error> {
        let delete = Labels { labels: Arc::new(labels), ..Labels::mocked() };
        run(delete.delete(DeleteLabel { actor, id: LabelId::new(3), origin: origin() }))
    }

    #[test]
    fn owner_editor_and_admin_delete_a_label() {
        for (actor, is_there) in [(OWNER, true), (EDITOR, true), (ADMIN, true), (OWNER, false)] {
            let line = AuditEntry::new(now(), Some(ADMIN.id), AuditAction::LabelDeleted, origin())
                .with_object(AuditObject::Label(LabelId::new(3)))
                .with_changes(AuditChanges::of_deleted_label(&label(3)));
            let expected = (actor == ADMIN).then_some(line);
            let mut labels = finding(true);
            labels
                .expect_delete()
                .times(1)
                .withf(move |id, at, given| id.get() == 3 && *at == now() && *given == expected)
                .return_once(move |_, _, _| Ok(is_there));
            let deleted = delete(actor, labels);
            assert!(if is_there { deleted.is_ok() } else { matches!(deleted, Err(Error::NotFound("label"))) });
        }
    }

    #[test]
    fn others_delete_no_label() {
        for actor in [STRANGER, ASSIGNEE, VIEWER, COMMENTER] {
            assert!(matches!(delete(actor.clone(), finding(true)), Err(Error::Forbidden(_))));
            assert!(matches!(delete(actor, finding(false)), Err(Error::NotFound("label"))));
        }
    }
}
