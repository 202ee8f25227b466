//! What goes wrong with one write, or keeps it waiting, is no matter of the others.

use super::{Given, Lock, at_once, begin};
use crate::personal_data::Sql;
use fasttrack_domain::{
    comment::NewComment,
    id::{ProjectId, TaskId, UserId},
    ports::{RepositoryError, constraint},
    task::NewTask,
};
use futures_util::{FutureExt, future::join_all};
use std::sync::Arc;
use tokio::task::JoinSet;

#[tokio::test]
async fn quota_is_filled_and_not_exceeded_by_writes_together() {
    let Some(given) = Given::new().await else { return };
    let tasks = (0..8).map(|n| given.create(NewTask { quota: 5, ..given.task(&n.to_string()) })).collect();
    let created = at_once(tasks).await;
    assert_eq!(created.iter().filter(|created| created.is_ok()).count(), 5);
    for refused in created.into_iter().filter_map(Result::err) {
        assert!(refused.is_conflict(constraint::QUOTA), "{refused:?}");
    }
    let [task, ..] = &given.tasks(1).await[..] else { return };
    let comment = NewComment { quota: 5, ..given.comment(task.id, "now").await };
    let added = at_once((0..8).map(|_| given.add(comment.clone())).collect()).await;
    assert_eq!(added.iter().filter(|added| added.is_ok()).count(), 5);
    for refused in added.into_iter().filter_map(Result::err) {
        assert!(refused.is_conflict(constraint::QUOTA), "{refused:?}");
    }
}

#[tokio::test]
async fn write_that_is_refused_leaves_the_others_alone() {
    let Some(given) = Given::new().await else { return };
    let good = given.task("good");
    let mut elsewhere = good.clone();
    elsewhere.project.id = ProjectId::new(404);
    let of_nobody = NewTask { assignee_id: Some(UserId::new(404)), ..good.clone() };
    let tasks = [good.clone(), elsewhere, good.clone(), of_nobody, good].map(|task| given.create(task));
    let results = at_once(tasks.into()).await;
    let refused: Vec<_> =
        results.iter().map(|created| created.as_ref().is_err_and(|it| it.is_conflict(constraint::REFERENCE))).collect();
    assert_eq!(refused, [false, true, false, true, false]);
    assert_eq!(results.iter().filter(|created| created.is_ok()).count(), 3);

    // One of a former version, and two of the same.
    let tasks = given.tasks(3).await;
    let (first, second) = (given.start(tasks[0].id).await, given.start(tasks[1].id).await);
    let outdated = given.start(tasks[2].id).await;
    given.ports.tasks.save(outdated.clone()).await.unwrap().unwrap();
    let changes = [first, second.clone(), outdated, second].map(|change| given.save(change));
    let saved: Vec<_> = at_once(changes.into()).await.into_iter().map(|saved| saved.unwrap().is_some()).collect();
    assert_eq!(saved, [true, true, false, false]);

    let comments = [given.comment(tasks[0].id, "a").await, given.comment(tasks[1].id, "b").await];
    let mut gone = comments[0].clone();
    gone.task.task_id = TaskId::new(404);
    let [first, second] = comments;
    let added = at_once([first, gone, second].map(|comment| given.add(comment)).into()).await;
    assert!(added[0].is_ok() && added[2].is_ok());
    assert!(added[1].as_ref().is_err_and(|it| it.is_conflict(constraint::REFERENCE)), "{added:?}");
}

#[tokio::test]
async fn locked_row_keeps_only_its_own_writes_waiting() {
    let Some(given) = Given::new().await else { return };
    let tasks = given.tasks(4).await;
    let mut changes = Vec::new();
    for task in &tasks {
        changes.push(given.start(task.id).await);
    }
    let first = Lock::of(&given, "tasks", tasks[0].id.get()).await;
    let long = Lock::of(&given, "tasks", tasks[2].id.get()).await;
    let mut writes: Vec<_> = changes.into_iter().map(|change| given.save(change)).collect();
    begin(&mut writes);
    first.release().await;
    let last = writes.pop().unwrap();
    let mut locked = writes.pop().unwrap();
    for saved in join_all(writes).await.into_iter().chain([last.await]) {
        assert!(saved.unwrap().is_some());
    }
    assert!(locked.as_mut().now_or_never().is_none());
    long.release().await;
    assert!(locked.await.unwrap().is_some());
}

