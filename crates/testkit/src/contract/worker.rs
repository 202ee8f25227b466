//! The queue of jobs under workers that fail, stall and die.

use super::{TestRng, simultaneously};
use crate::{
    builders::{MOMENT, new_user},
    clock::FixedClock,
};
use chrono::TimeDelta;
use fasttrack_domain::{
    Timestamp,
    id::JobId,
    job::{Job, JobRecord, JobState, MAX_ATTEMPTS, WorkerId},
    page::{Limit, PageRequest},
    ports::{
        clock::Clock,
        job::{Failure, JobQueue, JobSlots},
        user::UserRepository,
    },
    user::NewUser,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

contract! { $
    worker { users: UserRepository, jobs: JobQueue }
    every_job_ends_done_or_dead_despite_failing_workers,
}

const LEASE: TimeDelta = TimeDelta::minutes(10);

/// The lease of a job: until its end no other worker has the job.
struct Hold {
    worker: WorkerId,
    from: Timestamp,
    until: Timestamp,
}

/// The leases and results of all workers.
#[derive(Default)]
struct Seen {
    held: BTreeMap<JobId, Hold>,
    done: Vec<JobId>,
    given_up: BTreeSet<JobId>,
}

impl Seen {
    /// Records a lease, and asserts that no other lease of the job overlaps.
    fn leased(&mut self, id: JobId, hold: Hold) {
        let other = self.held.get(&id);
        // A worker may come to say so when the job is long another's.
        let apart = other.is_none_or(|other| other.until <= hold.from || hold.until <= other.from);
        assert!(apart, "two workers have job {id}");
        if other.is_none_or(|other| other.from < hold.from) {
            self.held.insert(id, hold);
        }
    }

    fn let_go(&mut self, id: JobId, worker: &WorkerId) {
        self.held.retain(|held, hold| *held != id || hold.worker != *worker);
    }
}

#[derive(Clone)]
struct Shift {
    ports: Ports,
    clock: Arc<FixedClock>,
    seen: Arc<Mutex<Seen>>,
}

impl Shift {
    async fn list(&self, state: Option<JobState>) -> Vec<JobRecord> {
        let page = PageRequest { limit: Limit::new(100).unwrap(), cursor: None };
        self.ports.jobs.list(state, self.clock.now(), page).await.unwrap().items
    }

    fn seen<T>(&self, look: impl FnOnce(&mut Seen) -> T) -> T {
        look(&mut self.seen.lock().unwrap())
    }

    /// Leases a few jobs and treats each at random.
    async fn turn(&self, worker: &WorkerId, rng: &mut TestRng) {
        let from = self.clock.now();
        let jobs = self.ports.jobs.lease(worker.clone(), from, from + LEASE, JobSlots::any(3)).await.unwrap();
        for job in &jobs {
            let hold = Hold { worker: worker.clone(), from, until: from + LEASE };
            self.seen(|seen| seen.leased(job.id, hold));
        }
        for job in &jobs {
            self.work(job, worker, rng).await;
        }
        if rng.below(8) == 0 {
            self.seen(|seen| seen.held.retain(|_, hold| hold.worker != *worker));
            self.ports.jobs.release(worker.clone()).await.unwrap();
        }
    }

    async fn work(&self, job: &Job, worker: &WorkerId, rng: &mut TestRng) {
        let (queue, id, now) = (&self.ports.jobs, job.id, self.clock.now());
        match rng.below(8) {
            // The worker dies: the lease ends by itself.
            0 | 1 => {}
            // Extending a lost lease is no error.
            2 => queue.extend(vec![id], worker.clone(), now + LEASE).await.unwrap(),
            draw @ 3..=5 => {
                let retry_at = (draw > 3).then(|| now + TimeDelta::minutes(rng.below(20).try_into().unwrap()));
                self.seen(|seen| seen.let_go(id, worker));
                let failure = Failure { error: "no answer".to_owned(), at: now, retry_at };
                if queue.fail(id, worker.clone(), failure).await.unwrap() && retry_at.is_none() {
                    self.seen(|seen| seen.given_up.insert(id));
                }
            }
            _ => {
                self.seen(|seen| seen.let_go(id, worker));
                if queue.complete(id, worker.clone()).await.unwrap() {
                    self.seen(|seen| seen.done.push(id));
                }
            }
        }
    }
}

/// No job is done by two workers at the same time, and none is lost.
async fn every_job_ends_done_or_dead_despite_failing_workers(ports: &Ports) {
    for _ in 0..50 {
        ports.users.create(NewUser { email_verified: false, ..new_user() }).await.unwrap();
    }
    let shift = Shift { ports: ports.clone(), clock: Arc::new(FixedClock::new(MOMENT)), seen: Arc::default() };
    let all: BTreeSet<_> = shift.list(None).await.into_iter().map(|job| job.id).collect();
    assert_eq!(all.len(), 50);
    simultaneously(6, |n| {
        let shift = shift.clone();
        async move {
            let mut rng = TestRng::new(n);
            for life in 0.. {
                let worker = WorkerId::new(format!("{n}, life {life}"));
                for _ in 0..=rng.below(4) {
                    shift.turn(&worker, &mut rng).await;
                    shift.clock.advance(TimeDelta::minutes(rng.below(5).try_into().unwrap()));
                }
                if shift.list(None).await.iter().all(|job| job.state == JobState::Dead) {
                    return;
                }
            }
        }
    })
    .await;

    let dead = shift.list(Some(JobState::Dead)).await;
    shift.seen(|seen| {
        for job in &dead {
            assert!(job.attempts == MAX_ATTEMPTS || seen.given_up.contains(&job.id), "{job:?}");
        }
        let mut ends: Vec<_> = dead.iter().map(|job| job.id).chain(seen.done.iter().copied()).collect();
        ends.sort();
        assert_eq!(ends, all.into_iter().collect::<Vec<_>>(), "each has one end");
        assert!(!seen.done.is_empty() && !seen.given_up.is_empty());
    });
}
