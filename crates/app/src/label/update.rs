use super::{Labels, MISSING, find};
use crate::Error;
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, AuditObject, Origin},
    id::LabelId,
    label::{Label, LabelPatch},
    policy::{Actor, ProjectAction},
};

#[derive(Clone, Debug)]
pub struct UpdateLabel {
    pub actor: Actor,
    pub id: LabelId,
    pub patch: LabelPatch,
    pub origin: Origin,
}

impl Labels {
    // @spec SPEC-022
    /// Changes a label. Fails with [`Error::NotFound`], [`Error::Forbidden`] or [`Error::LabelNameTaken`].
    #[tracing::instrument(name = "label.update", skip_all)]
    pub async fn update(&self, command: UpdateLabel) -> Result<Label, Error> {
        let UpdateLabel { actor, id, patch, origin } = command;
        let found = find(&*self.labels, id, &actor).await?;
        let now = self.clock.now();
        let Some(mut change) = found.label.apply(patch, now) else { return Ok(found.label) };
        let permission = found.action(ProjectAction::ChangeTasks);
        let line = AuditEntry::by_role(&actor, permission, now, AuditAction::LabelUpdated, &origin);
        let fields = AuditChanges::of_label(&found.label, &change);
        change.audit = line.map(|line| line.with_object(AuditObject::Label(id)).with_changes(fields));
        self.labels.save(change).await?.ok_or(MISSING)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{
            ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, conflict, label, now, origin, parsed, run,
        },
        label::fixtures::finding,
    };
    use fasttrack_domain::{
        label::LabelChange,
        ports::{constraint, label::MockLabelRepository},
    };
    use std::sync::Arc;

    fn update(actor: Actor, name: &str, labels: MockLabelRepository) -> Result<Label, Error> {
        let update = Labels { labels: Arc::new(labels), ..Labels::mocked() };
        let patch = LabelPatch { name: Some(parsed(name)), color: None };
        run(update.update(UpdateLabel { actor, id: LabelId::new(3), patch, origin: origin() }))
    }

    #[test]
    fn only_what_changes_is_saved() {
        for actor in [OWNER, EDITOR, ADMIN] {
            let mut expected =
                LabelChange { id: LabelId::new(3), name: Some(parsed("Urgent")), color: None, at: now(), audit: None };
            let line = AuditEntry::new(now(), Some(ADMIN.id), AuditAction::LabelUpdated, origin())
                .with_object(AuditObject::Label(LabelId::new(3)))
                .with_changes(AuditChanges::of_label(&label(3), &expected));
            expected.audit = (actor == ADMIN).then_some(line);
            let renamed = Label { name: parsed("Urgent"), ..label(3) };
            let answer = renamed.clone();
            let mut labels = finding(true);
            labels.expect_save().times(1).withf(move |change| *change == expected).return_once(|_| Ok(Some(answer)));
            assert_eq!(update(actor, "Urgent", labels).unwrap(), renamed);
        }
    }

    #[test]
    fn a_patch_that_changes_nothing_commits_nothing() {
        assert_eq!(update(OWNER, "Label 3", finding(true)).unwrap(), label(3));
    }

    #[test]
    fn others_are_refused_and_what_is_gone_is_not_found() {
        for actor in [STRANGER, ASSIGNEE, VIEWER, COMMENTER] {
            assert!(matches!(update(actor.clone(), "Urgent", finding(true)), Err(Error::Forbidden(_))));
            assert!(matches!(update(actor, "Urgent", finding(false)), Err(Error::NotFound("label"))));
        }
        let mut labels = finding(true);
        labels.expect_save().times(1).return_once(|_| Ok(None));
        assert!(matches!(update(OWNER, "Urgent", labels), Err(Error::NotFound("label"))));
    }

    #[test]
    fn a_name_that_is_taken_is_refused() {
        let mut labels = finding(true);
        labels.expect_save().times(1).return_once(|_| Err(conflict(constraint::LABEL_NAME)));
        assert!(matches!(update(OWNER, "Urgent", labels), Err(Error::LabelNameTaken)));
    }
}
