//! Two timestamps of each of 51 rows, kept as microseconds and as text.
#![expect(clippy::unwrap_used, reason = "a benchmark may fail")]

use chrono::{DateTime, Utc};
use criterion::{Criterion, criterion_group, criterion_main};
use diesel::{
    Connection, QueryDsl, RunQueryDsl, SqliteConnection, connection::SimpleConnection, dsl::insert_into,
    prelude::ExpressionMethods,
};

diesel::table! {
    moments (id) {
        id -> BigInt,
        created_micros -> BigInt,
        updated_micros -> BigInt,
        created_text -> TimestamptzSqlite,
        updated_text -> TimestamptzSqlite,
    }
}

fn timestamps(criterion: &mut Criterion) {
    let mut connection = SqliteConnection::establish(":memory:").unwrap();
    let columns =
        "id INTEGER PRIMARY KEY, created_micros INTEGER, updated_micros INTEGER, created_text TEXT, updated_text TEXT";
    connection.batch_execute(&format!("CREATE TABLE moments ({columns}) STRICT")).unwrap();
    for n in 0..51 {
        let micros = 1_795_255_200_123_456 + n;
        let moment = DateTime::from_timestamp_micros(micros).unwrap();
        let row = (
            moments::created_micros.eq(micros),
            moments::updated_micros.eq(micros),
            moments::created_text.eq(moment),
            moments::updated_text.eq(moment),
        );
        insert_into(moments::table).values(row).execute(&mut connection).unwrap();
    }
    let mut group = criterion.benchmark_group("timestamps");
    group.bench_function("micros", |bencher| {
        bencher.iter(|| {
            let query = moments::table.select((moments::created_micros, moments::updated_micros));
            let rows: Vec<(i64, i64)> = query.load(&mut connection).unwrap();
            let moment = |micros| DateTime::from_timestamp_micros(micros).unwrap();
            rows.into_iter().map(|(created, updated)| (moment(created), moment(updated))).collect::<Vec<_>>()
        });
    });
    group.bench_function("text", |bencher| {
        bencher.iter(|| {
            let query = moments::table.select((moments::created_text, moments::updated_text));
            query.load::<(DateTime<Utc>, DateTime<Utc>)>(&mut connection).unwrap()
        });
    });
    group.finish();
}

criterion_group!(benches, timestamps);
criterion_main!(benches);
