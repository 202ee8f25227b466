//! The change feed. [`record`] writes it, when events are dispatched.
//!
//! Its tables have which things changed, under ascending numbers. What a thing contains, and whether the reader sees it, is
//! found out when it is read, in the same snapshot.

mod behind;
mod comments;
mod contents;
mod feed;
mod listing;
mod news;
mod prune;
pub(super) mod record;
mod rows;
mod tasks;

use super::{Connection, Database, Error, SqlTimestamp};
use async_trait::async_trait;
use fasttrack_domain::{
    Timestamp,
    change::{FeedPage, FeedPosition, FeedRequest, Listing, ListingPlace},
    ports::{
        RepositoryError,
        change::{self, FeedNews},
        constraint,
    },
};
use feed::Feed;
use listing::List;
use rows::Head;

/// Reads the change feed.
#[derive(Clone)]
pub struct ChangeFeed {
    database: Database,
}

impl ChangeFeed {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

impl Head {
    /// `Conflict` with [`constraint::CURSOR_EXPIRED`] where changes behind the position are gone, or it was never reached.
    fn check(self, position: FeedPosition) -> Result<(), Error> {
        if (self.pruned_seq..=self.seq).contains(&position.seq) {
            Ok(())
        } else {
            Err(Error::Conflict(constraint::CURSOR_EXPIRED))
        }
    }
}

/// Adds the listing that the position is in.
async fn list(conn: &mut Connection, feed: &mut Feed, seq: i64, listing: Listing) -> Result<(), Error> {
    let Listing { is_initial, place } = listing;
    let list = List { seq, is_initial };
    match place {
        _ if is_initial => list.everything(conn, feed, Some(place)).await,
        ListingPlace::Project { id, .. } | ListingPlace::Comment { project_id: id, .. } => {
            list.rest_of_project(conn, feed, id, place).await
        }
        ListingPlace::Task { id, after } => list.rest_of_task(conn, feed, id, after).await,
    }
}

/// Reads a page. The connection has a snapshot.
async fn read(conn: &mut Connection, request: &FeedRequest) -> Result<FeedPage, Error> {
    let head = rows::head(conn).await?;
    let mut feed = Feed::new(request);
    let seq = match request.position {
        None => {
            List { seq: head.seq, is_initial: true }.everything(conn, &mut feed, None).await?;
            head.seq
        }
        Some(position @ FeedPosition { seq, listing }) => {
            head.check(position)?;
            if let Some(listing) = listing {
                list(conn, &mut feed, seq, listing).await?;
            }
            seq
        }
    };
    if seq < head.seq && !feed.is_full() {
        behind::add(conn, &mut feed, seq).await?;
    }
    Ok(feed.page(FeedPosition::after(head.seq)))
}

// @spec SPEC-026
// @decision DEC-0035
#[async_trait]
impl change::ChangeFeed for ChangeFeed {
    async fn read(&self, request: FeedRequest) -> Result<FeedPage, RepositoryError> {
        if let Some(position @ FeedPosition { seq, listing: None }) = request.position {
            // Usually nothing has changed: then there is nothing else to read.
            let head = self.database.read(async |conn: &mut Connection| rows::head(conn).await).await?;
            if head.seq == seq {
                return Ok(FeedPage { changes: Vec::new(), next: position, has_more: false });
            }
        }
        self.database.read_snapshot(async move |conn| read(conn, &request).await).await
    }

    async fn head(&self) -> Result<i64, RepositoryError> {
        self.database.read(async |conn| Ok(rows::head(conn).await?.seq)).await
    }

    async fn news(&self, after: i64, limit: u32) -> Result<FeedNews, RepositoryError> {
        self.database.read(async move |conn| news::news(conn, after, limit).await).await
    }

    async fn prune(&self, before: Timestamp, limit: u32) -> Result<u64, RepositoryError> {
        self.database.write(async move |conn| prune::prune(conn, SqlTimestamp(before), limit).await).await
    }
}