#[tokio::test]
async fn writes_go_on_where_others_are_given_up() {
    let Some(given) = Given::new().await else { return };
    let lock = Lock::of(&given, "projects", given.project.id.get()).await;
    let mut writes: Vec<_> = (0..5).map(|n| given.create(given.task(&n.to_string()))).collect();
    begin(&mut writes);
    // Who is being written, and one who waits.
    drop(writes.remove(3));
    drop(writes.remove(0));
    let ((), created) = tokio::join!(lock.release(), join_all(writes));
    let titles: Vec<_> = created.into_iter().map(|created| created.unwrap().title.as_str().to_owned()).collect();
    assert_eq!(titles, ["1", "2", "4"]);
    let given_up = "SELECT count(*) AS count FROM tasks WHERE title = '3'".to_owned();
    assert_eq!(given.database.count(given_up).await, 0, "what was given up before it began isn't written");
    given.create(given.task("later")).await.unwrap();
}

#[tokio::test]
async fn writes_go_on_after_the_server_has_closed_all_connections() {
    let Some(given) = Given::new().await else { return };
    let lock = Lock::of(&given, "projects", given.project.id.get()).await;
    let mut writes: Vec<_> = (0..5).map(|n| given.create(given.task(&n.to_string()))).collect();
    begin(&mut writes);
    given.empty.execute(crate::outage::END_OTHERS);
    lock.holder.abort();
    for created in join_all(writes).await {
        assert!(matches!(created, Ok(_) | Err(RepositoryError::Unavailable(_))), "{created:?}");
    }
    // A connection of the pool may be lost without being known to be.
    while given.create(given.task("later")).await.is_err() {}
}

#[tokio::test]
async fn others_do_not_wait_for_one_that_waits_for_a_lock() {
    let Some(given) = Given::new().await else { return };
    let tasks = given.tasks(5).await;
    let mut changes = Vec::new();
    for task in &tasks {
        changes.push(given.start(task.id).await);
    }
    let lock = Lock::of(&given, "tasks", tasks[0].id.get()).await;
    let mut writes: Vec<_> = changes.into_iter().map(|change| given.save(change)).collect();
    begin(&mut writes);
    let slow = writes.remove(0);
    let others = async {
        for saved in join_all(writes).await {
            assert!(saved.unwrap().is_some());
        }
        lock.release().await;
    };
    let (saved, ()) = tokio::join!(slow, others);
    assert!(saved.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_of_one_row_at_once_are_all_counted() {
    let Some(given) = Given::new().await else { return };
    let task = given.tasks(1).await.remove(0);
    let comment = given.comment(task.id, "at once").await;
    let mut writes = JoinSet::new();
    for _ in 0..40 {
        let (comments, comment) = (Arc::clone(&given.ports.comments), comment.clone());
        writes.spawn(async move {
            for _ in 0..5 {
                comments.create(comment.clone(), None).await.unwrap();
            }
        });
    }
    writes.join_all().await;
    for counted in ["SELECT count(*) AS count FROM comments", "SELECT comment_count AS count FROM tasks"] {
        assert_eq!(given.database.count(counted.to_owned()).await, 200, "{counted}");
    }
}

#[tokio::test]
async fn write_beyond_the_queue_is_refused_at_once() {
    let Some(given) = Given::new().await else { return };
    let lock = Lock::of(&given, "projects", given.project.id.get()).await;
    let mut writes = Vec::new();
    let refused = loop {
        let mut write = given.create(given.task("Paint the fence"));
        match write.as_mut().now_or_never() {
            None => writes.push(write),
            Some(refused) => break refused,
        }
    };
    assert!(matches!(refused, Err(RepositoryError::Unavailable(_))), "{refused:?}");
    assert!((1024..1100).contains(&writes.len()), "{}", writes.len());
    let ((), created) = tokio::join!(lock.release(), join_all(writes));
    assert!(created.iter().all(Result::is_ok));
}

#[tokio::test]
async fn write_that_waits_too_long_is_refused_and_not_written() {
    let Some(given) = Given::new().await else { return };
    // A group waits for no row, but for a table.
    let lock = Lock::by(&given, "LOCK TABLE events IN ACCESS EXCLUSIVE MODE".to_owned()).await;
    let mut first = vec![given.create(given.task("alone"))];
    begin(&mut first);
    let mut together: Vec<_> = (0..2).map(|_| given.create(given.task("together"))).collect();
    begin(&mut together);
    let refused = async {
        // Once the group has begun, this one waits for the next.
        while given.waiting_statements().await < 2 {}
        let refused = given.create(given.task("refused")).await;
        assert!(matches!(refused, Err(RepositoryError::Unavailable(_))), "{refused:?}");
        lock.release().await;
    };
    let (first, together, ()) = tokio::join!(join_all(first), join_all(together), refused);
    assert!(first.into_iter().chain(together).all(|created| created.is_ok()));
    let written = "SELECT count(*) AS count FROM tasks WHERE title = 'refused'".to_owned();
    assert_eq!(given.database.count(written).await, 0);
}
