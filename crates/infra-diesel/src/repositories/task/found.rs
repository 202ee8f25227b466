//! Here are the columns of a task that is read, with its labels and reminders.

use super::super::{Error, SqlTimestamp, schema::tasks, task_sql, views::person};
use chrono::DateTime;
use diesel::{
    AppearsOnTable, Expression, Queryable, Selectable, SelectableExpression,
    backend::Backend,
    expression::ValidGrouping,
    query_builder::{AstPass, QueryFragment, QueryId},
    result::QueryResult,
    sql_types::{Nullable, Text},
};
use fasttrack_domain::{
    due::Due,
    field::Invalid,
    id::{LabelId, ProjectId, TaskId, UserId},
    label::{Color, Label},
    position::Position,
    reminder::Reminders,
    task::{Task, TaskView},
    text::{Description, LabelName, TaskTitle},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = tasks)]
pub(crate) struct TaskRow {
    id: i64,
    project_id: i64,
    title: String,
    description: Option<String>,
    status: String,
    priority: String,
    assignee_id: Option<i64>,
    due_at: Option<SqlTimestamp>,
    due_is_day: bool,
    parent_id: Option<i64>,
    moved_to: Option<String>,
    completed_at: Option<SqlTimestamp>,
    created_at: SqlTimestamp,
    updated_at: SqlTimestamp,
    version: i64,
    #[diesel(select_expression = LabelsText)]
    #[diesel(select_expression_type = LabelsText)]
    labels: Option<String>,
    #[diesel(select_expression = RemindersText)]
    #[diesel(select_expression_type = RemindersText)]
    reminders: Option<String>,
}

impl TaskRow {
    /// The task with its labels and its assignee, who has this name.
    pub(super) fn view(self, assignee: Option<String>) -> Result<TaskView, Error> {
        let corrupt = Error::corrupt("tasks", self.id);
        let assignee = self.assignee_id.zip(assignee).map(|(id, name)| person(id, name)).transpose()?;
        let project_id = ProjectId::new(self.project_id);
        let labels = labels(project_id, self.labels.as_deref())?;
        let due = self.due_at.map(|at| Due::from_storage(at.0, self.due_is_day));
        let task = Task {
            id: TaskId::new(self.id),
            project_id,
            title: TaskTitle::parse(self.title).map_err(&corrupt)?,
            description: self.description.map(Description::parse).transpose().map_err(&corrupt)?,
            status: self.status.parse().map_err(&corrupt)?,
            priority: self.priority.parse().map_err(&corrupt)?,
            assignee_id: self.assignee_id.map(UserId::new),
            due: due.transpose().map_err(&corrupt)?,
            reminders: reminders(self.id, self.reminders.as_deref())?,
            labels: labels.iter().map(|label| label.id).collect(),
            parent_id: self.parent_id.map(TaskId::new),
            moved_to: self.moved_to.map(Position::parse).transpose().map_err(&corrupt)?,
            completed_at: self.completed_at.map(|at| at.0),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
            version: self.version,
        };
        Ok(TaskView { task, assignee, labels })
    }
}

/// Reads what [`task_sql::LABELS`] makes.
fn labels(project_id: ProjectId, json: Option<&str>) -> Result<Vec<Label>, Error> {
    let Some(json) = json else { return Ok(Vec::new()) };
    let rows: Vec<(i64, String, String)> = serde_json::from_str(json)?;
    let mut labels = Vec::with_capacity(rows.len());
    for (id, name, color) in rows {
        let corrupt = Error::corrupt("labels", id);
        labels.push(Label {
            id: LabelId::new(id),
            project_id,
            name: LabelName::parse(name).map_err(&corrupt)?,
            color: Color::parse(color).map_err(&corrupt)?,
        });
    }
    labels.sort_unstable_by_key(|label| label.id);
    Ok(labels)
}

/// Reads what [`task_sql::REMINDERS`] makes.
fn reminders(task: i64, json: Option<&str>) -> Result<Reminders, Error> {
    let Some(json) = json else { return Ok(Reminders::default()) };
    let instants: Vec<i64> = serde_json::from_str(json)?;
    let instants = instants.into_iter().map(|micros| {
        let outside = || Invalid::new("invalid", "has a reminder outside the range of timestamps");
        DateTime::from_timestamp_micros(micros).ok_or_else(outside)
    });
    let instants = instants.collect::<Result<_, _>>().map_err(Error::corrupt("tasks", task))?;
    Ok(Reminders::from_storage(instants))
}

/// Declares columns that are a JSON text for each task.
macro_rules! texts {
    ($($name:ident = $sql:expr;)+) => {$(
        #[derive(Clone, Copy, Debug, QueryId, ValidGrouping)]
        pub(crate) struct $name;

        impl Expression for $name {
            type SqlType = Nullable<Text>;
        }

        impl<From: ?Sized> AppearsOnTable<From> for $name {}

        impl<From: ?Sized> SelectableExpression<From> for $name {}

        impl<DB: Backend> QueryFragment<DB> for $name {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
                out.push_sql($sql);
                Ok(())
            }
        }
    )+};
}

texts! {
    LabelsText = task_sql::LABELS;
    RemindersText = task_sql::REMINDERS;
}
