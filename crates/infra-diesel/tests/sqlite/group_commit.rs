//! Units of work share commits, and one that fails doesn't affect the others.

use crate::notes::{file_in, note, notes, seen, write_note};
use diesel_async::SimpleAsyncConnection;
use fasttrack_domain::ports::{RepositoryError, constraint};
use fasttrack_infra_diesel::sqlite::{Database, SqliteLocation};
use futures_util::{FutureExt, future::join_all};
use std::{pin::pin, sync::mpsc};
use tokio::{sync::oneshot, task::JoinHandle};

/// A unit of work that has begun and blocks the writer thread until it is released.
pub struct Held {
    release: mpsc::Sender<()>,
    unit: JoinHandle<Result<(), RepositoryError>>,
}

impl Held {
    /// The id of the note that it writes.
    const NOTE: i64 = -1;

    pub async fn in_front_of(database: &Database) -> Self {
        let (release, released) = mpsc::channel();
        let (tell, begun) = oneshot::channel();
        let database = database.clone();
        let unit = tokio::spawn(async move {
            let hold = async move |conn: &mut _| {
                write_note(conn, Self::NOTE).await?;
                tell.send(()).unwrap();
                released.recv().unwrap();
                Ok(())
            };
            database.write(hold).await
        });
        begun.await.unwrap();
        Self { release, unit }
    }

