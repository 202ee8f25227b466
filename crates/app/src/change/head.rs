use super::Changes;
use crate::Error;

impl Changes {
    /// Returns the latest number of the feed. While it is the same, no reader has anything new to read.
    #[tracing::instrument(name = "change.head", skip_all)]
    pub async fn head(&self) -> Result<i64, Error> {
        Ok(self.changes.head().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{run, unavailable};
    use fasttrack_domain::ports::{RepositoryError, change::MockChangeFeed};
    use std::sync::Arc;

    fn head(stored: Result<i64, RepositoryError>) -> Result<i64, Error> {
        let mut changes = MockChangeFeed::new();
        changes.expect_head().times(1).return_once(|| stored);
        run(Changes { changes: Arc::new(changes) }.head())
    }

    #[test]
    fn head_is_the_latest_number_that_is_stored() {
        assert_eq!(head(Ok(7)).unwrap(), 7);
        assert!(matches!(head(Err(unavailable())), Err(Error::Unavailable { .. })));
    }
}
