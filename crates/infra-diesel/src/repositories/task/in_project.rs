//! Reads tasks of one project by their ids.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{
        Connection, Error,
        schema::{members, projects, tasks, users},
    },
    ProjectRow,
    found::TaskRow,
};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, SelectableHelper,
};
use fasttrack_domain::{
    id::{ProjectId, TaskId, UserId},
    task::{BulkTasks, TaskInProject, TaskView},
};

/// The project, the reader's role, and a task with its assignee's name, or none.
type Row = (ProjectRow, Option<String>, Option<TaskRow>, Option<String>);

/// See [`TaskRepository::find_in_project`](fasttrack_domain::ports::task::TaskRepository::find_in_project).
pub(super) async fn find_in_project(
    conn: &mut Connection,
    project: ProjectId,
    ids: Vec<TaskId>,
    reader: UserId,
) -> Result<Option<BulkTasks>, Error> {
    let of_reader = members::project_id.eq(projects::id).and(members::user_id.eq(reader.get()));
    let wanted = tasks::project_id.eq(projects::id).and(tasks::id.eq_any(ids.into_iter().map(TaskId::get)));
    let query = projects::table
        .left_join(members::table.on(of_reader))
        .left_join(tasks::table.on(wanted))
        .left_join(users::table.on(users::id.nullable().eq(tasks::assignee_id)))
        .filter(projects::id.eq(project.get()))
        .select((
            ProjectRow::as_select(),
            members::role.nullable(),
            Option::<TaskRow>::as_select(),
            users::display_name.nullable(),
        ));
    let rows: Vec<Row> = query.load(conn).await?;
    let (mut project, mut views) = (None, Vec::with_capacity(rows.len()));
    for (row, role, task, assignee) in rows {
        if project.is_none() {
            project = Some(row.entity(role)?);
        }
        if let Some(task) = task {
            views.push(task.view(assignee)?);
        }
    }
    let Some(project) = project else { return Ok(None) };
    let in_project = |TaskView { task, assignee, labels }| {
        let project = project.clone();
        TaskInProject { task, assignee, labels, project }
    };
    let tasks = views.into_iter().map(in_project).collect();
    Ok(Some(BulkTasks { project, tasks }))
}
