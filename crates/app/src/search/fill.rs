use super::{BATCH, Search};
use crate::Error;

impl Search {
    // @spec SPEC-023
    /// Writes the words of tasks that a former release created or changed. Call it at the start and now and then. Returns
    /// the number of these tasks.
    pub async fn fill(&self) -> Result<u64, Error> {
        let mut count = 0;
        loop {
            let filled = self.search.fill(BATCH).await?;
            count += filled;
            if filled < BATCH.into() {
                return Ok(count);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::run;
    use fasttrack_domain::ports::search::MockSearchRepository;
    use std::sync::Arc;

    #[test]
    fn words_are_filled_in_until_none_is_missing() {
        let mut search = MockSearchRepository::new();
        for filled in [200, 200, 3] {
            search.expect_fill().times(1).withf(|limit| *limit == BATCH).return_once(move |_| Ok(filled));
        }
        assert_eq!(run(Search { search: Arc::new(search) }.fill()).unwrap(), 403);
    }
}
