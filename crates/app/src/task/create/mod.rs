use super::{
    Tasks,
    check::{Faults, Names, check_reminders},
};
use crate::{
    Creation, Error,
    idempotency::{Claim, once},
    retry::within_quota,
};
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, Origin},
    id::ProjectId,
    idempotency::KeyedRequest,
    policy::{Actor, ProjectAction},
    quota::QuotaKind,
    task::{NewTask, Task, TaskDraft, TaskView},
};
use std::sync::OnceLock;

#[derive(Clone, Debug)]
pub struct CreateTask {
    pub actor: Actor,
    pub project_id: ProjectId,
    /// Its assignee has to be an active user; its labels and its parent have to be of the project.
    pub draft: TaskDraft,
    pub origin: Origin,
    /// Present where the client sent an idempotency key.
    pub request: Option<KeyedRequest>,
}

impl Tasks {
    // @spec SPEC-003
    /// Creates a task in a project that the actor may change tasks of.
    ///
    /// Fails with [`Error::Validation`] (`past` on a reminder), [`Error::NotFound`], [`Error::Forbidden`],
    /// [`Error::Validation`] (`unknown_user` on `assignee_id`, `unknown_label` on a label, `unknown_task` or `too_deep` on
    /// `parent_id`), [`Error::Archived`], [`Error::IdempotencyKeyReused`] or [`Error::QuotaExceeded`].
    #[tracing::instrument(name = "task.create", skip_all)]
    pub async fn create(&self, command: CreateTask) -> Result<Creation<TaskView>, Error> {
        let (actor, request) = (&command.actor, command.request.as_ref());
        let known = OnceLock::new();
        let attempt = |claim| self.try_create(&command, &known, claim);
        let created = once(&*self.idempotency, &*self.clock, actor.id, request, attempt).await?;
        if created.replayed {
            self.authorize_replay(command.project_id, actor).await?;
        }
        let names = match known.into_inner() {
            Some(names) => names,
            // Of a request that is replayed.
            None => self.names_of(&created.entity).await?,
        };
        Ok(created.map(|task| names.view(task)))
    }

    /// Refuses the tasks of a first request to whoever lost access to their project since.
    pub(super) async fn authorize_replay(&self, project_id: ProjectId, actor: &Actor) -> Result<(), Error> {
        match self.tasks.find_project(project_id, actor.id).await? {
            Some(project) => Ok(actor.authorize(project.action(ProjectAction::ChangeTasks))?),
            None if actor.reach.contains(project_id) => Ok(()),
            None => Err(Error::NotFound("project")),
        }
    }

    /// Sets `known` to the names of assignee and labels.
    async fn try_create(
        &self,
        command: &CreateTask,
        known: &OnceLock<Names>,
        claim: Claim,
    ) -> Result<Option<Task>, Error> {
        check_reminders(&command.draft.reminders, self.clock.now(), "reminders")?;
        let found = self.tasks.find_project(command.project_id, command.actor.id).await?;
        let project = found.ok_or(Error::NotFound("project"))?;
        let permission = project.action(ProjectAction::ChangeTasks);
        command.actor.authorize(permission)?;
        let names = self.check_draft(&command.draft, project.id).await?;
        known.get_or_init(|| names);
        project.status.takes_tasks()?;
        let now = self.clock.now();
        let line = AuditEntry::by_role(&command.actor, permission, now, AuditAction::TaskCreated, &command.origin);
        let mut task = NewTask::new(project, command.draft.clone(), command.actor.id, now, self.quota);
        task.audit = line.map(|line| line.with_changes(AuditChanges::of_new_task(&task)));
        within_quota(self.tasks.create(task, claim.idempotency()?).await, QuotaKind::Tasks, self.quota)
    }

    /// Checks what the draft refers to, and returns the names of it.
    async fn check_draft(&self, draft: &TaskDraft, project: ProjectId) -> Result<Names, Error> {
        let mut faults = Faults::default();
        let assignee = match draft.assignee_id {
            Some(id) => self.find_assignee(id, "assignee_id", &mut faults).await?,
            None => None,
        };
        let labels = self.find_labels(project, &draft.labels, "labels", &mut faults).await?;
        if let Some(parent) = draft.parent_id {
            self.check_parent(project, parent, None, &mut faults).await?;
        }
        faults.check()?;
        Ok(Names { assignee, labels })
    }
}

#[cfg(test)]
mod tests;
