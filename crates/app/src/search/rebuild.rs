use super::{BATCH, Search};
use crate::Error;
use fasttrack_domain::id::TaskId;

impl Search {
    // @spec SPEC-023
    /// Writes the words of every task anew, for an operator. Returns the number of tasks.
    pub async fn rebuild(&self) -> Result<u64, Error> {
        let (mut count, mut after) = (0, TaskId::new(0));
        while let Some(written) = self.search.rewrite(after, BATCH).await? {
            count += written.tasks;
            after = written.last;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::run;
    use fasttrack_domain::ports::search::{MockSearchRepository, RewrittenWords};
    use std::sync::Arc;

    #[test]
    fn every_task_is_written_anew_once() {
        let mut search = MockSearchRepository::new();
        for (after, tasks, last) in [(0, 200, Some(250)), (250, 7, Some(300)), (300, 0, None)] {
            search
                .expect_rewrite()
                .times(1)
                .withf(move |id, limit| id.get() == after && *limit == BATCH)
                .return_once(move |_, _| Ok(last.map(|last| RewrittenWords { tasks, last: TaskId::new(last) })));
        }
        assert_eq!(run(Search { search: Arc::new(search) }.rebuild()).unwrap(), 207);
    }
}
