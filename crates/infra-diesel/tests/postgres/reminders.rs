//! Reminders, and what others do meanwhile.

use crate::{many_reminders::assert_given_in_time, personal_data::Sql};
use fasttrack_domain::{
    id::{TaskId, UserId},
    membership::MemberRole,
    patch::Patch,
    ports::Repositories,
    task::{NewTask, TaskPatch, TaskProject},
};
use fasttrack_infra_diesel::postgres::Database;
use fasttrack_testkit::{
    builders::{MOMENT, NOBODY, after, new_comment, new_project, new_task, new_user, reminders, requested, title},
    postgres::Cluster,
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::task::JoinSet;

const TASKS: usize = 120;

#[tokio::test]
async fn many_reminders_are_given_in_time() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let database = Database::open(empty.url(), 2).unwrap();
    database.migrate().await.unwrap();
    assert_given_in_time(&database.repositories(), &database).await;
}

/// Gives reminders until `is_over` is set and none is left.
async fn give(node: Repositories, is_over: Arc<AtomicBool>) -> u64 {
    let mut count = 0;
    loop {
        let is_last = is_over.load(Ordering::Acquire);
        let given = node.reminders.give(after(9), 7).await.unwrap();
        count += given.events;
        match given.events {
            0 if is_last && !given.more => return count,
            0 => tokio::task::yield_now().await,
            _ => {}
        }
    }
}

/// Changes the task until one change is committed. Without the task it does nothing.
async fn save(node: &Repositories, task: TaskId, patch: &TaskPatch, actor: UserId) {
    loop {
        let Some(found) = node.tasks.find(task, NOBODY).await.unwrap() else { return };
        let Some(change) = found.apply(patch.clone(), actor, MOMENT).unwrap() else { return };
        if node.tasks.save(change).await.unwrap().is_some() {
            return;
        }
    }
}

/// Changes and comments on the first half of the tasks, and sets another reminder of the second half.
async fn change(node: Repositories, tasks: Vec<TaskId>, actor: UserId) {
    let (changed, reminded) = tasks.split_at(tasks.len() / 2);
    for (task, other) in changed.iter().zip(reminded) {
        let patch = TaskPatch { description: Patch::Clear, ..TaskPatch::default() };
        save(&node, *task, &patch, actor).await;
        let patch = TaskPatch { reminders: Some(requested(&[after(2)])), ..TaskPatch::default() };
        save(&node, *other, &patch, actor).await;
        if let Some(found) = node.tasks.find(*task, NOBODY).await.unwrap() {
            node.comments.create(new_comment(&found, actor), None).await.unwrap();
        }
    }
}

/// Deletes tasks with what is under them.
async fn delete(node: Repositories, tasks: Vec<TaskId>, actor: UserId) {
    for task in tasks {
        while let Some(found) = node.tasks.find(task, NOBODY).await.unwrap() {
            if node.tasks.delete(found.remove(actor, MOMENT)).await.unwrap() {
                break;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_give_each_reminder_once_beside_writers() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let databases = [0; 2].map(|_| Database::open(empty.url(), 6).unwrap());
    databases[0].migrate().await.unwrap();
    let nodes = databases.each_ref().map(Database::repositories);
    let owner = nodes[0].users.create(new_user()).await.unwrap().id;
    let project = nodes[0].projects.create(new_project(owner), None).await.unwrap();
    let project = TaskProject::new(project, Some(MemberRole::Owner));
    let (mut kept, mut deleted) = (Vec::new(), Vec::new());
    for n in 0..TASKS {
        let name = if n < TASKS / 2 { "Once" } else { "Twice" };
        let task = NewTask { title: title(name), reminders: reminders(&[after(1)]), ..new_task(&project) };
        let task = nodes[0].tasks.create(task, None).await.unwrap().id;
        if n % 4 == 3 { deleted.push(task) } else { kept.push(task) }
    }
    // Each of these has a task with a lower id under it, which is deleted with it.
    for pair in deleted.chunks_exact(2) {
        let patch = TaskPatch { parent_id: Patch::Set(pair[1]), ..TaskPatch::default() };
        save(&nodes[0], pair[0], &patch, owner).await;
    }

    let is_over = Arc::new(AtomicBool::new(false));
    let mut givers = JoinSet::new();
    for node in &nodes {
        givers.spawn(give(node.clone(), Arc::clone(&is_over)));
    }
    let mut writers = JoinSet::new();
    for node in &nodes {
        writers.spawn(change(node.clone(), kept.clone(), owner));
    }
    deleted.reverse();
    writers.spawn(delete(nodes[1].clone(), deleted, owner));
    writers.join_all().await;
    is_over.store(true, Ordering::Release);
    let given: u64 = givers.join_all().await.into_iter().sum();

    let database = &databases[0];
    let events = "SELECT count(*) AS count FROM events WHERE kind = 'reminder_due'";
    assert_eq!(database.count(events.to_owned()).await, i64::try_from(given).unwrap());
    assert_eq!(database.count("SELECT count(*) AS count FROM task_reminders".to_owned()).await, 0);
    let of_task = format!("({events} AND payload::jsonb #>> '{{task,task_id}}' = tasks.id::text)");
    let not_once = format!("SELECT count(*) AS count FROM tasks WHERE title = 'Once' AND {of_task} <> 1");
    assert_eq!(database.count(not_once).await, 0);
}
