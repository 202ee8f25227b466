use super::Changes;
use crate::Error;
use fasttrack_domain::ports::change::FeedNews;

/// The most users that are named; beyond, everybody is meant.
const MAX_READERS: u32 = 1_000;

impl Changes {
    /// Returns the latest number, and whose feeds may have gone on behind `after`.
    #[tracing::instrument(name = "change.news", skip_all)]
    pub async fn news(&self, after: i64) -> Result<FeedNews, Error> {
        Ok(self.changes.news(after, MAX_READERS).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{run, unavailable};
    use fasttrack_domain::{
        id::UserId,
        ports::{RepositoryError, change::MockChangeFeed},
    };
    use std::sync::Arc;

    fn news(stored: Result<FeedNews, RepositoryError>) -> Result<FeedNews, Error> {
        let mut changes = MockChangeFeed::new();
        changes.expect_news().times(1).withf(|&after, &limit| (after, limit) == (7, 1_000)).return_once(|_, _| stored);
        run(Changes { changes: Arc::new(changes) }.news(7))
    }

    #[test]
    fn news_are_those_that_are_stored() {
        let stored = FeedNews { seq: 9, readers: Some([UserId::new(3)].into()) };
        assert_eq!(news(Ok(stored.clone())).unwrap(), stored);
        assert!(matches!(news(Err(unavailable())), Err(Error::Unavailable { .. })));
    }
}
