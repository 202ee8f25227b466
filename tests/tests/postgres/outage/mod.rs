mod requests;
mod restart;
mod silence;
mod writes;

use fasttrack_testkit::postgres::Cluster;
use fasttrack_tests::{Answer, Installation, Server, cluster};

/// Starts a server on a PostgreSQL of its own, which the test may stop.
fn prepare() -> (Cluster, Server) {
    let cluster = cluster();
    let server = Installation::on(&cluster.url("postgres")).start();
    (cluster, server)
}

/// Fails unless the response is 503 `unavailable` with `Retry-After`.
#[track_caller]
fn unavailable(answer: Answer) {
    let answer = answer.refused(503, "unavailable");
    assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
}
