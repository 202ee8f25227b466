//! These functions read pages of tasks.

use super::{
    super::{
        Connection, Error,
        schema::{projects, tasks},
    },
    ranges::FirstTasks,
    row::TaskRow,
};
use diesel::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;
use fasttrack_domain::{
    id::{ProjectId, UserId},
    page::{Page, PageRequest},
    ports::task::ProjectTasks,
    task::{Task, TaskFilter},
};

/// A page from up to [`PageRequest::fetch`] rows.
pub(super) fn page_of(rows: impl IntoIterator<Item = TaskRow>, page: &PageRequest) -> Result<Page<Task>, Error> {
    let tasks = rows.into_iter().map(TaskRow::entity).collect::<Result<_, _>>()?;
    Ok(Page::from_fetched(tasks, page, |task: &Task| task.id.get()))
}

/// A page of all tasks of a project; `None` where there is no such project.
pub(super) async fn all_in_project(
    conn: &mut Connection,
    project: ProjectId,
    page: &PageRequest,
) -> Result<Option<ProjectTasks>, Error> {
    // The cursor is a condition of the join, so that the project's row is found even where no task is.
    let on_page = tasks::project_id.eq(projects::id).and(tasks::id.gt(page.after_id()));
    let rows: Vec<(i64, Option<TaskRow>)> = projects::table
        .left_join(tasks::table.on(on_page))
        .filter(projects::id.eq(project.get()))
        .order(tasks::id)
        .limit(page.fetch())
        .select((projects::owner_id, Option::<TaskRow>::as_select()))
        .load(conn)
        .await?;
    let &[(owner, _), ..] = rows.as_slice() else { return Ok(None) };
    let page = page_of(rows.into_iter().filter_map(|(_, task)| task), page)?;
    Ok(Some(ProjectTasks { owner_id: UserId::new(owner), page }))
}

/// A page of the tasks that match a filter, of this project or of the filter's assignee.
pub(super) async fn first(
    conn: &mut Connection,
    project: Option<ProjectId>,
    filter: &TaskFilter,
    page: &PageRequest,
) -> Result<Page<Task>, Error> {
    let query = FirstTasks::new(TaskRow::as_select(), project, filter, page);
    let rows = if query.is_empty() { Vec::new() } else { query.load::<TaskRow>(conn).await? };
    page_of(rows, page)
}
