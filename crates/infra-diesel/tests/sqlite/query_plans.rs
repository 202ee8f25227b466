//! Every query that a repository makes finds its rows by an index, in the order in which they are wanted.

use chrono::DateTime;
use diesel::{QueryableByName, connection::InstrumentationEvent, sql_query, sql_types::Text};
use diesel_async::{AsyncConnection, RunQueryDsl};
use fasttrack_domain::{
    email::Email,
    id::{CommentId, ProjectId, SessionId, TaskId, UserId},
    idempotency::IdempotencyKey,
    page::{Cursor, PageRequest},
    project::{ProjectFilter, ProjectStatus},
    task::{TaskFilter, TaskPriority, TaskRemoval, TaskStatus},
    user::{Role, UserFilter},
};
use fasttrack_infra_diesel::{
    Repositories,
    sqlite::{Connection, Database, SqliteLocation},
};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

/// The index that finds the rows where a query has this in it; the first line that fits.
const INDEXES: [(&str, &str); 9] = [
    ("LEFT OUTER JOIN `tasks`", " tasks_project_id "),
    ("LEFT OUTER JOIN `comments`", " comments_task_id "),
    ("`projects`.`owner_id` = ?", " projects_owner_id "),
    ("`tasks`.`assignee_id` = ?", " tasks_assignee_id "),
    ("`users`.`email` = ?", " sqlite_autoindex_users_1 "),
    ("DELETE FROM `projects`", " tasks_project_id "),
    ("DELETE FROM `tasks`", " comments_task_id "),
    ("DELETE FROM `sessions`", " refresh_tokens_session_id "),
    ("DELETE FROM `idempotency_records`", " idempotency_records_expires_at "),
];

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// Asks everything that a repository can be asked, with every filter.
async fn ask_everything(repositories: &Repositories) {
    let Repositories { users, projects, tasks, comments, sessions, revocations, idempotency, health } = repositories;
    let (user, project, task, now) = (UserId::new(1), ProjectId::new(1), TaskId::new(1), DateTime::UNIX_EPOCH);
    let page = PageRequest { cursor: Some(Cursor::after(1)), ..PageRequest::default() };
    let email = Email::parse("ann@example.org").unwrap();

    users.find(user).await.unwrap();
    users.find_credentials(&email).await.unwrap();
    for role in [None, Some(Role::Admin)] {
        for is_active in [None, Some(true)] {
            for email in [None, Some(email.clone())] {
                users.list(UserFilter { role, is_active, email }, page).await.unwrap();
            }
        }
    }
    projects.find(project).await.unwrap();
    projects.delete(project, 1).await.unwrap();
    for owner_id in [None, Some(user)] {
        for status in [None, Some(ProjectStatus::Active)] {
            projects.list(ProjectFilter { owner_id, status }, page).await.unwrap();
        }
    }
    tasks.find_project(project).await.unwrap();
    tasks.find(task).await.unwrap();
    tasks.delete(TaskRemoval { id: task, based_on: 1, events: Vec::new() }).await.unwrap();
    for status in [None, Some(TaskStatus::Todo)] {
        for priority in [None, Some(TaskPriority::Low)] {
            for assignee_id in [None, Some(user)] {
                let filter = TaskFilter { status, priority, assignee_id };
                tasks.list(filter.clone(), page).await.unwrap();
                tasks.list_in_project(project, filter, page).await.unwrap();
            }
        }
    }
    comments.find(CommentId::new(1)).await.unwrap();
    comments.delete(CommentId::new(1)).await.unwrap();
    comments.list_on_task(task, page).await.unwrap();
    sessions.end(SessionId::new(1), user, now, Vec::new()).await.unwrap();
    sessions.delete_expired(now).await.unwrap();
    revocations.since(1).await.unwrap();
    revocations.delete_expired(now).await.unwrap();
    idempotency.find(user, &IdempotencyKey::parse("k".to_owned()).unwrap(), now).await.unwrap();
    idempotency.delete_expired(now).await.unwrap();
    health.check().await.unwrap();
}

#[tokio::test]
async fn every_query_uses_an_index_and_none_sorts() {
    let database = Database::open(&SqliteLocation::Memory).unwrap();
    database.migrate().await.unwrap();
    let asked: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let record = {
        let asked = Arc::clone(&asked);
        move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                let text = query.to_string();
                asked.lock().unwrap().insert(text.split(" -- binds").next().unwrap().to_owned());
            }
        }
    };
    // In memory there is one connection.
    let listen = async move |conn: &mut Connection| {
        conn.set_instrumentation(record);
        Ok(())
    };
    database.write(listen).await.unwrap();
    ask_everything(&Repositories::sqlite(&database)).await;

    let asked = std::mem::take(&mut *asked.lock().unwrap());
    let asked: Vec<_> = asked.into_iter().filter(|sql| sql.contains(" `") && !sql.contains("__diesel")).collect();
    assert!(asked.len() > 30, "only {} queries were seen", asked.len());
    for sql in asked {
        let explain = format!("EXPLAIN QUERY PLAN {sql}");
        let steps: Vec<Step> = database.read(async move |conn| Ok(sql_query(explain).load(conn).await?)).await.unwrap();
        let plan: Vec<_> = steps.into_iter().map(|step| step.detail).collect();
        let searches = plan.iter().all(|step| step.starts_with("SEARCH "));
        assert!(searches && !plan.iter().any(|step| step.contains("TEMP B-TREE")), "{sql}\n{plan:#?}");
        if let Some((_, index)) = INDEXES.iter().find(|(part, _)| sql.contains(part)) {
            assert!(plan.iter().any(|step| step.contains(index)), "{sql}\n{plan:#?}");
        }
    }
}
