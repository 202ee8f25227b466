use super::{
    Tasks,
    check::{Faults, Names, check_reminders},
    find,
};
use crate::{
    Error,
    retry::{unless_overtaken, until_committed},
};
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, AuditObject, Origin},
    id::TaskId,
    patch::Patch,
    policy::{Actor, TaskAction},
    precondition::Precondition,
    task::{TaskInProject, TaskPatch, TaskView},
};

#[derive(Clone, Debug)]
pub struct UpdateTask {
    pub actor: Actor,
    pub id: TaskId,
    pub patch: TaskPatch,
    pub precondition: Precondition,
    pub origin: Origin,
}

impl Tasks {
    // @spec SPEC-003
    // @decision DEC-0002
    // @norm NORM-ARCH-003
    /// Changes a task that the actor may work on.
    ///
    /// Fails with [`Error::Validation`] (`past` on a reminder), [`Error::NotFound`], [`Error::Forbidden`],
    /// [`Error::Validation`] (`unknown_user` on `assignee_id`, `unknown_label` on a label, `unknown_task`, `cycle` or
    /// `too_deep` on `parent_id`), [`Error::PreconditionFailed`] or [`Error::InvalidTransition`].
    #[tracing::instrument(name = "task.update", skip_all)]
    pub async fn update(&self, command: UpdateTask) -> Result<TaskView, Error> {
        if let Some(reminders) = &command.patch.reminders {
            check_reminders(reminders, self.clock.now(), "reminders")?;
        }
        until_committed(|| self.try_update(&command)).await
    }

    async fn try_update(&self, command: &UpdateTask) -> Result<Option<TaskView>, Error> {
        let UpdateTask { actor, id, patch, precondition, origin } = command;
        let found = find(&*self.tasks, *id, actor, TaskAction::Change).await?;
        let names = self.check_patch(patch, &found).await?;
        precondition.check(found.task.version)?;
        let now = self.clock.now();
        let Some(mut change) = found.apply(patch.clone(), actor.id, now)? else { return Ok(Some(found.into())) };
        let permission = found.action(TaskAction::Change);
        let line = AuditEntry::by_role(actor, permission, now, AuditAction::TaskUpdated, origin);
        let changes = AuditChanges::of_task(&found.task, &change.task);
        change.audit = line.map(|line| line.with_object(AuditObject::Task(found.task.id)).with_changes(changes));
        let saved = unless_overtaken(self.tasks.save(change).await)?.flatten();
        Ok(saved.map(|task| names.view(task)))
    }

    /// Checks what the patch refers to, and returns the names of the patched task.
    async fn check_patch(&self, patch: &TaskPatch, found: &TaskInProject) -> Result<Names, Error> {
        let (task, project) = (&found.task, found.project.id);
        let mut faults = Faults::default();
        let assignee = match patch.assignee_id {
            Patch::Set(next) if task.assignee_id != Some(next) => {
                self.find_assignee(next, "assignee_id", &mut faults).await?
            }
            // An assignee who was deactivated since may stay.
            Patch::Set(_) | Patch::Keep => found.assignee.clone(),
            Patch::Clear => None,
        };
        let labels = match &patch.labels {
            Some(requested) => self.find_labels(project, requested, "labels", &mut faults).await?,
            None => found.labels.clone(),
        };
        match patch.parent_id {
            Patch::Set(parent) if task.parent_id != Some(parent) => {
                self.check_parent(project, parent, Some(task.id), &mut faults).await?;
            }
            Patch::Set(_) | Patch::Keep | Patch::Clear => {}
        }
        faults.check()?;
        Ok(Names { assignee, labels })
    }
}

#[cfg(test)]
mod tests;
