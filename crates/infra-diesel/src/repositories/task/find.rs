//! Finds one task, or one project for tasks, as a reader sees it.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{
        Database, Error,
        schema::{members, projects, tasks, users},
    },
    ProjectRow,
    found::TaskRow,
};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl,
    Queryable, Selectable, SelectableHelper, dsl::Nullable,
};
use fasttrack_domain::{
    id::{ProjectId, TaskId, UserId},
    ports::RepositoryError,
    task::{TaskInProject, TaskProject, TaskView},
};

/// A task that `reader` looks for.
#[derive(Clone, Copy)]
pub(crate) struct FindTask {
    pub(crate) id: TaskId,
    pub(crate) reader: UserId,
}

/// A project that `reader` looks for.
#[derive(Clone, Copy)]
pub(crate) struct FindProject {
    pub(crate) id: ProjectId,
    pub(crate) reader: UserId,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = tasks)]
pub(crate) struct FoundTask {
    #[diesel(embed)]
    task: TaskRow,
    #[diesel(embed)]
    project: FoundProject,
    #[diesel(select_expression = users::display_name.nullable())]
    #[diesel(select_expression_type = Nullable<users::display_name>)]
    assignee: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = projects)]
pub(crate) struct FoundProject {
    #[diesel(embed)]
    project: ProjectRow,
    #[diesel(select_expression = members::role.nullable())]
    #[diesel(select_expression_type = Nullable<members::role>)]
    role: Option<String>,
}

impl FoundTask {
    pub(crate) fn entity(self) -> Result<TaskInProject, Error> {
        let (TaskView { task, assignee, labels }, project) = (self.task.view(self.assignee)?, self.project.entity()?);
        Ok(TaskInProject { task, assignee, labels, project })
    }
}

impl FoundProject {
    pub(crate) fn entity(self) -> Result<TaskProject, Error> {
        self.project.entity(self.role)
    }
}

pub(super) async fn task(database: &Database, find: FindTask) -> Result<Option<TaskInProject>, RepositoryError> {
    database
        .read(async move |conn| {
            let of_reader = members::project_id.eq(tasks::project_id).and(members::user_id.eq(find.reader.get()));
            let query = tasks::table
                .inner_join(projects::table)
                .left_join(members::table.on(of_reader))
                .left_join(users::table.on(users::id.nullable().eq(tasks::assignee_id)))
                .filter(tasks::id.eq(find.id.get()))
                .select(FoundTask::as_select());
            let found: Option<FoundTask> = query.first(conn).await.optional()?;
            found.map(FoundTask::entity).transpose()
        })
        .await
}

pub(super) async fn project(database: &Database, find: FindProject) -> Result<Option<TaskProject>, RepositoryError> {
    database
        .read(async move |conn| {
            let of_reader = members::project_id.eq(projects::id).and(members::user_id.eq(find.reader.get()));
            let query = projects::table
                .left_join(members::table.on(of_reader))
                .filter(projects::id.eq(find.id.get()))
                .select(FoundProject::as_select());
            let found: Option<FoundProject> = query.first(conn).await.optional()?;
            found.map(FoundProject::entity).transpose()
        })
        .await
}
