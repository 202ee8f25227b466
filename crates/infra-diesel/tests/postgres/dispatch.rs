//! Several nodes dispatch events at once.

use fasttrack_domain::{
    comment::NewComment,
    event::{Event, TaskEvent, TaskEventKind},
    id::{CommentId, ProjectId, TaskId, UserId},
    membership::MemberRole,
    notification::NotificationContent,
    ports::{
        Repositories, RepositoryError,
        outbox::{Consequence, EventSubscriber},
    },
    project::Project,
    statistics::StatisticsDelta,
    task::{NewTask, TaskProject, TaskStatus},
};
use fasttrack_infra_diesel::postgres::Database;
use fasttrack_testkit::{
    builders::{MOMENT, NOBODY, body, new_notification, new_project, new_task, new_user, subscriber},
    postgres::Cluster,
};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::task::JoinSet;

const TASKS: usize = 10;
const COMMENTS: usize = 100;

fn within(project: &Project) -> TaskProject {
    TaskProject::new(project.clone(), Some(MemberRole::Owner))
}

/// Notifies this user, who is a member of the project, of every comment.
fn notify(user: UserId, project: ProjectId) -> Arc<[Arc<dyn EventSubscriber>]> {
    let notify = move |event: &Event| match event {
        Event::Task(TaskEvent { kind: TaskEventKind::CommentAdded { comment_id, .. }, .. }) => {
            vec![Consequence::Notify(new_notification(user, project, comment_id.get()))]
        }
        _ => Vec::new(),
    };
    Arc::new([subscriber(move |event, _| notify(event))])
}

async fn comment(node: Repositories, task: TaskId, author: UserId) -> (TaskId, Vec<CommentId>) {
    let found = node.tasks.find(task, NOBODY).await.unwrap().unwrap();
    let mut written = Vec::new();
    for n in 0..COMMENTS {
        let comment = NewComment::on(&found, author, body(&n.to_string()), MOMENT);
        written.push(node.comments.create(comment, None).await.unwrap().id);
    }
    (task, written)
}

/// Dispatches until `is_over` is set and no event is left.
pub async fn dispatch(
    node: Repositories,
    subscribers: Arc<[Arc<dyn EventSubscriber>]>,
    is_over: Arc<AtomicBool>,
) -> usize {
    let mut count = 0;
    loop {
        let is_last = is_over.load(Ordering::Acquire);
        match node.outbox.dispatch(Arc::clone(&subscribers), 16).await.unwrap().events {
            0 if is_last => return count,
            0 => tokio::task::yield_now().await,
            events => count += events,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_dispatch_each_event_once_and_in_order() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let nodes = [0; 2].map(|_| Database::open(empty.url(), 4).unwrap());
    nodes[0].migrate().await.unwrap();
    let nodes = nodes.map(|node| node.repositories());
    let user = nodes[0].users.create(new_user()).await.unwrap().id;
    let project = within(&nodes[0].projects.create(new_project(user), None).await.unwrap());

    let is_over = Arc::new(AtomicBool::new(false));
    let mut dispatchers = JoinSet::new();
    for node in &nodes {
        dispatchers.spawn(dispatch(node.clone(), notify(user, project.id), Arc::clone(&is_over)));
    }
    let mut writers = JoinSet::new();
    for node in nodes.iter().cycle().take(TASKS) {
        let task = node.tasks.create(new_task(&project), None).await.unwrap().id;
        writers.spawn(comment(node.clone(), task, user));
    }
    let written: HashMap<_, _> = writers.join_all().await.into_iter().collect();
    is_over.store(true, Ordering::Release);
    let dispatched: usize = dispatchers.join_all().await.into_iter().sum();
    // One is the project's.
    assert_eq!(dispatched, 1 + TASKS + TASKS * COMMENTS);

    let told = nodes[1].notifications.after(user, 0, 2_000).await.unwrap();
    assert!(told.iter().map(|notification| notification.seq).eq(1..=1_000));
    let told: Vec<_> = told
        .into_iter()
        .map(|notification| match notification.content {
            NotificationContent::CommentAdded { comment_id, .. } => comment_id,
            other => panic!("{other:?}"),
        })
        .collect();
    for (task, comments) in written {
        let of_task: Vec<_> = told.iter().filter(|comment| comments.contains(comment)).copied().collect();
        assert_eq!(of_task, comments, "of task {task}");
    }
}

/// Creates projects with tasks and deletes them.
async fn come_and_go(node: Repositories, user: UserId, rounds: usize) -> Result<(), RepositoryError> {
    for _ in 0..rounds {
        let project = node.projects.create(new_project(user), None).await?;
        for status in [TaskStatus::Todo, TaskStatus::Done] {
            node.tasks.create(NewTask { status, ..new_task(&within(&project)) }, None).await?;
        }
        node.projects.delete(project.id, project.version, MOMENT, None).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dispatch_rebuild_and_writes_do_not_deadlock() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let database = Database::open(empty.url(), 12).unwrap();
    database.migrate().await.unwrap();
    let node = database.repositories();
    let user = node.users.create(new_user()).await.unwrap().id;
    let stays = node.projects.create(new_project(user), None).await.unwrap();

    let is_over = Arc::new(AtomicBool::new(false));
    let count = subscriber(|event, _| StatisticsDelta::of(event).map(Consequence::Count).into_iter().collect());
    let mut others = JoinSet::new();
    for _ in 0..2 {
        others.spawn(dispatch(node.clone(), Arc::new([Arc::clone(&count)]), Arc::clone(&is_over)));
    }
    let (rebuilding, over) = (node.clone(), Arc::clone(&is_over));
    others.spawn(async move {
        while !over.load(Ordering::Acquire) {
            rebuilding.statistics.rebuild(MOMENT).await.unwrap();
        }
        0
    });
    let mut writers = JoinSet::new();
    for _ in 0..4 {
        writers.spawn(come_and_go(node.clone(), user, 25));
        let (node, task) = (node.clone(), new_task(&within(&stays)));
        writers.spawn(async move {
            for _ in 0..50 {
                node.tasks.create(task.clone(), None).await?;
            }
            Ok(())
        });
    }
    writers.join_all().await.into_iter().collect::<Result<Vec<()>, _>>().unwrap();
    is_over.store(true, Ordering::Release);
    others.join_all().await;
    assert_eq!(node.statistics.find(stays.id, NOBODY).await.unwrap().unwrap().statistics.todo, 200);
    assert_eq!(node.statistics.rebuild(MOMENT).await.unwrap(), 0);
}
