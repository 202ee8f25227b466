//! Many tasks of one project at once.

use super::{InvalidTransition, TaskDraft, TaskInProject, TaskProject};
use crate::{
    field::{FieldError, Invalid},
    id::TaskId,
};
use std::collections::HashMap;

/// The ids of the tasks that one request changes, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkIds(Vec<TaskId>);

impl BulkIds {
    /// The most tasks of one request, new ones too.
    pub const MAX: usize = 500;

    /// Accepts 1 to [`Self::MAX`] ids.
    pub fn parse(ids: Vec<TaskId>) -> Result<Self, Invalid> {
        check_length(ids.len()).map(|()| Self(ids))
    }

    /// The ids in the order of the request.
    pub fn as_slice(&self) -> &[TaskId] {
        &self.0
    }

    /// Brings the found tasks into the order of the request. `unknown_task` on the place of each id that was not found, or
    /// that stands there for the second time.
    pub fn arrange(&self, found: Vec<TaskInProject>) -> Result<Vec<TaskInProject>, Vec<FieldError>> {
        let mut found: HashMap<_, _> = found.into_iter().map(|found| (found.task.id, found)).collect();
        let (mut arranged, mut faults) = (Vec::with_capacity(self.0.len()), Vec::new());
        for (place, id) in self.0.iter().enumerate() {
            match found.remove(id) {
                Some(task) => arranged.push(task),
                None => faults.push(
                    Invalid::new("unknown_task", "must be the id of a task of the project, each once")
                        .at(format!("ids.{place}")),
                ),
            }
        }
        if faults.is_empty() { Ok(arranged) } else { Err(faults) }
    }
}

/// The tasks that one request creates, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkDrafts(Vec<TaskDraft>);

impl BulkDrafts {
    /// Accepts 1 to [`BulkIds::MAX`] drafts.
    pub fn parse(drafts: Vec<TaskDraft>) -> Result<Self, Invalid> {
        check_length(drafts.len()).map(|()| Self(drafts))
    }

    pub fn as_slice(&self) -> &[TaskDraft] {
        &self.0
    }
}

/// Checks the number of tasks of one request: 1 to [`BulkIds::MAX`].
fn check_length(length: usize) -> Result<(), Invalid> {
    match length {
        0 => Err(Invalid::new("too_few", "must have at least 1 element")),
        1..=BulkIds::MAX => Ok(()),
        _ => Err(Invalid::new("too_many", format!("must have at most {} elements", BulkIds::MAX))),
    }
}

/// Tasks of one project, with the project, read in one snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkTasks {
    pub project: TaskProject,
    /// Those of the requested tasks that are in the project, in any order.
    pub tasks: Vec<TaskInProject>,
}

/// Steps that the state machine doesn't allow, one for each of the tasks that can't take it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} of the tasks can't take this step", .0.len())]
pub struct InvalidTransitions(pub Vec<FieldError>);

impl InvalidTransitions {
    /// The detail for the task at this place of the request.
    pub fn detail(place: usize, error: &InvalidTransition) -> FieldError {
        Invalid::new("invalid_status_transition", error.to_string()).at(format!("ids.{place}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Timestamp,
        id::{ProjectId, UserId},
        project::ProjectStatus,
        task::NewTask,
    };

    #[test]
    fn a_request_has_1_to_500_tasks() {
        let ids = |count| BulkIds::parse((1..=count).map(TaskId::new).collect()).map(drop).map_err(|error| error.code);
        assert_eq!([ids(0), ids(1), ids(500), ids(501)], [Err("too_few"), Ok(()), Ok(()), Err("too_many")]);
        let drafts = |count| {
            let draft = TaskDraft::new("Paint".parse().unwrap());
            BulkDrafts::parse(vec![draft; count]).map(|drafts| drafts.as_slice().len()).map_err(|error| error.code)
        };
        assert_eq!([drafts(0), drafts(500), drafts(501)], [Err("too_few"), Ok(500), Err("too_many")]);
    }

    fn found(id: i64) -> TaskInProject {
        let project = TaskProject {
            id: ProjectId::new(7),
            name: "Garden".parse().unwrap(),
            owner_id: UserId::new(1),
            status: ProjectStatus::Active,
            membership: None,
            has_webhooks: false,
        };
        let draft = TaskDraft::new("Paint".parse().unwrap());
        let task =
            NewTask::new(project.clone(), draft, UserId::new(1), Timestamp::UNIX_EPOCH, 9).stored(TaskId::new(id));
        TaskInProject { task, assignee: None, labels: Vec::new(), project }
    }

    #[test]
    fn tasks_are_arranged_as_they_were_requested() {
        let ids = |ids: &[i64]| BulkIds::parse(ids.iter().copied().map(TaskId::new).collect()).unwrap();
        assert_eq!(ids(&[9, 4]).as_slice(), [TaskId::new(9), TaskId::new(4)]);
        assert_eq!(ids(&[9, 4]).arrange(vec![found(4), found(9)]), Ok(vec![found(9), found(4)]));
        let faults = ids(&[9, 4, 5, 9]).arrange(vec![found(4), found(9)]).unwrap_err();
        let faults: Vec<_> = faults.iter().map(|fault| (fault.field.as_str(), fault.code)).collect();
        assert_eq!(faults, [("ids.2", "unknown_task"), ("ids.3", "unknown_task")]);
    }
}
