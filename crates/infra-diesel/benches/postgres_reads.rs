//! A point read on PostgreSQL: through the pool, through the pool with a round trip before each read, and pipelined on
//! shared connections. Runs on the cluster that the testkit finds or starts.
#![expect(clippy::unwrap_used, reason = "a bench may fail")]

use criterion::{Criterion, criterion_group, criterion_main};
use diesel::{OptionalExtension, QueryDsl};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use fasttrack_infra_diesel::postgres::{Connection, Database};
use fasttrack_testkit::postgres::Cluster;
use std::sync::Arc;
use tokio::{runtime::Runtime, task::JoinSet};

diesel::table! {
    users (id) {
        id -> BigInt,
        email -> Text,
    }
}

/// One statement that stays prepared.
macro_rules! read {
    ($connection:expr) => {
        users::table.find(1).select(users::email).first::<String>($connection).await.optional()
    };
}

/// How many reads run at once.
const CLIENTS: usize = 64;

/// Runs as many reads as there are clients, and waits for all.
async fn at_once<F: Future<Output = ()> + Send + 'static>(read: impl Fn(usize) -> F) {
    (0..CLIENTS).map(read).collect::<JoinSet<_>>().join_all().await;
}

async fn through(database: Database, ask_first: bool) {
    let read = async move |conn: &mut Connection| {
        if ask_first {
            read!(conn)?;
        }
        Ok(read!(conn)?)
    };
    database.read(read).await.unwrap();
}

fn reads(criterion: &mut Criterion) {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let runtime = Runtime::new().unwrap();
    runtime.block_on(Database::open(empty.url(), 1).unwrap().migrate()).unwrap();
    let mut group = criterion.benchmark_group(format!("{CLIENTS} point reads on PostgreSQL"));
    for ask_first in [false, true] {
        let database = Database::open(empty.url(), 16).unwrap();
        let name = if ask_first { "a pool of 16 that asks first" } else { "a pool of 16" };
        group.bench_function(name, |bencher| {
            bencher.to_async(&runtime).iter(|| at_once(|_| through(database.clone(), ask_first)));
        });
    }
    for shared in [1, 2] {
        let connect = || runtime.block_on(AsyncPgConnection::establish(empty.url())).unwrap();
        let connections: Arc<Vec<_>> = Arc::new((0..shared).map(|_| connect()).collect());
        group.bench_function(format!("{shared} shared, pipelined"), |bencher| {
            bencher.to_async(&runtime).iter(|| {
                at_once(|client| {
                    let connections = Arc::clone(&connections);
                    async move {
                        read!(&mut &connections[client % shared]).unwrap();
                    }
                })
            });
        });
    }
    group.finish();
}

criterion_group!(benches, reads);
criterion_main!(benches);
