use super::{
    Tasks,
    check::{Faults, Names, unknown_user},
};
use crate::{
    Creation, Error,
    idempotency::{Claim, once},
    retry::within_quota,
};
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, Origin},
    id::{LabelId, ProjectId, UserId},
    idempotency::KeyedRequest,
    label::Label,
    person::Person,
    policy::{Actor, ProjectAction},
    quota::QuotaKind,
    task::{BulkDrafts, LineageRequest, Lineages, NewTask, Task, TaskDraft, TaskView},
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::OnceLock,
};

#[derive(Clone, Debug)]
pub struct CreateTasks {
    pub actor: Actor,
    pub project_id: ProjectId,
    pub drafts: BulkDrafts,
    pub origin: Origin,
    /// Present where the client sent an idempotency key.
    pub request: Option<KeyedRequest>,
}

/// The names that the views of several tasks show.
#[derive(Debug, Default)]
struct ManyNames {
    people: HashMap<UserId, Person>,
    labels: HashMap<LabelId, Label>,
}

impl ManyNames {
    fn view(&self, task: Task) -> TaskView {
        let assignee = task.assignee_id.and_then(|id| self.people.get(&id)).cloned();
        let labels = task.labels.as_slice().iter().filter_map(|id| self.labels.get(id)).cloned().collect();
        Names { assignee, labels }.view(task)
    }
}

impl Tasks {
    // @spec SPEC-022
    /// Creates tasks of one project, all or none, and returns them in the order of the drafts. Faults name the draft, as
    /// in `tasks.3.assignee_id`.
    ///
    /// Fails as [`Tasks::create`] does.
    #[tracing::instrument(name = "task.create_all", skip_all)]
    pub async fn create_all(&self, command: CreateTasks) -> Result<Creation<Vec<TaskView>>, Error> {
        let (actor, request) = (&command.actor, command.request.as_ref());
        let known = OnceLock::new();
        let attempt = |claim| self.try_create_all(&command, &known, claim);
        let created: Creation<Vec<Task>> = once(&*self.idempotency, &*self.clock, actor.id, request, attempt).await?;
        if created.replayed {
            self.authorize_replay(command.project_id, actor).await?;
        }
        let names = match known.into_inner() {
            Some(names) => names,
            // Of a request that is replayed.
            None => self.many_names_of(command.project_id, &created.entity).await?,
        };
        Ok(created.map(|tasks| tasks.into_iter().map(|task| names.view(task)).collect()))
    }

    /// Sets `known` to the names of assignees and labels.
    async fn try_create_all(
        &self,
        command: &CreateTasks,
        known: &OnceLock<ManyNames>,
        claim: Claim,
    ) -> Result<Option<Vec<Task>>, Error> {
        let CreateTasks { actor, project_id, drafts, origin, .. } = command;
        let (drafts, now, mut past) = (drafts.as_slice(), self.clock.now(), Faults::default());
        for (place, draft) in drafts.iter().enumerate() {
            past.add(draft.reminders.past(now, &format!("tasks.{place}.reminders")));
        }
        past.check()?;
        let found = self.tasks.find_project(*project_id, actor.id).await?;
        let project = found.ok_or(Error::NotFound("project"))?;
        let permission = project.action(ProjectAction::ChangeTasks);
        actor.authorize(permission)?;
        let names = self.check_drafts(drafts, project.id).await?;
        known.get_or_init(|| names);
        project.status.takes_tasks()?;
        let create = |draft: &TaskDraft| {
            let mut task = NewTask::new(project.clone(), draft.clone(), actor.id, now, self.quota);
            let line = AuditEntry::by_role(actor, permission, now, AuditAction::TaskCreated, origin);
            task.audit = line.map(|line| line.with_changes(AuditChanges::of_new_task(&task)));
            task
        };
        let tasks = drafts.iter().map(create).collect();
        within_quota(self.tasks.create_all(tasks, claim.idempotency()?).await, QuotaKind::Tasks, self.quota)
    }

    /// Checks what the drafts refer to, by one query for each kind of it, and returns the names of it.
    async fn check_drafts(&self, drafts: &[TaskDraft], project: ProjectId) -> Result<ManyNames, Error> {
        let assignees: BTreeSet<_> = drafts.iter().filter_map(|draft| draft.assignee_id).collect();
        let labels: BTreeSet<_> = drafts.iter().flat_map(|draft| draft.labels.elements()).copied().collect();
        let parents: BTreeSet<_> = drafts.iter().filter_map(|draft| draft.parent_id).collect();

        let people = if assignees.is_empty() {
            Vec::new()
        } else {
            self.people.find_active(assignees.into_iter().collect()).await?
        };
        let labels = self.labels_of(project, labels.into_iter().collect()).await?;
        let lineages = if parents.is_empty() {
            Lineages::default()
        } else {
            let request = LineageRequest { parents: parents.into_iter().collect(), tasks: Vec::new() };
            self.tasks.find_lineages(project, request).await?
        };

        let mut faults = Faults::default();
        for (place, draft) in drafts.iter().enumerate() {
            let is_unknown = |id: UserId| !people.iter().any(|person| person.id == id);
            if draft.assignee_id.is_some_and(is_unknown) {
                faults.add([unknown_user(&format!("tasks.{place}.assignee_id"))]);
            }
            faults.add(draft.labels.unknown(&labels, &format!("tasks.{place}.labels")));
            let refused = draft.parent_id.and_then(|parent| lineages.check(parent, None).err());
            faults.add(refused.map(|invalid| invalid.at(format!("tasks.{place}.parent_id"))));
        }
        faults.check()?;
        Ok(ManyNames {
            people: people.into_iter().map(|person| (person.id, person)).collect(),
            labels: labels.into_iter().map(|label| (label.id, label)).collect(),
        })
    }

    /// The names of tasks that were created earlier.
    async fn many_names_of(&self, project: ProjectId, tasks: &[Task]) -> Result<ManyNames, Error> {
        let assignees: BTreeSet<_> = tasks.iter().filter_map(|task| task.assignee_id).collect();
        let labels: BTreeSet<_> = tasks.iter().flat_map(|task| task.labels.as_slice()).copied().collect();
        let mut names = ManyNames::default();
        if !assignees.is_empty() {
            let active = self.people.find_active(assignees.iter().copied().collect()).await?;
            names.people.extend(active.into_iter().map(|person| (person.id, person)));
        }
        // The few who were deactivated or erased since.
        for id in assignees.into_iter().filter(|id| !names.people.contains_key(id)).collect::<Vec<_>>() {
            let person = self.people.find(id).await?.unwrap_or_else(|| Person::deleted(id));
            names.people.insert(id, person);
        }
        let labels = self.labels_of(project, labels.into_iter().collect()).await?;
        names.labels = labels.into_iter().map(|label| (label.id, label)).collect();
        Ok(names)
    }
}

#[cfg(test)]
mod tests;
