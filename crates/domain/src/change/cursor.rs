//! Cursors of the feed.

use super::{FeedPosition, Listing, ListingPlace, ThingKind};
use crate::{
    id::{ProjectId, TaskId, UserId},
    page::InvalidCursor,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::{fmt, str::FromStr};

// @spec SPEC-026
/// A position in the feed with the reader that it belongs to. Its text is opaque to clients: URL-safe base64 without
/// padding of words. [`FeedReader::position`](super::FeedReader::position) opens it. A forged one shows nothing but what
/// its reader may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedCursor {
    pub(super) position: FeedPosition,
    pub(super) reader: UserId,
    pub(super) sees_all: bool,
    /// A hash of the reader's reach.
    pub(super) reach: u64,
}

const ALL: &str = "all";
const OWN: &str = "own";
const INITIAL: &str = "initial";
const GAINED: &str = "gained";
const PROJECT: &str = "project";
const COMMENT: &str = "comment";
const TASK: &str = "task";

impl FeedCursor {
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.words())
    }

    fn words(&self) -> String {
        let Self { position: FeedPosition { seq, listing }, reader, sees_all, reach } = self;
        let sight = if *sees_all { ALL } else { OWN };
        let head = format!("{seq} {reader} {sight} {reach:016x}");
        let Some(Listing { is_initial, place }) = listing else { return head };
        let listing = if *is_initial { INITIAL } else { GAINED };
        match place {
            ListingPlace::Project { id, kind, after } => format!("{head} {listing} {PROJECT} {id} {kind} {after}"),
            ListingPlace::Comment { project_id, task_id, after } => {
                format!("{head} {listing} {COMMENT} {project_id} {task_id} {after}")
            }
            ListingPlace::Task { id, after } => format!("{head} {listing} {TASK} {id} {after}"),
        }
    }

    /// Accepts exactly the texts that [`FeedCursor::encode`] makes.
    pub fn decode(text: &str) -> Result<Self, InvalidCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        let words = std::str::from_utf8(&bytes).map_err(|_| InvalidCursor)?;
        let cursor = Self::parse(words).ok_or(InvalidCursor)?;
        // Each cursor has one spelling.
        if cursor.encode() == text { Ok(cursor) } else { Err(InvalidCursor) }
    }

    fn parse(words: &str) -> Option<Self> {
        let words: Vec<_> = words.split(' ').collect();
        let (head, listing) = words.split_at_checked(4)?;
        let &[seq, reader, sight, reach] = head else { return None };
        let sees_all = match sight {
            ALL => true,
            OWN => false,
            _ => return None,
        };
        let listing = if listing.is_empty() { None } else { Some(parse_listing(listing)?) };
        Some(Self {
            position: FeedPosition { seq: number(seq)?, listing },
            reader: UserId::new(number(reader)?),
            sees_all,
            reach: u64::from_str_radix(reach, 16).ok()?,
        })
    }
}

fn parse_listing(words: &[&str]) -> Option<Listing> {
    let (&listing, place) = words.split_first()?;
    let is_initial = match listing {
        INITIAL => true,
        GAINED => false,
        _ => return None,
    };
    let place = match *place {
        [PROJECT, id, kind, after] => {
            let kind = kind.parse::<ThingKind>().ok().filter(|kind| *kind != ThingKind::Comment)?;
            ListingPlace::Project { id: ProjectId::new(number(id)?), kind, after: number(after)? }
        }
        [COMMENT, project, task, after] => {
            let (project_id, task_id) = (ProjectId::new(number(project)?), TaskId::new(number(task)?));
            ListingPlace::Comment { project_id, task_id, after: number(after)? }
        }
        [TASK, id, after] => ListingPlace::Task { id: TaskId::new(number(id)?), after: number(after)? },
        _ => return None,
    };
    Some(Listing { is_initial, place })
}

/// Parses a number that isn't negative.
fn number(word: &str) -> Option<i64> {
    word.parse::<i64>().ok().filter(|number| *number >= 0)
}

impl FromStr for FeedCursor {
    type Err = InvalidCursor;

    /// Does what [`FeedCursor::decode`] does.
    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        Self::decode(text)
    }
}

impl fmt::Display for FeedCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.encode())
    }
}
