//! These functions read pages of tasks.

use super::{
    super::{
        Connection, Error, dialect,
        schema::{members, projects, tasks, users},
        views::membership,
    },
    ranges::FirstTasks,
    row::TaskRow,
};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, SelectableHelper,
};
use diesel_async::RunQueryDsl;
use fasttrack_domain::{
    id::{ProjectId, UserId},
    page::{Page, PageRequest},
    ports::task::ProjectTasks,
    task::{TaskFilter, TaskView},
};

/// A task and its assignee's name.
type AssignedRow = (TaskRow, Option<String>);

/// The reader's role, a task of the project and its assignee's name.
type InProjectRow = (Option<String>, Option<TaskRow>, Option<String>);

/// A page from up to [`PageRequest::fetch`] rows in any order.
fn page_of(rows: impl IntoIterator<Item = AssignedRow>, page: &PageRequest) -> Result<Page<TaskView>, Error> {
    let views = rows.into_iter().map(|(task, assignee)| task.view(assignee));
    let mut views = views.collect::<Result<Vec<_>, _>>()?;
    views.sort_unstable_by_key(|view| view.task.id.get());
    Ok(Page::from_fetched(views, page, |view: &TaskView| view.task.id.get()))
}

/// The rows of a page of all tasks of a project. There is one without a task where no task is.
async fn all_in_project(
    conn: &mut Connection,
    project: ProjectId,
    reader: UserId,
    page: &PageRequest,
) -> Result<Vec<InProjectRow>, Error> {
    let of_reader = members::project_id.eq(projects::id).and(members::user_id.eq(reader.get()));
    let on_page = tasks::project_id.eq(projects::id).and(tasks::id.gt(page.after_id()));
    let query = projects::table
        .left_join(members::table.on(of_reader))
        .left_join(tasks::table.on(on_page))
        .left_join(users::table.on(users::id.nullable().eq(tasks::assignee_id)))
        .filter(projects::id.eq(project.get()))
        .order(tasks::id)
        .limit(page.fetch())
        .select((members::role.nullable(), Option::<TaskRow>::as_select(), users::display_name.nullable()));
    Ok(query.load(conn).await?)
}

/// A page of the tasks of a project that match a filter, as `reader` sees it; `None` where there is no such project.
pub(super) async fn in_project(
    conn: &mut Connection,
    project: ProjectId,
    reader: UserId,
    filter: &TaskFilter,
    page: &PageRequest,
) -> Result<Option<ProjectTasks>, Error> {
    let rows = if dialect::JOINS_KEEP_ORDER && *filter == TaskFilter::default() {
        all_in_project(conn, project, reader, page).await?
    } else {
        let columns = (members::role.nullable(), Option::<TaskRow>::as_select(), users::display_name.nullable());
        FirstTasks::in_project(columns, (project, reader), filter, page).load(conn).await?
    };
    let [(role, ..), ..] = rows.as_slice() else { return Ok(None) };
    let membership = membership(project.get(), role.clone())?;
    let page = page_of(rows.into_iter().filter_map(|(_, task, assignee)| Some((task?, assignee))), page)?;
    Ok(Some(ProjectTasks { membership, page }))
}

/// A page of the tasks of a user that match a filter, which has no other assignee.
pub(super) async fn assigned(
    conn: &mut Connection,
    assignee: UserId,
    filter: &TaskFilter,
    page: &PageRequest,
) -> Result<Page<TaskView>, Error> {
    let columns = (TaskRow::as_select(), users::display_name.nullable());
    let query = FirstTasks::assigned(columns, assignee, filter, page);
    page_of(query.load::<AssignedRow>(conn).await?, page)
}
