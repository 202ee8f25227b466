//! The rows after a change, beyond what the ports return.

use crate::notes::file_in;
use diesel::{QueryableByName, connection::InstrumentationEvent, sql_query, sql_types::Text};
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use fasttrack_domain::{
    event::Event,
    id::{ProjectId, TaskId, UserId},
    membership::MemberRole,
    ports::{Repositories, RepositoryError},
    project::ProjectPatch,
    task::{NewTask, TaskInProject, TaskPatch, TaskProject, TaskStatus},
    text::ProjectName,
};
use fasttrack_infra_diesel::sqlite::{Connection, Database, SqliteLocation};
use fasttrack_testkit::builders::{MOMENT, NOBODY, new_project, new_task, new_user};
use std::sync::{Arc, Mutex};

/// A migrated database in memory with a user and a project, and a task that is to be created there.
async fn garden() -> (Database, Repositories, NewTask) {
    let database = Database::open(&SqliteLocation::Memory).unwrap();
    database.migrate().await.unwrap();
    let repositories = database.repositories();
    let owner_id = repositories.users.create(new_user()).await.unwrap().id;
    let project = repositories.projects.create(new_project(owner_id), None).await.unwrap();
    let project = TaskProject::new(project, Some(MemberRole::Owner));
    let task = NewTask { assignee_id: Some(owner_id), ..new_task(&project) };
    execute(&database, "DELETE FROM events").await;
    (database, repositories, task)
}

#[derive(QueryableByName)]
struct EventRow {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    payload: String,
}

async fn events(database: &Database) -> Vec<EventRow> {
    let all = "SELECT kind, payload FROM events ORDER BY id";
    database.read(async move |conn| Ok(sql_query(all).load(conn).await?)).await.unwrap()
}

async fn execute(database: &Database, sql: &'static str) {
    database.write(async move |conn| Ok(conn.batch_execute(sql).await?)).await.unwrap();
}

async fn move_on(repositories: &Repositories, found: &TaskInProject, status: TaskStatus) -> bool {
    let patch = TaskPatch { status: Some(status), ..TaskPatch::default() };
    let change = found.apply(patch, UserId::new(1), MOMENT).unwrap().unwrap();
    repositories.tasks.save(change).await.unwrap().is_some()
}

#[tokio::test]
async fn events_stand_beside_the_change_that_caused_them() {
    let (database, repositories, task) = garden().await;
    let expected = task.events(TaskId::new(1));
    repositories.tasks.create(task, None).await.unwrap();
    let written = events(&database).await;
    assert_eq!(written.iter().map(|event| event.kind.as_str()).collect::<Vec<_>>(), ["task_created", "task_assigned"]);
    for (event, expected) in written.iter().zip(&expected) {
        let read: Event = serde_json::from_str(&event.payload).unwrap();
        assert_eq!(read, Event::Task(expected.clone()));
    }
}

#[tokio::test]
async fn no_change_leaves_no_event() {
    let (database, repositories, task) = garden().await;
    let stray = NewTask { project: TaskProject { id: ProjectId::new(404), ..task.project.clone() }, ..task.clone() };
    assert!(repositories.tasks.create(stray, None).await.is_err());
    assert!(events(&database).await.is_empty());

    let id = repositories.tasks.create(task, None).await.unwrap().id;
    let found = repositories.tasks.find(id, NOBODY).await.unwrap().unwrap();
    assert!(move_on(&repositories, &found, TaskStatus::InProgress).await);
    let before = events(&database).await.len();
    assert!(!move_on(&repositories, &found, TaskStatus::InProgress).await, "the version is not the one that stands");
    assert!(!repositories.tasks.delete(found.remove(UserId::new(1), MOMENT)).await.unwrap());
    assert_eq!(events(&database).await.len(), before);
}

#[tokio::test]
async fn a_row_that_is_no_entity_is_named() {
    let (database, repositories, task) = garden().await;
    let id = repositories.tasks.create(task, None).await.unwrap().id;
    execute(&database, "UPDATE tasks SET title = ' '").await;
    let Err(RepositoryError::Other(error)) = repositories.tasks.find(id, NOBODY).await else { panic!("no error") };
    assert!(error.to_string().starts_with("row 1 of `tasks` can't be read"), "{error}");
}

#[tokio::test]
async fn the_updates_of_tasks_and_projects_stay_prepared() {
    let (database, repositories, task) = garden().await;
    let cached: Arc<Mutex<Vec<String>>> = Arc::default();
    let record = {
        let cached = Arc::clone(&cached);
        move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::CacheQuery { sql, .. } = event {
                cached.lock().unwrap().push(sql.to_owned());
            }
        }
    };
    let listen = async move |conn: &mut Connection| {
        conn.set_instrumentation(record);
        Ok(())
    };
    database.write(listen).await.unwrap();

    let id = repositories.tasks.create(task.clone(), None).await.unwrap().id;
    for status in [TaskStatus::InProgress, TaskStatus::Done, TaskStatus::InProgress] {
        let found = repositories.tasks.find(id, NOBODY).await.unwrap().unwrap();
        assert!(move_on(&repositories, &found, status).await);
        let project = repositories.projects.find(task.project.id, NOBODY).await.unwrap().unwrap().project;
        let name = ProjectName::parse(format!("Garden, {status}")).ok();
        let change = project.apply(ProjectPatch { name, ..ProjectPatch::default() }, MOMENT).unwrap();
        repositories.projects.save(change).await.unwrap().unwrap();
    }
    let updates: Vec<_> = cached.lock().unwrap().iter().filter(|sql| sql.starts_with("UPDATE")).cloned().collect();
    // That of the task, that of the project, and the project's number of tasks.
    assert_eq!(updates.len(), 3, "{updates:#?}");
}

#[tokio::test]
async fn two_handles_on_one_file_see_what_the_other_committed() {
    let directory = tempfile::tempdir().unwrap();
    let (one, other) = (Database::open(&file_in(&directory)).unwrap(), Database::open(&file_in(&directory)).unwrap());
    one.migrate().await.unwrap();
    other.repositories().health.check().await.unwrap();
}

#[tokio::test]
async fn a_project_has_one_owner_at_any_time() {
    let (database, repositories, _) = garden().await;
    repositories.users.create(new_user()).await.unwrap();
    let second = "INSERT INTO members (project_id, user_id, role, created_at) VALUES (1, 2, 'owner', 0)";
    let refused = database.write(async move |conn| Ok(conn.batch_execute(second).await?)).await;
    assert!(refused.is_err());
}
