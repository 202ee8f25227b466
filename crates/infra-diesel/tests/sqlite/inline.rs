//! Work on the calling thread, as simulations have it.

use diesel_async::SimpleAsyncConnection;
use fasttrack_infra_diesel::{
    Error, SchemaState,
    sqlite::{Connection, Database},
};
use futures_util::FutureExt;

#[test]
fn inline_work_is_done_at_the_first_poll() {
    let database = Database::open_inline("file:/inline-work?vfs=memdb").unwrap();
    assert!(!database.migrate().now_or_never().unwrap().unwrap().is_empty());
    let other = Database::open_inline("file:/inline-work?vfs=memdb").unwrap();
    assert_eq!(other.schema_state().now_or_never().unwrap().unwrap(), SchemaState::UpToDate);
}

#[test]
fn inline_work_that_fails_is_rolled_back() {
    let database = Database::open_inline("file:/inline-failure?vfs=memdb").unwrap();
    database.migrate().now_or_never().unwrap().unwrap();
    let failed = database.write(async |conn: &mut Connection| {
        conn.batch_execute("DELETE FROM __diesel_schema_migrations").await?;
        Err::<(), _>(Error::Closed)
    });
    assert!(failed.now_or_never().unwrap().is_err());
    assert_eq!(database.schema_state().now_or_never().unwrap().unwrap(), SchemaState::UpToDate);
}

#[test]
fn inline_work_that_panics_is_rolled_back() {
    let database = Database::open_inline("file:/inline-panic?vfs=memdb").unwrap();
    database.migrate().now_or_never().unwrap().unwrap();
    let panicked = database.write(async |conn: &mut Connection| -> Result<(), Error> {
        conn.batch_execute("DELETE FROM __diesel_schema_migrations").await?;
        panic!("as planned")
    });
    assert!(panicked.now_or_never().unwrap().is_err());
    assert_eq!(database.schema_state().now_or_never().unwrap().unwrap(), SchemaState::UpToDate);
}
