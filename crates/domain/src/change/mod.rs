//! The change feed: what changed in what a reader sees, each thing once at its latest.
//!
//! Each change has an event ([`Event::things`](crate::event::Event::things)). The dispatcher of events numbers the things
//! that changed, one batch after the other, so that numbers ascend in the order in which readers see them: no change is
//! skipped, whatever commits overlap.

mod cursor;
mod position;
mod reader;
mod thing;

pub use cursor::FeedCursor;
pub use position::{FeedPosition, Listing, ListingPlace};
pub use reader::{CursorExpired, FeedReader, RefusedCursor};
pub use thing::{Thing, ThingKind};

use crate::{
    comment::CommentView,
    id::ProjectId,
    label::Label,
    membership::{Member, MemberRole},
    page::Limit,
    policy::{Action, ProjectAction},
    project::ProjectView,
    string_enum::string_enum,
    task::TaskView,
};

/// A page of the feed to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedRequest {
    pub reader: FeedReader,
    /// Where the page begins. Everything that the reader sees is listed where it is absent.
    pub position: Option<FeedPosition>,
    pub limit: Limit,
}

/// A page of the feed, read in one snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedPage {
    pub changes: Vec<FeedChange>,
    /// Where the next page begins.
    pub next: FeedPosition,
    /// Whether the next page has changes already.
    pub has_more: bool,
}

/// A change as the reader gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedChange {
    pub kind: ThingKind,
    /// See [`Thing::id`].
    pub id: i64,
    /// The project of the thing; of a project its own id.
    pub project_id: ProjectId,
    pub content: FeedContent,
    /// The position after this change.
    pub next: FeedPosition,
}

/// What the reader does with the thing: puts its content in the place of the former one, or deletes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedContent {
    Project(ProjectView),
    Member(MemberView),
    Label(Label),
    Task(Box<TaskView>),
    Comment(CommentView),
    Deleted(DeleteReason),
}

/// A member with what the policy needs, read in one snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberView {
    /// The member with its address.
    pub member: Member,
    /// The reader's role in the project; `None` where the reader is no member.
    pub membership: Option<MemberRole>,
}

impl MemberView {
    /// What the policy needs to decide on an action of the reader in this project.
    pub const fn action(&self, project: ProjectId, action: ProjectAction) -> Action {
        Action::InProject { project, action, membership: self.membership }
    }
}

/// Why a thing is to be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeleteReason {
    /// The thing doesn't exist any more.
    Deleted,
    /// The reader doesn't see the thing any more.
    Access,
}

string_enum!(DeleteReason { Deleted = "deleted", Access = "access" });

#[cfg(test)]
mod tests;
