use super::Jobs;
use crate::Error;
use fasttrack_domain::{
    job::{JobRecord, JobState},
    page::{Page, PageRequest},
};

impl Jobs {
    /// Returns a page of jobs by ascending id, for an operator: no permission is checked.
    pub async fn list(&self, state: Option<JobState>, page: PageRequest) -> Result<Page<JobRecord>, Error> {
        Ok(self.queue.list(state, self.clock.now(), page).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{at, now, run};
    use fasttrack_domain::{id::JobId, ports::job::MockJobQueue};
    use std::sync::Arc;

    #[test]
    fn jobs_are_listed_as_they_stand_now() {
        for state in [None, Some(JobState::Dead)] {
            let record = JobRecord {
                id: JobId::new(5),
                kind: "verification_mail".to_owned(),
                state: JobState::Dead,
                attempts: 12,
                run_at: at(900),
                created_at: at(0),
                last_error: Some("no".to_owned()),
            };
            let found = Page { items: vec![record], next: None };
            let answer = found.clone();
            let mut queue = MockJobQueue::new();
            queue
                .expect_list()
                .times(1)
                .withf(move |asked, at, page| *asked == state && *at == now() && *page == PageRequest::default())
                .return_once(|_, _, _| Ok(answer));
            let list = Jobs { queue: Arc::new(queue), ..Jobs::mocked() };
            assert_eq!(run(list.list(state, PageRequest::default())).unwrap(), found);
        }
    }
}
