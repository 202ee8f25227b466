//! The five routes. SQL is the same on both databases.

use super::Pool;
use crate::{
    cursor,
    failure::Failure,
    model::{Comment, NewComment, NewTask, OwnedTask, Page, PageQuery, Priority, Status, Task, TaskPatch},
    token::{Caller, Verifier},
};
use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{StatusCode, header::LOCATION},
    response::IntoResponse,
    routing::{get, post},
};
use chrono::Utc;
use std::sync::Arc;

#[derive(Clone)]
struct Application {
    readers: Pool,
    writer: Pool,
    verifier: Arc<Verifier>,
}

impl AsRef<Verifier> for Application {
    fn as_ref(&self) -> &Verifier {
        &self.verifier
    }
}

pub fn router(readers: Pool, writer: Pool, verifier: Arc<Verifier>) -> Router {
    Router::new()
        .route("/tasks/{id}", get(read).patch(update))
        .route("/tasks/{id}/comments", post(comment))
        .route("/projects/{id}/tasks", get(list).post(create))
        .with_state(Application { readers, writer, verifier })
}

async fn read(
    State(application): State<Application>,
    Caller(caller): Caller,
    Path(id): Path<i64>,
) -> Result<Json<Task>, Failure> {
    Ok(Json(visible(&application, id, caller).await?))
}

async fn list(
    State(application): State<Application>,
    Caller(caller): Caller,
    Path(project): Path<i64>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page>, Failure> {
    if !(1..=100).contains(&query.limit) {
        return Err(Failure::Invalid);
    }
    let after = query.cursor.map_or(Some(0), |cursor| cursor::decode(&cursor)).ok_or(Failure::Invalid)?;
    owned(&application, project, caller).await?;
    let mut items: Vec<Task> = sqlx::query_as(
        "SELECT id, project_id, title, description, status, priority, assignee_id, created_at, updated_at, version
         FROM tasks WHERE project_id = $1 AND id > $2 ORDER BY id LIMIT $3",
    )
    .bind(project)
    .bind(after)
    .bind(i64::from(query.limit) + 1)
    .fetch_all(&application.readers)
    .await?;
    let has_more = items.len() > query.limit as usize;
    items.truncate(query.limit as usize);
    let last = items.last().filter(|_| has_more);
    let next_cursor = last.map(|task| cursor::encode(task.id)).transpose()?;
    Ok(Json(Page { items, next_cursor, has_more }))
}

async fn create(
    State(application): State<Application>,
    Caller(caller): Caller,
    Path(project): Path<i64>,
    Json(new): Json<NewTask>,
) -> Result<impl IntoResponse, Failure> {
    let title = new.title.trim();
    if !(1..=200).contains(&title.chars().count()) {
        return Err(Failure::Invalid);
    }
    owned(&application, project, caller).await?;
    let task: Task = sqlx::query_as(
        "INSERT INTO tasks (project_id, title, description, status, priority, assignee_id, created_at, updated_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 1)
         RETURNING id, project_id, title, description, status, priority, assignee_id, created_at, updated_at, version",
    )
    .bind(project)
    .bind(title)
    .bind(new.description)
    .bind(new.status.unwrap_or(Status::Todo))
    .bind(new.priority.unwrap_or(Priority::Medium))
    .bind(new.assignee_id)
    .bind(Utc::now())
    .fetch_one(&application.writer)
    .await?;
    Ok((StatusCode::CREATED, [(LOCATION, format!("/tasks/{}", task.id))], Json(task)))
}

async fn update(
    State(application): State<Application>,
    Caller(caller): Caller,
    Path(id): Path<i64>,
    Json(patch): Json<TaskPatch>,
) -> Result<Json<Task>, Failure> {
    let task = visible(&application, id, caller).await?;
    if task.status == patch.status {
        return Ok(Json(task));
    }
    if !task.status.is_next_to(patch.status) {
        return Err(Failure::Conflict);
    }
    let task: Option<Task> = sqlx::query_as(
        "UPDATE tasks SET status = $1, updated_at = $2, version = version + 1 WHERE id = $3 AND version = $4
         RETURNING id, project_id, title, description, status, priority, assignee_id, created_at, updated_at, version",
    )
    .bind(patch.status)
    .bind(Utc::now())
    .bind(id)
    .bind(task.version)
    .fetch_optional(&application.writer)
    .await?;
    task.map(Json).ok_or(Failure::Conflict)
}

async fn comment(
    State(application): State<Application>,
    Caller(caller): Caller,
    Path(task): Path<i64>,
    Json(new): Json<NewComment>,
) -> Result<impl IntoResponse, Failure> {
    let body = new.body.trim();
    if !(1..=10_000).contains(&body.chars().count()) {
        return Err(Failure::Invalid);
    }
    visible(&application, task, caller).await?;
    let comment: Comment = sqlx::query_as(
        "INSERT INTO comments (task_id, author_id, body, created_at) VALUES ($1, $2, $3, $4)
         RETURNING id, task_id, author_id, body, created_at",
    )
    .bind(task)
    .bind(caller)
    .bind(body)
    .bind(Utc::now())
    .fetch_one(&application.writer)
    .await?;
    Ok((StatusCode::CREATED, Json(comment)))
}

/// A task that the caller may read and change.
async fn visible(application: &Application, id: i64, caller: i64) -> Result<Task, Failure> {
    let OwnedTask { task, owner_id } = sqlx::query_as(
        "SELECT tasks.id, project_id, title, tasks.description, tasks.status, priority, assignee_id, tasks.created_at,
                tasks.updated_at, tasks.version, owner_id
         FROM tasks JOIN projects ON projects.id = project_id WHERE tasks.id = $1",
    )
    .bind(id)
    .fetch_one(&application.readers)
    .await?;
    if owner_id == caller || task.assignee_id == Some(caller) { Ok(task) } else { Err(Failure::Forbidden) }
}

async fn owned(application: &Application, project: i64, caller: i64) -> Result<(), Failure> {
    let owner: i64 = sqlx::query_scalar("SELECT owner_id FROM projects WHERE id = $1")
        .bind(project)
        .fetch_one(&application.readers)
        .await?;
    if owner == caller { Ok(()) } else { Err(Failure::Forbidden) }
}
