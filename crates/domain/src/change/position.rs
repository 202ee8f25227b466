//! Positions in the feed.

use super::ThingKind;
use crate::id::{ProjectId, TaskId};

/// A position in the feed of one reader: after all changes up to a number, or within a listing of present things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedPosition {
    /// Changes with higher numbers follow, once the listing has ended. At least 0.
    pub seq: i64,
    /// The listing that goes on first.
    pub listing: Option<Listing>,
}

/// A listing of things as they are now, page by page: of everything that the reader sees, or of what it has gained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Whether everything is listed: projects with higher ids follow, then tasks that are assigned to the reader outside of
    /// its projects. Otherwise the listing ends with this project or task.
    pub is_initial: bool,
    pub place: ListingPlace,
}

/// The last thing that was listed. What follows may have been deleted since, or the reader may have lost it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListingPlace {
    /// A project, or a member, label or task of it. It lists these kinds in the order of [`ThingKind`], each by ascending
    /// id, and its comments at last.
    Project {
        id: ProjectId,
        /// Any but [`ThingKind::Comment`].
        kind: ThingKind,
        /// The id of the last thing of this kind, at least 0; the project's own for [`ThingKind::Project`].
        after: i64,
    },
    /// A comment in a project, which lists its comments by task and id.
    Comment {
        project_id: ProjectId,
        task_id: TaskId,
        /// The id of the last comment, at least 0; [`i64::MAX`] behind all comments on the task, whether or not it has any.
        after: i64,
    },
    /// A task that the reader sees by its assignment alone, or a comment on it.
    Task {
        id: TaskId,
        /// The id of the last comment; 0 after the task itself, [`i64::MAX`] behind all comments on it. Then it may be a task
        /// that the reader wasn't shown.
        after: i64,
    },
}

impl FeedPosition {
    /// The position after all changes up to this number, without a listing.
    pub const fn after(seq: i64) -> Self {
        Self { seq, listing: None }
    }
}
