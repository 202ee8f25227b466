use super::Labels;
use crate::{
    Error,
    retry::{until_committed, within_quota},
};
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, Origin},
    id::ProjectId,
    label::{Color, Label, MAX_LABELS, NewLabel},
    policy::{Actor, ProjectAction},
    quota::QuotaKind,
    text::LabelName,
};

#[derive(Clone, Debug)]
pub struct CreateLabel {
    pub actor: Actor,
    pub project_id: ProjectId,
    pub name: LabelName,
    pub color: Color,
    pub origin: Origin,
}

impl Labels {
    // @spec SPEC-022
    /// Creates a label in a project that the actor may change tasks of.
    ///
    /// Fails with [`Error::NotFound`], [`Error::Forbidden`], [`Error::Archived`], [`Error::LabelNameTaken`] or
    /// [`Error::QuotaExceeded`].
    #[tracing::instrument(name = "label.create", skip_all)]
    pub async fn create(&self, command: CreateLabel) -> Result<Label, Error> {
        until_committed(|| self.try_create(&command)).await
    }

    async fn try_create(&self, command: &CreateLabel) -> Result<Option<Label>, Error> {
        let CreateLabel { actor, project_id, name, color, origin } = command;
        let found = self.tasks.find_project(*project_id, actor.id).await?;
        let project = found.ok_or(Error::NotFound("project"))?;
        let permission = project.action(ProjectAction::ChangeTasks);
        actor.authorize(permission)?;
        project.status.takes_tasks()?;
        let (project_id, name, color) = (project.id, name.clone(), color.clone());
        let now = self.clock.now();
        let mut label = NewLabel { project_id, name, color, created_at: now, quota: MAX_LABELS, audit: None };
        let line = AuditEntry::by_role(actor, permission, now, AuditAction::LabelCreated, origin);
        label.audit = line.map(|line| line.with_changes(AuditChanges::of_new_label(&label)));
        within_quota(self.labels.create(label).await, QuotaKind::Labels, MAX_LABELS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{
        ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, conflict, label, membership, now, origin, parsed,
        project, run, task_project,
    };
    use fasttrack_domain::{
        ports::{constraint, label::MockLabelRepository, task::MockTaskRepository},
        project::ProjectStatus,
        task::TaskProject,
    };
    use std::sync::Arc;

    fn finding(found: Option<TaskProject>) -> MockTaskRepository {
        let mut tasks = MockTaskRepository::new();
        tasks
            .expect_find_project()
            .times(1)
            .return_once(|_, reader| Ok(found.map(|found| TaskProject { membership: membership(reader), ..found })));
        tasks
    }

    fn create(actor: Actor, tasks: MockTaskRepository, labels: MockLabelRepository) -> Result<Label, Error> {
        let create = Labels { tasks: Arc::new(tasks), labels: Arc::new(labels), ..Labels::mocked() };
        let (name, color) = (parsed("Urgent"), Color::default());
        run(create.create(CreateLabel { actor, project_id: project().id, name, color, origin: origin() }))
    }

    #[test]
    fn owner_editor_and_admin_create_a_label() {
        for actor in [OWNER, EDITOR, ADMIN] {
            let (project_id, name, color) = (project().id, parsed("Urgent"), Color::default());
            let mut expected = NewLabel { project_id, name, color, created_at: now(), quota: 200, audit: None };
            let line = AuditEntry::new(now(), Some(ADMIN.id), AuditAction::LabelCreated, origin())
                .with_changes(AuditChanges::of_new_label(&expected));
            expected.audit = (actor == ADMIN).then_some(line);
            let mut labels = MockLabelRepository::new();
            labels.expect_create().times(1).withf(move |new| *new == expected).return_once(|_| Ok(label(3)));
            assert_eq!(create(actor, finding(Some(task_project())), labels).unwrap(), label(3));
        }
    }

    #[test]
    fn existence_then_permission_then_state() {
        let archived = || TaskProject { status: ProjectStatus::Archived, ..task_project() };
        let none = MockLabelRepository::new;
        assert!(matches!(create(STRANGER, finding(None), none()), Err(Error::NotFound("project"))));
        for actor in [STRANGER, ASSIGNEE, VIEWER, COMMENTER] {
            assert!(matches!(create(actor, finding(Some(archived())), none()), Err(Error::Forbidden(_))));
        }
        assert!(matches!(create(OWNER, finding(Some(archived())), none()), Err(Error::Archived(_))));
    }

    #[test]
    fn name_that_is_taken_and_label_beyond_the_quota_are_refused() {
        let refused = |constraint| {
            let mut labels = MockLabelRepository::new();
            labels.expect_create().times(1).return_once(move |_| Err(conflict(constraint)));
            create(OWNER, finding(Some(task_project())), labels)
        };
        assert!(matches!(refused(constraint::LABEL_NAME), Err(Error::LabelNameTaken)));
        assert!(matches!(refused(constraint::QUOTA), Err(Error::QuotaExceeded(error)) if error.limit == 200));
    }
}
