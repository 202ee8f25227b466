//! A database that goes away, and comes back.

mod requests;
mod restart;
mod silence;
mod writes;

use fasttrack_testkit::postgres::Cluster;
use fasttrack_tests::{Answer, Installation, Server, cluster};

/// A server on a PostgreSQL of its own, which can be stopped without harm to other tests.
fn prepare() -> (Cluster, Server) {
    let cluster = cluster();
    let server = Installation::on(&cluster.url("postgres")).start();
    (cluster, server)
}

/// 503 `unavailable`, and when to try again.
#[track_caller]
fn unavailable(answer: Answer) {
    let answer = answer.refused(503, "unavailable");
    assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
}
