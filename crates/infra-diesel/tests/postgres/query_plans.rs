//! Every query that a repository makes finds its rows by an index.

use chrono::DateTime;
use diesel::{QueryableByName, connection::InstrumentationEvent, sql_query, sql_types::Text};
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
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
    postgres::{Connection, Database},
};
use fasttrack_testkit::postgres::Cluster;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

/// The index that finds the rows where a query has this in it; the first line that fits.
const INDEXES: [(&str, &str); 5] = [
    (r#"LEFT OUTER JOIN "tasks""#, " tasks_project_id "),
    (r#"LEFT OUTER JOIN "comments""#, " comments_task_id "),
    (r#""projects"."owner_id" = $"#, " projects_owner_id "),
    (r#""tasks"."assignee_id" = $"#, " tasks_assignee_id "),
    (r#""users"."email" = $"#, " users_email_key "),
];

/// Enough rows for the planner to tell one index from another.
const FILL: &str = "
    INSERT INTO users (email, display_name, role, is_active, token_epoch, created_at, updated_at, version)
        SELECT n || '@example.org', n, (ARRAY['admin', 'user'])[1 + n % 2], true, 0, now(), now(), 1
        FROM generate_series(1, 1000) n;
    INSERT INTO projects (name, status, owner_id, created_at, updated_at, version)
        SELECT n, (ARRAY['active', 'archived'])[1 + n % 2], n, now(), now(), 1 FROM generate_series(1, 1000) n;
    INSERT INTO tasks (project_id, title, status, priority, assignee_id, created_at, updated_at, version)
        SELECT n, n, (ARRAY['todo', 'done'])[1 + n % 2], (ARRAY['low', 'high'])[1 + n % 2], n, now(), now(), 1
        FROM generate_series(1, 1000) n;
    INSERT INTO comments (task_id, author_id, body, created_at)
        SELECT n, n, n, now() FROM generate_series(1, 1000) n;
    ANALYZE;
";

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    #[diesel(column_name = "QUERY PLAN")]
    line: String,
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
async fn every_query_uses_an_index() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    // One connection: the one that is listened to.
    let database = Database::open(empty.url(), 1).unwrap();
    database.migrate().await.unwrap();
    database.write(async |conn| Ok(conn.batch_execute(FILL).await?)).await.unwrap();
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
    let listen = async move |conn: &mut Connection| {
        conn.set_instrumentation(record);
        // The plan for any value; and by an index wherever there is one.
        conn.batch_execute("SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off").await?;
        Ok(())
    };
    database.write(listen).await.unwrap();
    ask_everything(&Repositories::postgres(&database)).await;

    let asked = std::mem::take(&mut *asked.lock().unwrap());
    let asked: Vec<_> = asked.into_iter().filter(|sql| sql.contains(" \"") && !sql.contains("__diesel")).collect();
    assert!(asked.len() > 30, "only {} queries were seen", asked.len());
    for sql in asked {
        let asked = sql.clone();
        let values =
            (1..100).take_while(|n| sql.contains(&format!("${n}"))).map(|_| "NULL").collect::<Vec<_>>().join(", ");
        let values = if values.is_empty() { values } else { format!("({values})") };
        let explain = format!("EXPLAIN EXECUTE query{values}");
        let steps = async move |conn: &mut Connection| {
            conn.batch_execute(&format!("DEALLOCATE ALL; PREPARE query AS {asked}")).await?;
            Ok(sql_query(explain).load(conn).await?)
        };
        let steps: Vec<Step> = database.read(steps).await.unwrap();
        let plan: Vec<_> = steps.into_iter().map(|step| step.line).collect();
        assert!(!plan.iter().any(|line| line.contains("Seq Scan")), "{sql}\n{plan:#?}");
        if let Some((_, index)) = INDEXES.iter().find(|(part, _)| sql.contains(part)) {
            assert!(plan.iter().any(|line| line.contains(index)), "{sql}\n{plan:#?}");
        }
    }
}
