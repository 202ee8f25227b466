//! Labels of projects. [`Tasks::set_label`](crate::task::Tasks::set_label) puts them on tasks.

mod create;
mod delete;
mod list;
mod update;

pub use create::CreateLabel;
pub use delete::DeleteLabel;
pub use list::ListLabels;
pub use update::UpdateLabel;

use crate::{Error, Ports};
use fasttrack_domain::{
    id::LabelId,
    label::LabelView,
    policy::{Actor, ProjectAction},
    ports::{clock::Clock, label::LabelRepository, task::TaskRepository},
};
use std::sync::Arc;

#[derive(Clone)]
pub struct Labels {
    pub labels: Arc<dyn LabelRepository>,
    pub tasks: Arc<dyn TaskRepository>,
    pub clock: Arc<dyn Clock>,
}

impl Labels {
    pub(crate) fn new(ports: &Ports) -> Self {
        Self {
            labels: ports.repositories.labels.clone(),
            tasks: ports.repositories.tasks.clone(),
            clock: ports.clock.clone(),
        }
    }
}

const MISSING: Error = Error::NotFound("label");

/// The label, if `actor` may change the labels of its project.
async fn find(labels: &dyn LabelRepository, id: LabelId, actor: &Actor) -> Result<LabelView, Error> {
    let found = labels.find(id, actor.id).await?.ok_or(MISSING)?;
    actor.authorize(found.action(ProjectAction::ChangeTasks))?;
    Ok(found)
}

#[cfg(test)]
impl Labels {
    /// Returns mocks that expect no call. A test replaces those that it needs.
    pub(crate) fn mocked() -> Self {
        use fasttrack_domain::ports::{label::MockLabelRepository, task::MockTaskRepository};
        Self {
            labels: Arc::new(MockLabelRepository::new()),
            tasks: Arc::new(MockTaskRepository::new()),
            clock: crate::fixtures::clock(),
        }
    }
}

#[cfg(test)]
mod fixtures {
    use crate::fixtures::{label, membership};
    use fasttrack_domain::{label::LabelView, ports::label::MockLabelRepository};

    /// Expects one look-up of label 3, which is there or not.
    pub(super) fn finding(is_there: bool) -> MockLabelRepository {
        let mut labels = MockLabelRepository::new();
        labels.expect_find().times(1).withf(|id, _| id.get() == 3).return_once(move |_, reader| {
            Ok(is_there.then(|| LabelView { label: label(3), membership: membership(reader) }))
        });
        labels
    }
}
