//! What waits for others can be seen from outside.

use super::{Given, begin};
use fasttrack_infra_diesel::postgres::Database;
use futures_util::future::join_all;
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit, with_local_recorder};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

/// Keeps what waits for connections.
#[derive(Default)]
struct Waiting(Arc<AtomicU64>);

impl Waiting {
    fn get(&self) -> f64 {
        f64::from_bits(self.0.load(Relaxed))
    }
}

impl Recorder for Waiting {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        Counter::noop()
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        if key.name() == "fasttrack_postgres_waiting" { Gauge::from_arc(Arc::clone(&self.0)) } else { Gauge::noop() }
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[tokio::test]
async fn what_waits_for_its_group_is_counted_as_waiting() {
    let Some(given) = Given::new().await else { return };
    let waiting = Waiting::default();
    let observed = with_local_recorder(&waiting, || Database::open(given.empty.url(), 8).unwrap());
    let tasks = observed.repositories().tasks;
    let mut reads: Vec<_> = (0..20).map(|_| tasks.find_project(given.project.id, given.owner.id)).collect();
    begin(&mut reads);
    observed.observe();
    assert!((1.0..20.0).contains(&waiting.get()), "{}", waiting.get());
    assert!(join_all(reads).await.into_iter().all(|found| found.unwrap().is_some()));
    observed.observe();
    assert!(waiting.get() < 1.0);
}
