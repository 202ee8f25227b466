//! Creates 64 tasks, each on disk when the call returns: all at once, and one after the other.
#![expect(clippy::unwrap_used, reason = "a benchmark may fail")]

mod setup;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use futures_util::future::try_join_all;
use setup::Setup;

const TASKS: u64 = 64;

fn durable_writes(criterion: &mut Criterion) {
    let Setup { runtime, repositories, task, .. } = &setup::database();
    let tasks = &repositories.tasks;
    let mut group = criterion.benchmark_group("durable_writes");
    group.throughput(Throughput::Elements(TASKS));
    group.bench_function("in_groups", |bencher| {
        bencher.to_async(runtime).iter(async || {
            try_join_all((0..TASKS).map(|_| tasks.create(task.clone(), None))).await.unwrap();
        });
    });
    group.bench_function("one_by_one", |bencher| {
        bencher.to_async(runtime).iter(async || {
            for _ in 0..TASKS {
                tasks.create(task.clone(), None).await.unwrap();
            }
        });
    });
    group.finish();
}

criterion_group!(benches, durable_writes);
criterion_main!(benches);
