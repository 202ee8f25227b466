//! Changes that no other event names, for the change feed alone.

use crate::{
    Timestamp,
    change::Thing,
    id::{ProjectId, UserId},
};
use std::collections::BTreeMap;

/// Things of a project that a committed change touched, where no other event of the commit names them, or where it doesn't
/// name who loses sight of them. It names no actor, as it concerns the feed alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Touched {
    pub project_id: ProjectId,
    pub at: Timestamp,
    /// At most [`MAX_THINGS`](Self::MAX_THINGS).
    pub things: Vec<Thing>,
    /// The user whom the tasks among the things were assigned to until then.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub former_assignee: Option<UserId>,
    /// The users for whom the project is another from then on: they became members or ceased to be, or their role shows
    /// members otherwise.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Vec::is_empty"))]
    pub audience: Vec<UserId>,
}

impl Touched {
    /// The [`name`](super::Event::name) of its event.
    pub const NAME: &'static str = "touched";
    /// The most things of one event, so that a batch of events stays small.
    pub const MAX_THINGS: usize = 100;

    /// Few things, without a former assignee and an audience.
    pub const fn new(project_id: ProjectId, at: Timestamp, things: Vec<Thing>) -> Self {
        Self { project_id, at, things, former_assignee: None, audience: Vec::new() }
    }

    /// The same for these users.
    #[must_use]
    pub fn for_audience(self, audience: Vec<UserId>) -> Self {
        Self { audience, ..self }
    }

    /// Any number of things.
    pub fn of_many(project_id: ProjectId, at: Timestamp, things: &[Thing]) -> Vec<Self> {
        things.chunks(Self::MAX_THINGS).map(|things| Self::new(project_id, at, things.to_vec())).collect()
    }

    /// Any number of tasks, changed or [deleted](Thing::deleted), each with the user whom it was assigned to until then.
    pub fn of_assigned(project_id: ProjectId, at: Timestamp, tasks: &[(Thing, UserId)]) -> Vec<Self> {
        let mut by_assignee = BTreeMap::<_, Vec<_>>::new();
        for (task, assignee) in tasks {
            by_assignee.entry(*assignee).or_default().push(*task);
        }
        let of_assignee = |(assignee, tasks): (UserId, Vec<Thing>)| {
            let touched = Self::of_many(project_id, at, &tasks).into_iter();
            touched.map(move |touched| Self { former_assignee: Some(assignee), ..touched })
        };
        by_assignee.into_iter().flat_map(of_assignee).collect()
    }
}
