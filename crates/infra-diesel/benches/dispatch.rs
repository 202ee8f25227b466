//! Dispatches 128 events, compared with creating the 128 tasks that cause them. Both use the one writing connection.
#![expect(clippy::unwrap_used, reason = "a benchmark may fail")]

mod setup;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use fasttrack_domain::{
    event::Event,
    id::UserId,
    notification::{NewNotification, NotificationContent, TaskNames},
    ports::outbox::{Consequence, EventSubscriber},
    statistics::StatisticsDelta,
    task::NewTask,
};
use fasttrack_testkit::builders::subscriber;
use futures_util::future::try_join_all;
use setup::Setup;
use std::sync::Arc;

const EVENTS: usize = 128;

/// One notification of this user and one change of the statistics for each event of a task.
fn notify_and_count(user_id: UserId) -> Arc<[Arc<dyn EventSubscriber>]> {
    let notify_and_count = subscriber(move |event, actor| {
        let Event::Task(task_event) = event else { return Vec::new() };
        let (actor_id, at) = (task_event.actor_id, task_event.at);
        let content =
            NotificationContent::TaskAssigned { task: TaskNames::from(&task_event.task), assigned_by: actor.clone() };
        let notification = NewNotification { user_id, actor_id, content, at };
        let count = StatisticsDelta::of(event).map(Consequence::Count);
        count.into_iter().chain([Consequence::Notify(notification)]).collect()
    });
    Arc::new([notify_and_count])
}

fn dispatch(criterion: &mut Criterion) {
    let Setup { runtime, repositories, task, .. } = &setup::database();
    // Nobody is assigned: one event each.
    let task = &NewTask { assignee_id: None, ..task.clone() };
    // A member of the project, as others get no notification.
    let subscribers = &notify_and_count(task.project.owner_id);
    let write = || runtime.block_on(try_join_all((0..EVENTS).map(|_| repositories.tasks.create(task.clone(), None))));
    let dispatch = || runtime.block_on(repositories.outbox.dispatch(Arc::clone(subscribers), EVENTS)).unwrap();
    let drain = || while dispatch().more {};

    let mut group = criterion.benchmark_group("dispatch");
    group.throughput(Throughput::Elements(EVENTS as u64));
    group.bench_function("write_128_tasks", |bencher| {
        bencher.iter_batched(drain, |()| write().unwrap(), BatchSize::PerIteration);
    });
    drain();
    group.bench_function("dispatch_128_events", |bencher| {
        let write = || assert_eq!(write().unwrap().len(), EVENTS);
        bencher.iter_batched(write, |()| assert_eq!(dispatch().events, EVENTS), BatchSize::PerIteration);
    });
    group.finish();
}

criterion_group!(benches, dispatch);
criterion_main!(benches);
