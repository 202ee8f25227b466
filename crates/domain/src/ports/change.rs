//! Storage of the change feed. [`Outbox::dispatch`](super::outbox::Outbox::dispatch) writes it.

use super::RepositoryError;
use crate::{
    Timestamp,
    change::{FeedPage, FeedRequest},
    id::UserId,
};
use async_trait::async_trait;
use std::collections::BTreeSet;

/// Whose feeds have gone on behind a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedNews {
    /// The latest number.
    pub seq: i64,
    /// The users who may have something new, besides those who [see all](crate::change::FeedReader::sees_all). `None` stands
    /// for everybody, where there are too many to name.
    pub readers: Option<BTreeSet<UserId>>,
}

/// Reads the change feed. See the promises of [`ports`](super).
///
/// Whatever a dispatch completes is in the feed from its commit on: each of
/// [`Event::things`](crate::event::Event::things) under a new number, which is higher than all former ones. A thing has its
/// latest number only. Each number is that of one thing, or of what one change of access means to each user.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ChangeFeed: Send + Sync {
    /// Reads a page, from one snapshot.
    ///
    /// Without a [position](FeedRequest::position) everything that the reader sees is listed: each project by ascending id
    /// with its things as [`ListingPlace`](crate::change::ListingPlace) says, then the tasks that are assigned to the reader
    /// outside of its projects, each with its comments. The changes that were numbered since the listing began follow. From a
    /// position on, the things that changed follow by ascending number:
    ///
    /// - one that the reader sees is put, as it is in the snapshot;
    /// - one that doesn't exist is deleted as [`DeleteReason::Deleted`](crate::change::DeleteReason::Deleted), and one that
    ///   the reader doesn't see any more as [`DeleteReason::Access`](crate::change::DeleteReason::Access);
    /// - a project that the reader has gained is listed, and a task with its comments that it has been assigned outside of
    ///   its projects;
    /// - a project that was deleted, or that the reader has lost, is one change, and nothing else in it is shown.
    ///
    /// A reader that [sees all](crate::change::FeedReader::sees_all) has every project of its reach, and neither gains nor
    /// loses one. One with a limited reach has only the projects of that, and no tasks outside of its own projects. Members
    /// have their addresses.
    ///
    /// It is `Conflict` with [`constraint::CURSOR_EXPIRED`](super::constraint::CURSOR_EXPIRED) if
    /// [`prune`](Self::prune) has deleted a change after the position, or the position is one that was never reached, as
    /// after the restoration of a backup. A page of changes costs no more, however many things and other projects there are.
    async fn read(&self, request: FeedRequest) -> Result<FeedPage, RepositoryError>;

    /// Returns the latest number, 0 where nothing has changed yet. This is one query of one row.
    async fn head(&self) -> Result<i64, RepositoryError>;

    /// Returns the latest number, and whose feeds may have gone on behind `after`: the present members of the projects in which
    /// something changed, and those to whom a change of access matters. Nobody is left out; that somebody is named doesn't
    /// mean that there is a change for them. Where there are more than `limit` users or changes, everybody is meant.
    async fn news(&self, after: i64, limit: u32) -> Result<FeedNews, RepositoryError>;

    /// Deletes what is kept of deleted things and of changes of access from before `before`, and commits with that which
    /// positions have expired. Returns the number of rows. Each call deletes no more than about `limit` rows: if as many were
    /// deleted, there may be others.
    async fn prune(&self, before: Timestamp, limit: u32) -> Result<u64, RepositoryError>;
}
