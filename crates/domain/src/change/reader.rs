//! Who reads the feed.

use super::{FeedCursor, FeedPosition};
use crate::{
    api_token::reach::Reach,
    hash::fnv1a,
    id::{ProjectId, UserId},
    page::InvalidCursor,
    policy::{Action, Actor},
};

/// A reader of the feed, with what decides what it sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedReader {
    pub id: UserId,
    /// Whether the reader sees all projects within its reach, whatever it is a member of.
    pub sees_all: bool,
    /// The projects that the token of the request is for. With a limit, no tasks of other projects are shown.
    pub reach: Reach,
}

/// The changes after the cursor can't be told any more. The reader begins anew, without a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cursor has expired; read the feed again without one")]
pub struct CursorExpired;

/// Why a reader can't go on from a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefusedCursor {
    #[error(transparent)]
    Invalid(#[from] InvalidCursor),
    #[error(transparent)]
    Expired(#[from] CursorExpired),
}

impl FeedReader {
    pub fn new(actor: &Actor) -> Self {
        Self { id: actor.id, sees_all: actor.can(Action::ListAllProjects), reach: actor.reach.clone() }
    }

    /// The cursor of this position for this reader.
    pub fn cursor(&self, position: FeedPosition) -> FeedCursor {
        FeedCursor { position, reader: self.id, sees_all: self.sees_all, reach: self.reach_hash() }
    }

    // @spec SPEC-026
    /// The position of a cursor. [`InvalidCursor`] for one of another user, or of a token for other projects;
    /// [`CursorExpired`] where the reader has become an administrator since, or is none any more, as that changes what it
    /// sees without any change in the feed.
    pub fn position(&self, cursor: &FeedCursor) -> Result<FeedPosition, RefusedCursor> {
        if cursor.reader != self.id || cursor.reach != self.reach_hash() {
            return Err(InvalidCursor.into());
        }
        if cursor.sees_all != self.sees_all {
            return Err(CursorExpired.into());
        }
        Ok(cursor.position)
    }

    /// Equal for equal reaches.
    fn reach_hash(&self) -> u64 {
        let ids = |ids: &[ProjectId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        fnv1a(&self.reach.ids().map_or_else(|| "all".to_owned(), ids))
    }
}
