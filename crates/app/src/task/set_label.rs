use super::{Tasks, find};
use crate::{
    Error,
    retry::{unless_overtaken, until_committed},
};
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, AuditObject, Origin},
    id::{LabelId, TaskId},
    label::LabelIds,
    policy::{Actor, TaskAction},
    quota::{QuotaExceeded, QuotaKind},
};

#[derive(Clone, Debug)]
pub struct SetTaskLabel {
    pub actor: Actor,
    pub task_id: TaskId,
    pub label_id: LabelId,
    /// Whether the task has the label afterwards.
    pub is_set: bool,
    pub origin: Origin,
}

impl Tasks {
    // @spec SPEC-022
    /// Puts one label on a task, or takes it off. Nothing else of the task changes, whatever happens to it meanwhile.
    ///
    /// Fails with [`Error::NotFound`] (of the task, or of a label that isn't the project's), [`Error::Forbidden`] or
    /// [`Error::QuotaExceeded`].
    #[tracing::instrument(name = "task.set_label", skip_all)]
    pub async fn set_label(&self, command: SetTaskLabel) -> Result<(), Error> {
        until_committed(|| self.try_set_label(&command)).await
    }

    async fn try_set_label(&self, command: &SetTaskLabel) -> Result<Option<()>, Error> {
        let SetTaskLabel { actor, task_id, label_id, is_set, origin } = command;
        let found = find(&*self.tasks, *task_id, actor, TaskAction::Change).await?;
        if self.labels_of(found.project.id, vec![*label_id]).await?.is_empty() {
            return Err(Error::NotFound("label"));
        }
        let labels = &found.task.labels;
        let labels = if *is_set { labels.with(*label_id) } else { labels.without(*label_id) };
        if labels.as_slice().len() > LabelIds::MAX {
            return Err(QuotaExceeded { kind: QuotaKind::TaskLabels, limit: LabelIds::QUOTA }.into());
        }
        let now = self.clock.now();
        let Some(mut change) = found.set_labels(labels, actor.id, now) else { return Ok(Some(())) };
        let permission = found.action(TaskAction::Change);
        let line = AuditEntry::by_role(actor, permission, now, AuditAction::TaskUpdated, origin);
        let changes = AuditChanges::of_task(&found.task, &change.task);
        change.audit = line.map(|line| line.with_object(AuditObject::Task(*task_id)).with_changes(changes));
        Ok(unless_overtaken(self.tasks.save(change).await)?.flatten().map(drop))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{
        ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, conflict, label, origin, project, run, seen_by,
        task,
    };
    use fasttrack_domain::{
        ports::{constraint, label::MockLabelRepository, task::MockTaskRepository},
        requested::Difference,
        task::TaskInProject,
    };
    use std::sync::Arc;

    /// The task with these labels.
    fn labeled(ids: impl IntoIterator<Item = i64>) -> TaskInProject {
        let mut found = task();
        found.task.labels = ids.into_iter().map(LabelId::new).collect();
        found
    }

    fn finding(found: TaskInProject) -> MockTaskRepository {
        let mut tasks = MockTaskRepository::new();
        tasks.expect_find().times(1).return_once(|_, reader| Ok(Some(seen_by(reader, found))));
        tasks
    }

    /// Labels of the project, of which each look finds label 3, or nothing.
    fn knowing(looks: impl IntoIterator<Item = bool>) -> MockLabelRepository {
        let mut labels = MockLabelRepository::new();
        for is_known in looks {
            labels
                .expect_find_in_project()
                .times(1)
                .withf(|id, ids| *id == project().id && *ids == [LabelId::new(3)])
                .return_once(move |_, _| Ok(if is_known { vec![label(3)] } else { Vec::new() }));
        }
        labels
    }

    fn set(actor: Actor, is_set: bool, tasks: MockTaskRepository, labels: MockLabelRepository) -> Result<(), Error> {
        let (tasks, labels) = (Arc::new(tasks), Arc::new(labels));
        let (task_id, label_id) = (task().task.id, LabelId::new(3));
        let command = SetTaskLabel { actor, task_id, label_id, is_set, origin: origin() };
        run(Tasks { tasks, labels, ..Tasks::mocked() }.set_label(command))
    }

    #[test]
    fn whoever_may_change_a_task_sets_and_removes_its_labels() {
        let three = || vec![LabelId::new(3)];
        for actor in [OWNER, EDITOR, ASSIGNEE, ADMIN] {
            for (is_set, before, expected) in [
                (true, labeled([1]), Difference { added: three(), removed: Vec::new() }),
                (false, labeled([1, 3]), Difference { added: Vec::new(), removed: three() }),
            ] {
                let (mut tasks, is_admin) = (finding(before), actor == ADMIN);
                tasks
                    .expect_save()
                    .times(1)
                    .withf(move |change| {
                        change.labels == expected && change.audit.is_some() == is_admin && change.based_on == 4
                    })
                    .return_once(|change| Ok(Some(change.task)));
                set(actor.clone(), is_set, tasks, knowing([true])).unwrap();
            }
        }
    }

    #[test]
    fn label_that_is_there_already_or_not_there_changes_nothing() {
        set(OWNER, true, finding(labeled([3])), knowing([true])).unwrap();
        set(OWNER, false, finding(labeled([1])), knowing([true])).unwrap();
    }

    #[test]
    fn task_then_permission_then_label() {
        let mut missing = MockTaskRepository::new();
        missing.expect_find().return_once(|_, _| Ok(None));
        assert!(matches!(set(OWNER, true, missing, knowing([])), Err(Error::NotFound("task"))));
        for actor in [STRANGER, VIEWER, COMMENTER] {
            assert!(matches!(set(actor, true, finding(task()), knowing([])), Err(Error::Forbidden(_))));
        }
        for is_set in [true, false] {
            assert!(matches!(set(OWNER, is_set, finding(task()), knowing([false])), Err(Error::NotFound("label"))));
        }
    }

    #[test]
    fn a_task_has_twenty_labels_at_most() {
        let refused = set(OWNER, true, finding(labeled(10..30)), knowing([true]));
        assert!(matches!(refused, Err(Error::QuotaExceeded(error)) if error.limit == 20));
        set(OWNER, true, finding(labeled((10..29).chain([3]))), knowing([true])).unwrap();
    }

    #[test]
    fn label_that_is_deleted_meanwhile_is_not_found() {
        let mut tasks = finding(task());
        tasks.expect_save().times(1).return_once(|_| Err(conflict(constraint::REFERENCE)));
        tasks.expect_find().times(1).return_once(|_, _| Ok(Some(task())));
        assert!(matches!(set(OWNER, true, tasks, knowing([true, false])), Err(Error::NotFound("label"))));
    }

    #[test]
    fn labels_that_another_request_sets_meanwhile_stay() {
        let mut tasks = finding(task());
        tasks.expect_save().times(1).return_once(|_| Ok(None));
        tasks.expect_find().times(1).return_once(|_, _| Ok(Some(labeled([1]))));
        let both = labeled([1, 3]).task.labels;
        tasks
            .expect_save()
            .times(1)
            .withf(move |change| change.task.labels == both)
            .return_once(|change| Ok(Some(change.task)));
        set(OWNER, true, tasks, knowing([true, true])).unwrap();
    }
}