    pub async fn let_go(self) {
        self.release.send(()).unwrap();
        self.unit.await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn units_that_wait_together_are_committed_together() {
    let (database, _directory) = notes().await;
    let held = Held::in_front_of(&database).await;
    let mut first = pin!(note(&database, 1));
    assert!(first.as_mut().now_or_never().is_none());
    // Second in the group: reads before the first is committed.
    let other = database.clone();
    let mut second = pin!(database.write(async move |conn| {
        write_note(conn, 2).await?;
        Ok(seen(&other).now_or_never().unwrap())
    }));
    assert!(second.as_mut().now_or_never().is_none());
    held.let_go().await;
    assert_eq!(second.await.unwrap(), [Held::NOTE], "the first of the group was committed by itself");
    first.await.unwrap();
    assert_eq!(seen(&database).await, [Held::NOTE, 1, 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unit_that_fails_or_panics_is_undone_alone() {
    let (database, _directory) = notes().await;
    let held = Held::in_front_of(&database).await;
    let mut units: Vec<_> = (0..9)
        .map(|id| {
            let database = &database;
            Box::pin(database.write(async move |conn| {
                write_note(conn, id).await?;
                match id % 3 {
                    0 => Ok(()),
                    1 => write_note(conn, id).await,
                    _ => panic!("this unit panics, as it should"),
                }
            }))
        })
        .collect();
    for unit in &mut units {
        assert!(unit.now_or_never().is_none());
    }
    held.let_go().await;
    let kept: Vec<_> = join_all(units).await.iter().map(Result::is_ok).collect();
    assert_eq!(kept, [true, false, false, true, false, false, true, false, false]);
    assert_eq!(seen(&database).await, [Held::NOTE, 0, 3, 6]);
}

#[tokio::test]
async fn a_lone_unit_that_fails_or_panics_leaves_nothing() {
    let (database, _directory) = notes().await;
    let failed = database.write(async |conn| {
        write_note(conn, 1).await?;
        write_note(conn, 1).await
    });
    assert!(matches!(failed.await, Err(RepositoryError::Other(_))));
    let panicked = database.write(async |conn| -> Result<(), _> {
        write_note(conn, 2).await?;
        panic!("this unit panics, as it should")
    });
    assert!(matches!(panicked.await, Err(RepositoryError::Other(_))));
    note(&database, 3).await.unwrap();
    assert_eq!(seen(&database).await, [3]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failed_commit_fails_all_its_units_but_not_the_next() {
    let (database, _directory) = notes().await;
    let held = Held::in_front_of(&database).await;
    let mut good = pin!(note(&database, 1));
    let mut bad = pin!(database.write(async |conn| {
        let unchecked = "PRAGMA defer_foreign_keys = ON; INSERT INTO notes (id, book_id) VALUES (2, 404)";
        Ok(conn.batch_execute(unchecked).await?)
    }));
    assert!(good.as_mut().now_or_never().is_none() && bad.as_mut().now_or_never().is_none());
    held.let_go().await;
    for result in [good.await, bad.await] {
        assert!(result.unwrap_err().is_conflict(constraint::REFERENCE));
    }
    note(&database, 3).await.unwrap();
    assert_eq!(seen(&database).await, [Held::NOTE, 3]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_refuses_at_once_and_keeps_what_it_took() {
    let (database, _directory) = notes().await;
    let held = Held::in_front_of(&database).await;
    let mut waiting = Vec::new();
    let refused = loop {
        let id = waiting.len().try_into().unwrap();
        let database = database.clone();
        let mut unit = Box::pin(async move { note(&database, id).await });
        match unit.as_mut().now_or_never() {
            None => waiting.push(unit),
            Some(result) => break result,
        }
    };
    assert!(matches!(refused, Err(RepositoryError::Unavailable(_))));
    held.let_go().await;
    let taken = waiting.len();
    assert!(join_all(waiting).await.iter().all(Result::is_ok));
    assert_eq!(seen(&database).await.len(), 1 + taken);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unit_whose_caller_is_gone_before_it_begins_is_left_out() {
    let (database, _directory) = notes().await;
    let held = Held::in_front_of(&database).await;
    {
        let mut gone = pin!(note(&database, 1));
        assert!(gone.as_mut().now_or_never().is_none());
    }
    held.let_go().await;
    note(&database, 2).await.unwrap();
    assert_eq!(seen(&database).await, [Held::NOTE, 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_handle_waits_for_what_has_begun() {
    let (database, directory) = notes().await;
    assert!(seen(&database).await.is_empty());
    let Held { release, unit } = Held::in_front_of(&database).await;
    unit.abort();
    assert!(unit.await.unwrap_err().is_cancelled());
    let closed = tokio::task::spawn_blocking(move || drop(database));
    release.send(()).unwrap();
    closed.await.unwrap();
    // The last connection to close has merged the log into the database.
    assert!(!directory.path().join("fasttrack.db-wal").exists());
    assert_eq!(seen(&Database::open(&file_in(&directory)).unwrap()).await, [Held::NOTE]);
}

#[tokio::test]
async fn work_that_waits_for_something_else_is_undone() {
    let (database, _directory) = notes().await;
    let waits = database.write(async |conn| {
        write_note(conn, 1).await?;
        tokio::task::yield_now().await;
        Ok(())
    });
    assert!(matches!(waits.await, Err(RepositoryError::Other(_))));
    assert!(seen(&database).await.is_empty());
}

#[tokio::test]
async fn a_connection_that_reads_can_not_write() {
    let (database, _directory) = notes().await;
    assert!(database.read(async |conn| write_note(conn, 1).await).await.is_err());
    assert!(seen(&database).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_and_writers_do_not_wait_for_each_other() {
    for location in [None, Some(SqliteLocation::Memory)] {
        let (mut database, _directory) = notes().await;
        if let Some(location) = location {
            database = Database::open(&location).unwrap();
            let table = async |conn: &mut fasttrack_infra_diesel::sqlite::Connection| {
                Ok(conn.batch_execute("CREATE TABLE notes (id INTEGER PRIMARY KEY) STRICT").await?)
            };
            database.write(table).await.unwrap();
        }
        let tasks = (0..8).map(|task| {
            let database = database.clone();
            tokio::spawn(async move {
                for n in 0..50 {
                    let id = task * 50 + n;
                    note(&database, id).await.unwrap();
                    assert!(seen(&database).await.contains(&id), "what was acknowledged is seen");
                }
            })
        });
        for task in join_all(tasks).await {
            task.unwrap();
        }
        assert_eq!(seen(&database).await.len(), 400);
    }
}
