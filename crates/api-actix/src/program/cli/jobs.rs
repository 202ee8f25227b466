//! `fasttrack jobs`

use super::output;
use crate::program::{settings::Settings, start::StartError, wiring::Adapters};
use chrono::SecondsFormat;
use clap::Subcommand;
use fasttrack_app::job::{Jobs, RetryJobs};
use fasttrack_domain::{
    id::JobId,
    job::{JobRecord, JobState},
    page::{Limit, PageRequest},
};

#[derive(Subcommand)]
pub enum JobsCommand {
    /// List jobs: id, kind, state, attempts, when it is to be done, and why it failed last, separated by tabs
    List {
        /// Only jobs in this state: queued, running or dead
        #[arg(long, value_parser = |word: &str| word.parse::<JobState>())]
        state: Option<JobState>,
    },
    /// Let a job that was given up be done again
    Retry {
        /// The job
        #[arg(required_unless_present = "all", value_parser = |id: &str| id.parse::<JobId>())]
        id: Option<JobId>,
        /// Every job that was given up
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
}

impl JobsCommand {
    pub async fn run(self, settings: &Settings) -> Result<(), StartError> {
        let jobs = Adapters::open(settings).await?.use_cases().jobs;
        match self {
            Self::List { state } => list(&jobs, state).await,
            Self::Retry { id, .. } => {
                let command = id.map_or(RetryJobs::All, RetryJobs::One);
                let count = jobs.retry(command).await.map_err(|error| failed(&error))?;
                output::line(format_args!("{count} to be done again"))
            }
        }
    }
}

fn failed(error: &fasttrack_app::Error) -> StartError {
    StartError::failed("jobs", error)
}

async fn list(jobs: &Jobs, state: Option<JobState>) -> Result<(), StartError> {
    let mut page = PageRequest { limit: Limit::new(100).unwrap_or_default(), cursor: None };
    loop {
        let found = jobs.list(state, page).await.map_err(|error| failed(&error))?;
        for job in found.items {
            output::line(line(&job))?;
        }
        page.cursor = found.next;
        if page.cursor.is_none() {
            return Ok(());
        }
    }
}

fn line(job: &JobRecord) -> String {
    let JobRecord { id, kind, state, attempts, run_at, last_error, .. } = job;
    let run_at = run_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let error = last_error.as_deref().unwrap_or_default().replace(char::is_control, " ");
    format!("{id}\t{kind}\t{}\t{attempts}\t{run_at}\t{error}", state.as_str())
}
