//! These functions read pages of tasks.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{
        Connection, Error, SqlRole, dialect,
        schema::{members, projects, tasks, users},
    },
    found::TaskRow,
    list_query::{IsCut, ListQuery},
    select,
    source::Source,
};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, SelectableHelper,
};
use fasttrack_domain::{
    api_token::Reach,
    id::{ProjectId, TaskId, UserId},
    page::Page,
    ports::{constraint, task::ProjectTasks},
    task::{IdFilter, TaskCursor, TaskFilter, TaskList, TaskPage, TaskPageRequest, TaskQuery},
};

/// Whether there was more to read, a task and its assignee's name.
type ListedRow = (Option<bool>, Option<TaskRow>, Option<String>);

/// The reader's role, a task of the project and its assignee's name.
pub(crate) type InProjectRow = (Option<SqlRole>, Option<TaskRow>, Option<String>);

/// A list and what is requested of it.
struct Request<'r> {
    list: TaskList,
    query: &'r TaskQuery,
    page: &'r TaskPageRequest,
}

impl Request<'_> {
    /// A page as a reader sees it whose role is in the first row; `None` where there is no row, as there is no such project.
    fn in_project(
        &self,
        rows: impl Iterator<Item = (Option<SqlRole>, ListedRow)>,
    ) -> Result<Option<ProjectTasks>, Error> {
        let mut rows = rows.peekable();
        let Some((role, _)) = rows.peek() else { return Ok(None) };
        let membership = role.map(|role| role.0);
        Ok(Some(ProjectTasks { membership, page: self.page_of(rows.map(|(_, row)| row))? }))
    }

    /// A page from rows in any order, of which up to [`TaskPageRequest::fetch`] are needed.
    fn page_of(&self, rows: impl Iterator<Item = ListedRow>) -> Result<TaskPage, Error> {
        let mut views = Vec::with_capacity(rows.size_hint().0);
        let mut is_cut = false;
        for (is_end, task, assignee) in rows {
            if is_end == Some(true) {
                is_cut = true;
            } else if let Some(task) = task {
                views.push(task.view(assignee)?);
            }
        }
        if is_cut && views.len() <= self.page.limit.get() as usize {
            return Err(Error::Conflict(constraint::ROWS_READ));
        }
        views.sort_unstable_by(|a, b| self.query.sort.compare(&a.task, &b.task));
        Ok(Page::cut(views, self.page.limit, |last| self.query.cursor(self.list, &last.task)))
    }
}

/// The query without its reach, which the source of the tasks has.
fn without_reach(query: &TaskQuery) -> TaskQuery {
    let filter = TaskFilter { reach: Reach::All, ..query.filter.clone() };
    TaskQuery { filter, sort: query.sort }
}

/// A page of all tasks of a project, that `reader` looks for.
#[derive(Clone)]
pub(crate) struct FindPage {
    pub(crate) project: ProjectId,
    pub(crate) reader: UserId,
    pub(crate) page: TaskPageRequest,
}

impl FindPage {
    /// The id of the last task before the page, or 0.
    pub(crate) fn after(&self) -> i64 {
        self.page.cursor.as_ref().map(TaskCursor::id).map_or(0, TaskId::get)
    }

    /// The page from its rows, of which there is one without a task where no task is. `None` where there is no such project.
    pub(crate) fn tasks(&self, rows: Vec<InProjectRow>) -> Result<Option<ProjectTasks>, Error> {
        let query = TaskQuery::default();
        let request = Request { list: TaskList::InProject(self.project), query: &query, page: &self.page };
        request.in_project(rows.into_iter().map(|(role, task, assignee)| (role, (None, task, assignee))))
    }
}

