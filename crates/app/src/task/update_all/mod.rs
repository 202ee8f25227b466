use super::{
    Tasks,
    check::{Faults, Names, check_reminders},
};
use crate::{
    Error,
    retry::{unless_overtaken, until_committed},
};
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, AuditObject, Origin},
    id::{ProjectId, TaskId},
    label::Label,
    patch::Patch,
    person::Person,
    policy::{Actor, ProjectAction},
    task::{BulkIds, InvalidTransitions, LineageRequest, Task, TaskChange, TaskInProject, TaskPatch, TaskView},
};
use std::collections::HashMap;

#[derive(Clone, Debug)]
pub struct UpdateTasks {
    pub actor: Actor,
    pub project_id: ProjectId,
    /// Different tasks of the project.
    pub ids: BulkIds,
    pub patch: TaskPatch,
    pub origin: Origin,
}

/// What a patch sets, found in storage.
struct Found {
    assignee: Option<Person>,
    /// Absent where the patch leaves labels as they are.
    labels: Option<Vec<Label>>,
}

impl Tasks {
    // @spec SPEC-022
    /// Applies one patch to tasks of one project, all or none, and returns them in the order of the ids. Faults name the
    /// place of an id, as in `ids.7`, or the field of the patch, as in `patch.assignee_id`.
    ///
    /// Fails as [`Tasks::update`] does, and with [`Error::InvalidTransitions`]. Whoever may change the tasks of the project
    /// may do it.
    #[tracing::instrument(name = "task.update_all", skip_all)]
    pub async fn update_all(&self, command: UpdateTasks) -> Result<Vec<TaskView>, Error> {
        if let Some(reminders) = &command.patch.reminders {
            check_reminders(reminders, self.clock.now(), "patch.reminders")?;
        }
        until_committed(|| self.try_update_all(&command)).await
    }

    async fn try_update_all(&self, command: &UpdateTasks) -> Result<Option<Vec<TaskView>>, Error> {
        let UpdateTasks { actor, project_id, ids, patch, .. } = command;
        let found = self.tasks.find_in_project(*project_id, ids.as_slice().to_vec(), actor.id).await?;
        let found = found.ok_or(Error::NotFound("project"))?;
        actor.authorize(found.project.action(ProjectAction::ChangeTasks))?;

        let mut faults = Faults::default();
        let tasks = ids.arrange(found.tasks).unwrap_or_else(|unknown| {
            faults.add(unknown);
            Vec::new()
        });
        let names = self.check_common_patch(patch, *project_id, &tasks, &mut faults).await?;
        faults.check()?;

        let changes = self.changes(command, &tasks)?;
        let mut saved: HashMap<TaskId, Task> = HashMap::new();
        if !changes.is_empty() {
            let Some(all) = unless_overtaken(self.tasks.save_all(changes).await)?.flatten() else { return Ok(None) };
            saved.extend(all.into_iter().map(|task| (task.id, task)));
        }
        Ok(Some(tasks.into_iter().map(|found| view(found, &mut saved, &names)).collect()))
    }

    /// Checks what the patch refers to, for all tasks.
    async fn check_common_patch(
        &self,
        patch: &TaskPatch,
        project: ProjectId,
        tasks: &[TaskInProject],
        faults: &mut Faults,
    ) -> Result<Found, Error> {
        let assignee = match patch.assignee_id {
            // Also where an id is unknown, so that both faults are named.
            Patch::Set(next) if tasks.is_empty() || tasks.iter().any(|found| found.task.assignee_id != Some(next)) => {
                self.find_assignee(next, "patch.assignee_id", faults).await?
            }
            Patch::Set(_) | Patch::Keep | Patch::Clear => None,
        };
        let labels = match &patch.labels {
            Some(requested) => Some(self.find_labels(project, requested, "patch.labels", faults).await?),
            None => None,
        };
        if let Patch::Set(parent) = patch.parent_id {
            self.check_common_parent(project, parent, tasks, faults).await?;
        }
        Ok(Found { assignee, labels })
    }

    /// Adds a fault for each task that may not be put under `parent`.
    async fn check_common_parent(
        &self,
        project: ProjectId,
        parent: TaskId,
        tasks: &[TaskInProject],
        faults: &mut Faults,
    ) -> Result<(), Error> {
        let is_moved = |found: &&TaskInProject| found.task.parent_id != Some(parent);
        let moved = tasks.iter().filter(is_moved).map(|found| found.task.id).collect();
        let request = LineageRequest { parents: vec![parent], tasks: moved };
        let lineages = self.tasks.find_lineages(project, request).await?;
        if !lineages.ancestors.contains_key(&parent) {
            faults.add(lineages.check(parent, None).err().map(|invalid| invalid.at("patch.parent_id")));
            return Ok(());
        }
        for (place, found) in tasks.iter().enumerate().filter(|(_, found)| is_moved(found)) {
            let refused = lineages.check(parent, Some(found.task.id)).err();
            faults.add(refused.map(|invalid| invalid.at(format!("ids.{place}"))));
        }
        Ok(())
    }

    /// The changes of the tasks that the patch changes.
    fn changes(&self, command: &UpdateTasks, tasks: &[TaskInProject]) -> Result<Vec<TaskChange>, Error> {
        let UpdateTasks { actor, patch, origin, .. } = command;
        let (now, mut changes, mut refused) = (self.clock.now(), Vec::new(), Vec::new());
        for (place, found) in tasks.iter().enumerate() {
            match found.apply(patch.clone(), actor.id, now) {
                Ok(None) => {}
                Ok(Some(mut change)) => {
                    let permission = found.project.action(ProjectAction::ChangeTasks);
                    let line = AuditEntry::by_role(actor, permission, now, AuditAction::TaskUpdated, origin);
                    let object = AuditObject::Task(found.task.id);
                    let fields = AuditChanges::of_task(&found.task, &change.task);
                    change.audit = line.map(|line| line.with_object(object).with_changes(fields));
                    changes.push(change);
                }
                Err(error) => refused.push(InvalidTransitions::detail(place, &error)),
            }
        }
        if refused.is_empty() { Ok(changes) } else { Err(InvalidTransitions(refused).into()) }
    }
}

/// The view of a task, as it was saved if it was changed.
fn view(found: TaskInProject, saved: &mut HashMap<TaskId, Task>, names: &Found) -> TaskView {
    let task = saved.remove(&found.task.id).unwrap_or_else(|| found.task.clone());
    let is_reassigned = task.assignee_id != found.task.assignee_id;
    let assignee = if is_reassigned { names.assignee.clone() } else { found.assignee };
    Names { assignee, labels: names.labels.clone().unwrap_or(found.labels) }.view(task)
}

#[cfg(test)]
mod tests;
