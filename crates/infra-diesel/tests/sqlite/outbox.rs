//! Events that can't be read.

use diesel_async::SimpleAsyncConnection;
use fasttrack_domain::{
    event::{Event, TaskEvent, TaskEventKind},
    membership::MemberRole,
    ports::outbox::{Backlog, Consequence, Dispatched},
    task::TaskProject,
};
use fasttrack_infra_diesel::sqlite::{Database, SqliteLocation};
use fasttrack_testkit::builders::{new_notification, new_project, new_task, new_user, subscriber};
use std::sync::{Arc, Mutex};

fn of_task(event: &Event) -> &TaskEvent {
    let Event::Task(event) = event else { panic!("{event:?}") };
    event
}

async fn execute(database: &Database, sql: &'static str) {
    database.write(async move |conn| Ok(conn.batch_execute(sql).await?)).await.unwrap();
}

#[tokio::test]
async fn unreadable_event_is_set_aside_and_blocks_no_other() {
    let database = Database::open(&SqliteLocation::Memory).unwrap();
    database.migrate().await.unwrap();
    let repositories = database.repositories();
    let user = repositories.users.create(new_user()).await.unwrap().id;
    let project = repositories.projects.create(new_project(user), None).await.unwrap();
    let project = TaskProject::new(project, Some(MemberRole::Owner));
    execute(&database, "DELETE FROM events").await;
    for _ in 0..4 {
        repositories.tasks.create(new_task(&project), None).await.unwrap();
    }
    execute(
        &database,
        r#"UPDATE events SET payload = '{"kind":"task_painted"}' WHERE id = 2;
           UPDATE events SET payload = replace(payload, '"actor_id":1', '"actor_id":404') WHERE id = 4"#,
    )
    .await;

    let tasks = Arc::new(Mutex::new(Vec::new()));
    let notify = {
        let tasks = Arc::clone(&tasks);
        subscriber(move |event, _| {
            let task = &of_task(event).task;
            tasks.lock().unwrap().push(task.task_id.get());
            vec![Consequence::Notify(new_notification(event.actor_id().unwrap(), task.project_id, 1))]
        })
    };
    let dispatch = async || repositories.outbox.dispatch(Arc::new([Arc::clone(&notify)]), 2).await.unwrap();
    for _ in 0..2 {
        let Dispatched { events, more, heads } = dispatch().await;
        assert_eq!((events, more, heads.len()), (1, true, 1));
    }
    assert_eq!(dispatch().await, Dispatched::default());
    assert_eq!(*tasks.lock().unwrap(), [2, 4]);
    let backlog = Backlog { set_aside: 2, ..Backlog::default() };
    assert_eq!(repositories.outbox.backlog(100).await.unwrap(), backlog);
    assert_eq!(repositories.notifications.after(user, 0, 10).await.unwrap().len(), 2);

    // As after an upgrade to a program that can read it.
    execute(
        &database,
        r#"UPDATE events SET payload = replace(payload, '"actor_id":404', '"actor_id":1'), is_set_aside = 0"#,
    )
    .await;
    assert_eq!(dispatch().await.events, 1);
    assert_eq!(*tasks.lock().unwrap(), [2, 4, 3]);
}

#[tokio::test]
async fn what_was_set_aside_is_retried_by_its_kind() {
    let database = Database::open(&SqliteLocation::Memory).unwrap();
    database.migrate().await.unwrap();
    let outbox = database.repositories().outbox;
    execute(
        &database,
        "INSERT INTO events (kind, payload, created_at, is_set_aside)
             VALUES ('reminder_due', '{}', 0, 1), ('task_painted', '{}', 0, 1), ('reminder_due', '{}', 0, 0)",
    )
    .await;
    assert_eq!(outbox.retry_set_aside(TaskEventKind::REMINDER_DUE).await.unwrap(), 1);
    let backlog = outbox.backlog(100).await.unwrap();
    assert_eq!((backlog.waiting, backlog.set_aside), (2, 1));
    assert_eq!(outbox.retry_set_aside(TaskEventKind::REMINDER_DUE).await.unwrap(), 0);
}

#[tokio::test]
async fn a_name_that_can_not_be_read_sets_aside_what_its_owner_did() {
    let database = Database::open(&SqliteLocation::Memory).unwrap();
    database.migrate().await.unwrap();
    let repositories = database.repositories();
    let mut tasks = Vec::new();
    for _ in 0..2 {
        let user = repositories.users.create(new_user()).await.unwrap().id;
        let project = repositories.projects.create(new_project(user), None).await.unwrap();
        let project = TaskProject::new(project, Some(MemberRole::Owner));
        tasks.push(repositories.tasks.create(new_task(&project), None).await.unwrap());
    }
    execute(&database, "UPDATE users SET display_name = '' WHERE id = 1").await;
    let second = tasks[1].id;
    let check = subscriber(move |event, _| {
        assert_eq!(of_task(event).task.task_id, second);
        assert!(matches!(of_task(event).kind, TaskEventKind::TaskCreated { .. }));
        Vec::new()
    });
    // Those of the projects name no actor.
    assert_eq!(repositories.outbox.dispatch(Arc::new([check]), 10).await.unwrap().events, 3);
}
