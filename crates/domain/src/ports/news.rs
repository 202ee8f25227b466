//! The news: hints that notifications have come, for those who follow them. A hint may be lost or come twice; the
//! table of notifications is the truth.

use crate::{id::UserId, notification::News};
use async_trait::async_trait;

/// Where hints are put up on this node, and looked for.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait NewsBoard: Send + Sync {
    /// Puts up how far notifications reach. Never waits; numbers that are known already change nothing.
    fn post(&self, news: &[News]);

    /// Follows the news of a user from now on, until the feed is dropped.
    fn follow(&self, user: UserId) -> Box<dyn NewsFeed>;

    /// Users whose news are followed here.
    fn followed(&self) -> Vec<UserId>;
}

/// The news of one user.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait NewsFeed: Send {
    /// Waits for a higher number than any that this feed has given, or that was posted before it began to follow.
    /// Several that came meanwhile are given as one, the highest. May be dropped while it waits, and called again.
    async fn next(&mut self) -> i64;
}

/// What is heard of other nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Notifications have come.
    News(Vec<News>),
    /// Something may have been missed: look at the table.
    Gap,
}

/// Where a node hears what others dispatched.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait NewsSource: Send {
    /// Waits for the next hint. While the others can't be heard, and when they can be heard again, this is
    /// [`Heard::Gap`], about once a second.
    async fn next(&mut self) -> Heard;
}
