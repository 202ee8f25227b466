//! Runs jobs of the queue.

use super::wait;
use crate::cluster::Node;
use fasttrack_app::job::Worker;
use fasttrack_domain::{id::JobId, notice::MailPriority, ports::job::JobSlots};
use std::{cell::RefCell, collections::BTreeMap, rc::Rc, time::Duration};

/// Concurrent jobs of a node.
const CONCURRENCY: u32 = 4;

/// Concurrent notices of a node.
const NOTICE_CONCURRENCY: u32 = 3;

const PERIOD: Duration = Duration::from_secs(1);

/// How often leases are extended. A lease lasts a minute.
const HEARTBEAT: Duration = Duration::from_secs(20);

type Running = Rc<RefCell<BTreeMap<JobId, MailPriority>>>;

pub(super) async fn work(node: Rc<Node>) {
    let worker = Rc::new(Worker::new(node.use_cases.jobs.clone(), node.worker_id("worker")));
    let running = Running::default();
    node.spawn(heartbeat(Rc::clone(&node), Rc::clone(&worker), Rc::clone(&running)));
    loop {
        let free = free(&running);
        let leased = if free.all > 0 { node.checked(worker.lease(free).await) } else { Some(Vec::new()) };
        let Some(jobs) = leased else {
            node.sim.sleep(PERIOD).await;
            continue;
        };
        for job in jobs {
            running.borrow_mut().insert(job.id, job.payload.priority());
            let (of_job, worker, running) = (Rc::clone(&node), Rc::clone(&worker), Rc::clone(&running));
            node.spawn(async move {
                let id = job.id;
                of_job.checked(worker.run(job).await);
                running.borrow_mut().remove(&id);
            });
        }
        wait(&node.sim, PERIOD, worker.wait()).await;
    }
}

async fn heartbeat(node: Rc<Node>, worker: Rc<Worker>, running: Running) {
    loop {
        node.sim.sleep(HEARTBEAT).await;
        let ids: Vec<_> = running.borrow().keys().copied().collect();
        node.checked(worker.extend(ids).await);
    }
}

fn free(running: &Running) -> JobSlots {
    let running = running.borrow();
    let all = CONCURRENCY.saturating_sub(u32::try_from(running.len()).unwrap());
    let notices = running.values().filter(|priority| **priority != MailPriority::Security).count();
    JobSlots { all, notices: NOTICE_CONCURRENCY.saturating_sub(u32::try_from(notices).unwrap()) }
}
