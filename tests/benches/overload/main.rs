//! What becomes of a server that is asked for twice of what it can do. Prints one line a figure.
//!
//! `cargo bench -p fasttrack-tests --bench overload`
//!
//! The server has the first core to itself, and the clients have the others: on Linux, and where there are two. Clients
//! send at a constant rate, whatever comes back, and a latency is measured from when its request was due: one that can't
//! be sent in time, as the one before is still to be answered, counts in full.

#![expect(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it may fail, and figures are rounded"
)]

mod load;
mod target;

use fasttrack_tests::{Installation, Server};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use std::{thread::available_parallelism, time::Duration};
use target::Target;
use tokio::runtime::Builder;

/// Clients of the closed loop, each of which sends again as soon as it is answered.
const CLOSED: usize = 64;

/// How long each load lasts.
const LOAD: Duration = Duration::from_secs(10);

/// The time until there is more than a burst, and what queued up until then is served.
const SETTLE: Duration = Duration::from_secs(2);

fn main() {
    let cores = available_parallelism().unwrap().get();
    let all = sched_getaffinity(None).unwrap();
    pin(|core| core == 0);
    // One as it comes, and one that refuses nothing.
    let shedding = start(Installation::new().without("MAX_QUEUE_MILLISECONDS"));
    let tolerant = start(Installation::new().with("MAX_QUEUE_MILLISECONDS", "0"));
    if cores > 1 {
        pin(|core| core > 0 && all.is_set(core));
    }
    let runtime = Builder::new_multi_thread().worker_threads(cores.saturating_sub(1).max(1)).enable_all().build();
    runtime.unwrap().block_on(run(shedding, tolerant));
}

/// Whatever is started from now on has these cores.
fn pin(has: impl Fn(usize) -> bool) {
    let mut cores = CpuSet::new();
    (0..CpuSet::MAX_CPU).filter(|core| has(*core)).for_each(|core| cores.set(core));
    sched_setaffinity(None, &cores).unwrap();
}

fn start(installation: Installation) -> Server {
    installation.with("WORKERS", "1").with("RUST_LOG", "warn,fasttrack_api_actix::server=info").start()
}

async fn run(shedding: Server, tolerant: Server) {
    let target = Target::new(&shedding).await;
    // Caches, buffers, and pages of the database.
    target.closed(Duration::from_secs(3)).await;
    let closed = target.closed(LOAD).await;
    println!("{CLOSED} clients without a pause: {closed}");
    assert_eq!(closed.refused, 0, "full load is no overload");
    let capacity = closed.served_per_second();

    let calm = target.open(&shedding, 0.7 * capacity).await;
    println!("0.7 of that, offered steadily: {calm}");
    let twice = target.open(&shedding, 2.0 * capacity).await;
    println!("twice of that: {twice}");
    println!("  p99 of the served is {:.1} times that at 0.7", twice.served.at(0.99) / calm.served.at(0.99));
    let created = [&closed, &calm, &twice].into_iter().map(|load| load.created).sum();
    target.has_all(created).await;
    target.account.get("/health/ready").await.expect(200);

    let target = Target::new(&tolerant).await;
    let twice = target.open(&tolerant, 2.0 * capacity).await;
    println!("the same where nothing is refused: {twice}");
    target.has_all(twice.created).await;
}
