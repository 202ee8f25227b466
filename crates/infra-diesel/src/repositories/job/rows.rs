//! Here are the rows of jobs as they are read.

use super::super::{SqlTimestamp, schema::jobs};
use diesel::{Queryable, Selectable};
use fasttrack_domain::{
    Timestamp,
    id::JobId,
    job::{Job, JobRecord, JobState, MAX_ATTEMPTS},
};

/// `attempts` is the column of that name.
fn counted(attempts: i64) -> u32 {
    u32::try_from(attempts.max(0)).unwrap_or(u32::MAX)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = jobs)]
pub(super) struct DueRow {
    pub(super) id: i64,
    payload: String,
    attempts: i64,
    nonce: Option<String>,
}

impl DueRow {
    /// The job for its next attempt, or why there can be none.
    pub(super) fn entity(&self) -> Result<Job, String> {
        let attempts = counted(self.attempts);
        if attempts >= MAX_ATTEMPTS {
            return Err(format!("it was begun {attempts} times, and each time its worker died or lost its lease"));
        }
        let payload = serde_json::from_str(&self.payload).map_err(|error| format!("it can't be read: {error}"))?;
        let nonce = self.nonce.clone().unwrap_or_else(|| format!("job-{}", self.id));
        Ok(Job { id: JobId::new(self.id), payload, attempt: attempts + 1, nonce })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = jobs)]
pub(super) struct JobRow {
    id: i64,
    kind: String,
    attempts: i64,
    run_at: SqlTimestamp,
    leased_until: Option<SqlTimestamp>,
    dead_at: Option<SqlTimestamp>,
    last_error: Option<String>,
    created_at: SqlTimestamp,
}

impl JobRow {
    pub(super) fn entity(self, now: Timestamp) -> JobRecord {
        let state = match (self.dead_at, self.leased_until) {
            (Some(_), _) => JobState::Dead,
            (None, Some(until)) if until.0 > now => JobState::Running,
            (None, _) => JobState::Queued,
        };
        JobRecord {
            id: JobId::new(self.id),
            kind: self.kind,
            state,
            attempts: counted(self.attempts),
            run_at: self.run_at.0,
            created_at: self.created_at.0,
            last_error: self.last_error,
        }
    }
}
