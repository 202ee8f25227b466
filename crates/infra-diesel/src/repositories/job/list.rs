//! Lists jobs for operators.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{Database, SqlTimestamp, schema::jobs},
    rows::JobRow,
};
use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, SelectableHelper};
use fasttrack_domain::{
    Timestamp,
    job::{JobRecord, JobState},
    page::{Page, PageRequest},
    ports::RepositoryError,
};

/// See [`JobQueue::list`](fasttrack_domain::ports::job::JobQueue::list).
pub(super) async fn list(
    database: &Database,
    state: Option<JobState>,
    now: Timestamp,
    page: PageRequest,
) -> Result<Page<JobRecord>, RepositoryError> {
    database
        .read(async move |conn| {
            let mut query = jobs::table
                .filter(jobs::id.gt(page.after_id()))
                .order(jobs::id)
                .limit(page.fetch())
                .select(JobRow::as_select())
                .into_boxed();
            let moment = SqlTimestamp(now);
            query = match state {
                None => query,
                Some(JobState::Dead) => query.filter(jobs::dead_at.is_not_null()),
                // Only a live job is leased.
                Some(JobState::Running) => query.filter(jobs::leased_until.gt(moment)),
                Some(JobState::Queued) => query
                    .filter(jobs::dead_at.is_null())
                    .filter(jobs::leased_until.is_null().or(jobs::leased_until.le(moment))),
            };
            let jobs = query.load(conn).await?.into_iter().map(|row| row.entity(now)).collect();
            Ok(Page::from_fetched(jobs, &page, |job: &JobRecord| job.id.get()))
        })
        .await
}
