//! Runs jobs of the queue.

use super::task::{LoggedOutage, Stopped, Task};
use fasttrack_app::{
    Error,
    job::{Attempted, Worker},
};
use fasttrack_domain::{id::JobId, notice::MailPriority, ports::job::JobSlots};
use metrics::counter;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{
    task::{Id, JoinError, JoinSet},
    time::{MissedTickBehavior, interval, sleep, timeout},
};

/// Concurrent jobs of this node. They wait for mail servers most of the time.
const CONCURRENCY: u32 = 4;

/// Concurrent notices: a mail server that is slow to accept them must not delay the mail for a new password.
const NOTICE_CONCURRENCY: u32 = 3;

/// How often the queue is read without a hint, for jobs of other processes and jobs that become due.
const PERIOD: Duration = Duration::from_secs(1);

/// How often leases are extended. A lease lasts a minute.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// Graceful shutdown: how long running jobs may take to finish before they are returned to the queue.
const GRACE: Duration = Duration::from_secs(5);

/// Starts the task. When it has ended, this node holds no lease.
pub fn start(worker: Worker) -> Task {
    Task::start("worker", |stopped| run(Arc::new(worker), stopped))
}

async fn run(worker: Arc<Worker>, mut stopped: Stopped) {
    let mut running = Running::default();
    let outage = LoggedOutage::new("take jobs from the queue");
    let mut heartbeat = interval(HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let free = running.free();
        let mut fails = false;
        if free.all > 0 {
            match outage.log(worker.lease(free).await) {
                Some(jobs) => {
                    for job in jobs {
                        let (id, kind, worker) = (job.id, job.payload.name(), worker.clone());
                        let priority = job.payload.priority();
                        running.start(id, priority, async move {
                            let attempted = worker.run(job).await;
                            count(kind, attempted.as_ref().ok().copied());
                            attempted.map(drop)
                        });
                    }
                }
                None => fails = true,
            }
        }
        let idle = running.free().all > 0;
        let rest = async {
            tokio::select! {
                Some(done) = running.tasks.join_next_with_id() => running.ended(done),
                _ = heartbeat.tick() => drop(outage.log(worker.extend(running.ids()).await)),
                _ = timeout(PERIOD, worker.wait()), if idle && !fails => {}
                () = sleep(PERIOD), if fails => {}
            }
        };
        if stopped.or(rest).await.is_none() {
            break;
        }
    }
    let ended = async {
        while let Some(done) = running.tasks.join_next_with_id().await {
            running.ended(done);
        }
    };
    if timeout(GRACE, ended).await.is_err() {
        running.tasks.shutdown().await;
    }
    match worker.release().await {
        Ok(0) => {}
        Ok(jobs) => tracing::info!(jobs, "returned unfinished jobs to the queue"),
        Err(error) => {
            tracing::warn!(%error, "unfinished jobs could not be returned to the queue; they are run again after their lease");
        }
    }
}

/// Counts an attempt. `attempted` is `None` if its result could not be stored.
fn count(kind: &'static str, attempted: Option<Attempted>) {
    let result = match attempted {
        Some(Attempted::Done) => "done",
        Some(Attempted::Deferred) => "deferred",
        Some(Attempted::Failed) => "failed",
        Some(Attempted::GivenUp) => "given_up",
        None => "lost",
    };
    counter!(
        description: "Attempts at jobs, by result.",
        "fasttrack_jobs_attempts_total",
        "kind" => kind, "result" => result
    )
    .increment(1);
}

/// The jobs that this node runs at the moment.
#[derive(Default)]
struct Running {
    tasks: JoinSet<Result<(), Error>>,
    jobs: HashMap<Id, (JobId, MailPriority)>,
}

impl Running {
    fn start(
        &mut self,
        id: JobId,
        priority: MailPriority,
        job: impl Future<Output = Result<(), Error>> + Send + 'static,
    ) {
        self.jobs.insert(self.tasks.spawn(job).id(), (id, priority));
    }

    fn ids(&self) -> Vec<JobId> {
        self.jobs.values().map(|(id, _)| *id).collect()
    }

    fn free(&self) -> JobSlots {
        let all = CONCURRENCY.saturating_sub(u32::try_from(self.jobs.len()).unwrap_or(CONCURRENCY));
        let notices = self.jobs.values().filter(|(_, priority)| *priority != MailPriority::Security).count();
        let notices = NOTICE_CONCURRENCY.saturating_sub(u32::try_from(notices).unwrap_or(NOTICE_CONCURRENCY));
        JobSlots { all, notices }
    }

    fn ended(&mut self, done: Result<(Id, Result<(), Error>), JoinError>) {
        let (task, error) = match done {
            Ok((task, result)) => (task, result.err().map(|error| error.to_string())),
            Err(error) => (error.id(), Some(error.to_string())),
        };
        if let (Some((id, _)), Some(error)) = (self.jobs.remove(&task), error) {
            tracing::warn!(%id, error, "the result of a job could not be stored; it is run again after its lease");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn last_slot_is_reserved_for_security_mail() {
        let mut running = Running::default();
        assert_eq!(running.free(), JobSlots { all: 4, notices: 3 });
        for (id, priority, free) in [
            (1, MailPriority::Task, JobSlots { all: 3, notices: 2 }),
            (2, MailPriority::Security, JobSlots { all: 2, notices: 2 }),
            (3, MailPriority::Account, JobSlots { all: 1, notices: 1 }),
            (4, MailPriority::Task, JobSlots { all: 0, notices: 0 }),
        ] {
            running.start(JobId::new(id), priority, std::future::pending());
            assert_eq!(running.free(), free);
        }
    }

    #[tokio::test]
    async fn three_notices_leave_a_slot_for_a_reset() {
        let mut running = Running::default();
        for id in 1..=3 {
            running.start(JobId::new(id), MailPriority::Task, std::future::pending());
        }
        assert_eq!(running.free(), JobSlots { all: 1, notices: 0 });
    }
}
