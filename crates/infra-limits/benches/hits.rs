//! The cost of counting a request in this process, beside the least possible: a lock, a map and the time.
#![expect(clippy::unwrap_used, reason = "a benchmark may fail")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fasttrack_domain::{
    id::UserId,
    rate_limit::{Quota, Subject},
};
use fasttrack_infra_limits::local::LocalLimits;
use std::{collections::HashMap, hint::black_box, num::NonZeroU32, sync::Mutex, thread, time::Instant};

fn user(id: i64) -> Subject {
    Subject::User(UserId::new(id))
}

fn limits(limit: u32) -> LocalLimits {
    LocalLimits::new(Quota { limit: NonZeroU32::new(limit).unwrap(), window_seconds: NonZeroU32::new(60).unwrap() })
}

fn hits(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hits");
    group.bench_function("floor", |bencher| {
        let map = Mutex::new(HashMap::from([(user(1), 0_u64)]));
        bencher.iter(|| {
            let mut map = map.lock().unwrap();
            *map.get_mut(&user(1)).unwrap() += 1;
            black_box(Instant::now())
        });
    });
    group.bench_function("one_user", |bencher| {
        let limits = limits(1_000_000);
        bencher.iter(|| limits.count(user(1)));
    });
    group.bench_function("one_user_over_the_limit", |bencher| {
        let limits = limits(600);
        bencher.iter(|| limits.count(user(1)));
    });
    group.bench_function("ten_thousand_users", |bencher| {
        let (limits, mut id) = (limits(600), 0);
        bencher.iter(|| {
            id = (id + 1) % 10_000;
            limits.count(user(id))
        });
    });
    group.bench_function("ever_new_ones", |bencher| {
        let (limits, mut id) = (limits(600), 0);
        bencher.iter(|| {
            id += 1;
            limits.count(user(id))
        });
    });
    group.throughput(Throughput::Elements(2));
    group.bench_function("ten_thousand_users_on_two_threads", |bencher| {
        let limits = limits(600);
        bencher.iter_custom(|iterations| {
            let begun = Instant::now();
            thread::scope(|scope| {
                for thread in 0..2 {
                    let limits = &limits;
                    scope.spawn(move || {
                        for n in 0..iterations {
                            black_box(limits.count(user(thread + 2 * (n % 5000).cast_signed())));
                        }
                    });
                }
            });
            begun.elapsed()
        });
    });
    group.finish();
}

criterion_group!(benches, hits);
criterion_main!(benches);
