//! Records changes for webhooks, in the transactions that make them. What is called here reads and writes rows: no caller
//! does so for a project without an active webhook.

use super::super::{Connection, Error, event, task::views};
use fasttrack_domain::{
    Timestamp,
    event::{Change, ProjectChanged},
    id::{ProjectId, UserId},
    task::TaskView,
};

/// Who caused a change, and when.
pub(in super::super) type Act = (UserId, Timestamp);

// @spec SPEC-025
/// Records one change in a project.
pub(in super::super) async fn change(
    conn: &mut Connection,
    project_id: ProjectId,
    (actor_id, at): Act,
    change: Change,
) -> Result<(), Error> {
    let event = ProjectChanged { project_id, actor_id, at, change: Box::new(change) };
    event::record(conn, &[event]).await
}

/// Records changes of tasks that are written already. `change` is a variant of [`Change`].
pub(in super::super) async fn tasks(
    conn: &mut Connection,
    ids: &[i64],
    actor_id: UserId,
    change: fn(TaskView) -> Change,
) -> Result<(), Error> {
    let event = |view: TaskView| ProjectChanged {
        project_id: view.task.project_id,
        actor_id,
        at: view.task.updated_at,
        change: Box::new(change(view)),
    };
    let events: Vec<_> = views::read(conn, ids).await?.into_iter().map(event).collect();
    event::record_all(conn, &events).await
}

/// Records the deletion of tasks that are deleted afterwards.
pub(in super::super) async fn deleted_tasks(
    conn: &mut Connection,
    ids: &[i64],
    (actor_id, at): Act,
) -> Result<(), Error> {
    let event = |view: TaskView| ProjectChanged {
        project_id: view.task.project_id,
        actor_id,
        at,
        change: Box::new(Change::TaskDeleted(view)),
    };
    let events: Vec<_> = views::read(conn, ids).await?.into_iter().map(event).collect();
    event::record_all(conn, &events).await
}
