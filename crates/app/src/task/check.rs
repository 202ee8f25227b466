//! Values of tasks that only storage can judge. They are checked after the permission, as the answers reveal what exists.

use super::Tasks;
use crate::Error;
use fasttrack_domain::{
    Timestamp,
    field::{FieldError, Invalid},
    id::{LabelId, ProjectId, TaskId, UserId},
    label::Label,
    person::Person,
    requested::Requested,
    task::{LineageRequest, Task, TaskView},
};

/// The faults of a request, which is refused with all of them at once.
#[derive(Default)]
pub(super) struct Faults(Vec<FieldError>);

impl Faults {
    pub(super) fn add(&mut self, faults: impl IntoIterator<Item = FieldError>) {
        self.0.extend(faults);
    }

    /// Fails with [`Error::Validation`] if there are any.
    pub(super) fn check(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Validation(self.0)) }
    }
}

/// Fails with [`Error::Validation`] if a reminder isn't in the future; `field` is its path.
pub(super) fn check_reminders(reminders: &Requested<Timestamp>, now: Timestamp, field: &str) -> Result<(), Error> {
    let mut faults = Faults::default();
    faults.add(reminders.past(now, field));
    faults.check()
}

/// The fault of an assignee who is no active user.
pub(super) fn unknown_user(field: &str) -> FieldError {
    Invalid::new("unknown_user", "must be the id of an active user").at(field)
}

/// The names that a view of a task shows beside the task.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    pub(super) assignee: Option<Person>,
    pub(super) labels: Vec<Label>,
}

impl Names {
    pub(super) fn view(self, task: Task) -> TaskView {
        TaskView { task, assignee: self.assignee, labels: self.labels }
    }
}

impl Tasks {
    /// The active user with this id. Without one, `None` and a fault on `field`.
    pub(super) async fn find_assignee(
        &self,
        id: UserId,
        field: &str,
        faults: &mut Faults,
    ) -> Result<Option<Person>, Error> {
        let user = self.users.find(id).await?.filter(|user| user.is_active);
        if user.is_none() {
            faults.add([unknown_user(field)]);
        }
        Ok(user.map(|user| user.person()))
    }

    /// The labels with these ids, and a fault for each that the project doesn't have.
    pub(super) async fn find_labels(
        &self,
        project: ProjectId,
        requested: &Requested<LabelId>,
        field: &str,
        faults: &mut Faults,
    ) -> Result<Vec<Label>, Error> {
        let labels = self.labels_of(project, requested.distinct()).await?;
        faults.add(requested.unknown(&labels, field));
        Ok(labels)
    }

    /// Those of these labels that the project has. Without ids, storage is not read.
    pub(super) async fn labels_of(&self, project: ProjectId, ids: Vec<LabelId>) -> Result<Vec<Label>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.labels.find_in_project(project, ids).await?)
    }

    /// Adds a fault on `parent_id` if the task, or a new one, may not be put under `parent`.
    pub(super) async fn check_parent(
        &self,
        project: ProjectId,
        parent: TaskId,
        task: Option<TaskId>,
        faults: &mut Faults,
    ) -> Result<(), Error> {
        let request = LineageRequest { parents: vec![parent], tasks: task.into_iter().collect() };
        let lineages = self.tasks.find_lineages(project, request).await?;
        faults.add(lineages.check(parent, task).err().map(|invalid| invalid.at("parent_id")));
        Ok(())
    }

    /// The names of a task that was created earlier.
    pub(super) async fn names_of(&self, task: &Task) -> Result<Names, Error> {
        let assignee = match task.assignee_id {
            Some(id) => Some(self.people.find(id).await?.unwrap_or_else(|| Person::deleted(id))),
            None => None,
        };
        let labels = self.labels_of(task.project_id, task.labels.as_slice().to_vec()).await?;
        Ok(Names { assignee, labels })
    }
}
