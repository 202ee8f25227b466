//! Reads as requests of the owner make them: a task with its project and assignee, and a page of tasks.
#![expect(clippy::unwrap_used, reason = "a benchmark may fail")]

mod setup;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fasttrack_domain::{
    page::Limit,
    task::{TaskPageRequest, TaskQuery},
};
use futures_util::FutureExt;
use setup::Setup;
use std::{thread, time::Instant};

fn reads(criterion: &mut Criterion) {
    let Setup { runtime, repositories, task, .. } = &setup::database();
    let (tasks, reader) = (&repositories.tasks, task.project.owner_id);
    let id = runtime.block_on(async {
        for _ in 0..200 {
            tasks.create(task.clone(), None).await.unwrap();
        }
        tasks.create(task.clone(), None).await.unwrap().id
    });
    let find = || tasks.find(id, reader).now_or_never().unwrap().unwrap();
    let mut group = criterion.benchmark_group("reads");
    group.bench_function("find_task", |bencher| bencher.iter(find));
    group.throughput(Throughput::Elements(2));
    group.bench_function("find_task_on_two_threads", |bencher| {
        bencher.iter_custom(|iterations| {
            let begun = Instant::now();
            thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| (0..iterations).for_each(|_| drop(find())));
                }
            });
            begun.elapsed()
        });
    });
    group.throughput(Throughput::Elements(50));
    group.bench_function("list_50_tasks", |bencher| {
        let page = TaskPageRequest { limit: Limit::new(50).unwrap(), cursor: None };
        let list = || tasks.list_in_project(task.project.id, reader, TaskQuery::default(), page.clone());
        bencher.iter(|| list().now_or_never().unwrap().unwrap());
    });
    group.finish();
}

criterion_group!(benches, reads);
criterion_main!(benches);