/// A page of all tasks of a project.
async fn all_in_project(conn: &mut Connection, find: &FindPage) -> Result<Option<ProjectTasks>, Error> {
    let of_reader = members::project_id.eq(projects::id).and(members::user_id.eq(find.reader.get()));
    let on_page = tasks::project_id.eq(projects::id).and(tasks::id.gt(find.after()));
    let query = projects::table
        .left_join(members::table.on(of_reader))
        .left_join(tasks::table.on(on_page))
        .left_join(users::table.on(users::id.nullable().eq(tasks::assignee_id)))
        .filter(projects::id.eq(find.project.get()))
        .order(tasks::id)
        .limit(find.page.fetch())
        .select((members::role.nullable(), Option::<TaskRow>::as_select(), users::display_name.nullable()));
    find.tasks(query.load(conn).await?)
}

/// A page of the tasks of a project that match a filter, as the reader sees it; `None` where there is no such project.
pub(super) async fn in_project(
    conn: &mut Connection,
    find: &FindPage,
    query: &TaskQuery,
) -> Result<Option<ProjectTasks>, Error> {
    if dialect::JOINS_KEEP_ORDER && *query == TaskQuery::default() {
        return all_in_project(conn, find).await;
    }
    let FindPage { project, reader, page } = find;
    let found = if query.filter.reach.contains(*project) {
        select::find(Source::Project(project.get()), &without_reach(query), page)
    } else {
        select::nothing()
    };
    let is_cut = IsCut { is_bounded: found.is_bounded };
    let listed = (is_cut, Option::<TaskRow>::as_select(), users::display_name.nullable());
    let columns = (members::role.nullable(), listed);
    let list = ListQuery { columns, project: Some((project.get(), reader.get())), found };
    let rows: Vec<(Option<SqlRole>, ListedRow)> = list.load(conn).await?;
    Request { list: TaskList::InProject(*project), query, page }.in_project(rows.into_iter())
}

/// A page of a list across projects.
async fn across_projects(
    conn: &mut Connection,
    source: Source<'_>,
    found_by: &TaskQuery,
    request: Request<'_>,
) -> Result<TaskPage, Error> {
    let found = select::find(source, found_by, request.page);
    let is_cut = IsCut { is_bounded: found.is_bounded };
    let columns = (is_cut, Option::<TaskRow>::as_select(), users::display_name.nullable());
    let rows: Vec<ListedRow> = ListQuery { columns, project: None, found }.load(conn).await?;
    request.page_of(rows.into_iter())
}

/// A page of the tasks of a user that match a filter.
pub(super) async fn assigned(
    conn: &mut Connection,
    assignee: UserId,
    query: &TaskQuery,
    page: &TaskPageRequest,
) -> Result<TaskPage, Error> {
    let request = Request { list: TaskList::Assigned(assignee), query, page };
    if query.filter.assignee_id.is_some_and(|filter| !filter.matches(Some(assignee))) {
        return Ok(Page::empty());
    }
    let mut found_by = without_reach(query);
    let (source, by_assignee) = match query.filter.reach.ids() {
        None => (Source::Assignee(assignee.get()), None),
        Some([]) => return Ok(Page::empty()),
        // By an index of each project, as the user may have many tasks in others.
        Some(ids) => (Source::Projects(ids), Some(IdFilter::Id(assignee))),
    };
    found_by.filter.assignee_id = by_assignee;
    across_projects(conn, source, &found_by, request).await
}

/// A page of the tasks that match a filter and that `reader` may read, which are all where `is_of_all` is set.
pub(super) async fn visible(
    conn: &mut Connection,
    reader: UserId,
    is_of_all: bool,
    query: &TaskQuery,
    page: &TaskPageRequest,
) -> Result<TaskPage, Error> {
    let source = match query.filter.reach.ids() {
        None if is_of_all => Source::All,
        None => Source::Visible(reader.get()),
        Some([]) => return Ok(Page::empty()),
        Some(ids) if is_of_all => Source::Projects(ids),
        Some(ids) => Source::VisibleIn(reader.get(), ids),
    };
    let request = Request { list: TaskList::Visible(reader), query, page };
    across_projects(conn, source, &without_reach(query), request).await
}
