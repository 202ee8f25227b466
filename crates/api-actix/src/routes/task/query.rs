//! The parameters of the lists of tasks.

use crate::{
    input::{
        fault::Faults,
        field::{FilterId, FilterIdOrNone, Flag, NonNull, Text},
        page::PageLimit,
        query::Repeated,
    },
    payload::word,
};
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use fasttrack_domain::{
    due::Due,
    id::{LabelId, TaskId, UserId},
    page::{Cursor, InvalidCursor},
    search::SearchQuery,
    task::{TaskFilter, TaskList, TaskPageRequest, TaskPriority, TaskQuery, TaskScope, TaskSort, TaskStatus},
};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use utoipa::IntoParams;

/// Which tasks, in which order.
#[derive(Deserr, IntoParams)]
#[deserr(error = Faults)]
#[into_params(parameter_in = Query)]
pub struct TaskListParameters {
    #[deserr(default)]
    #[param(schema_with = word::task_status, required = false)]
    status: NonNull<TaskStatus>,
    #[deserr(default)]
    #[param(schema_with = word::task_priority, required = false)]
    priority: NonNull<TaskPriority>,
    /// Only what this user is to do; `none`: only what nobody is to do.
    #[deserr(default)]
    #[param(value_type = Option<String>, example = "2")]
    assignee_id: NonNull<Text<FilterIdOrNone<UserId>>>,
    /// Most items of the page.
    #[deserr(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100, default = 20)]
    limit: PageLimit,
    /// The `next_cursor` of the page before; opaque. Unless `sort` is `id`, it is good for the same filters and order
    /// only.
    #[deserr(default)]
    #[param(value_type = Option<String>, pattern = "^[0-9A-Za-z_-]+$", example = "eyJpZCI6IDQyfQ")]
    cursor: NonNull<String>,
    /// Only what is done, or only what isn't.
    #[deserr(default)]
    #[param(value_type = Option<bool>)]
    completed: NonNull<Text<Flag>>,
    /// Only what has this label; given several times, only what has all of them.
    #[deserr(default)]
    #[param(value_type = Option<Vec<i64>>)]
    label: Repeated<FilterId<LabelId>>,
    /// Only what is directly under this task; `none`: only what is under no task.
    #[deserr(default)]
    #[param(value_type = Option<String>, example = "none")]
    parent_id: NonNull<Text<FilterIdOrNone<TaskId>>>,
    /// Only what is due then or later: an instant, or a day, which begins with its first instant in UTC.
    #[deserr(default)]
    #[param(value_type = Option<String>, example = "2026-12-01")]
    due_from: NonNull<Text<Due>>,
    /// Only what is due then or earlier: an instant, or a day, which ends with its last instant in UTC.
    #[deserr(default)]
    #[param(value_type = Option<String>, example = "2026-12-31")]
    due_until: NonNull<Text<Due>>,
    /// Only what was changed then or later: an instant, or a day, which begins with its first instant in UTC.
    #[deserr(default)]
    #[param(value_type = Option<String>, example = "2026-11-01T09:30:00Z")]
    updated_since: NonNull<Text<Due>>,
    /// Only where each of these words begins a word of title or description, in any case and without regard to accents.
    #[deserr(default)]
    #[param(value_type = Option<String>, min_length = 1, max_length = 200, example = "fence")]
    q: NonNull<SearchQuery>,
    #[deserr(default)]
    #[param(schema_with = word::task_sort, required = false)]
    sort: NonNull<Text<TaskSort>>,
}

/// The parameters of a list of tasks. A cursor by ascending id is of the right form.
pub struct TaskListQuery(TaskListParameters);

impl Deserr<Faults> for TaskListQuery {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Faults> {
        let parameters = Json::from(value);
        // Beside other faults, as in every list. Any other cursor can be judged with all that it is bound to only.
        let cursor = check_cursor_by_id(&parameters);
        match (TaskListParameters::deserialize_from_value(parameters.into_value(), at), cursor) {
            (Ok(parameters), Ok(())) => Ok(Self(parameters)),
            (parameters, cursor) => {
                Err([parameters.err(), cursor.err()].into_iter().flatten().fold(Faults::default(), Faults::and))
            }
        }
    }
}

fn check_cursor_by_id(parameters: &Json) -> Result<(), Faults> {
    let text = |name: &str| parameters.get(name).and_then(Json::as_str);
    let is_by_id = text("sort").is_none_or(|sort| sort.parse::<TaskSort>().is_ok_and(TaskSort::is_by_id));
    match text("cursor") {
        Some(cursor) if is_by_id => Cursor::decode(cursor).map(drop).map_err(Faults::of_cursor),
        _ => Ok(()),
    }
}

impl TaskListQuery {
    /// What is requested of this list, and which page of it.
    pub fn of(self, list: TaskList) -> Result<(TaskQuery, TaskPageRequest), InvalidCursor> {
        let TaskListParameters {
            status,
            priority,
            assignee_id,
            limit,
            cursor,
            completed,
            label,
            parent_id,
            due_from,
            due_until,
            updated_since,
            q,
            sort,
        } = self.0;
        let filter = TaskFilter {
            status: status.0,
            priority: priority.0,
            completed: completed.0.map(|Text(flag)| flag.0),
            assignee_id: assignee_id.0.map(|Text(filter)| filter.0),
            labels: label.0.into_iter().map(|id| id.0).collect::<BTreeSet<_>>().into_iter().collect(),
            parent_id: parent_id.0.map(|Text(filter)| filter.0),
            due_from: due_from.0.map(|Text(due)| due.beginning()),
            due_until: due_until.0.map(|Text(due)| due.at()),
            updated_since: updated_since.0.map(|Text(since)| since.beginning()),
            search: q.0,
            // The use case adds what the token is for.
            ..TaskFilter::default()
        };
        let query = TaskQuery { filter, sort: sort.0.map(|Text(sort)| sort).unwrap_or_default() };
        let cursor = cursor.0.map(|text| query.parse_cursor(list, &text)).transpose()?;
        Ok((query, TaskPageRequest { limit: limit.get(), cursor }))
    }
}

/// Across projects: which of them.
#[derive(Deserr, IntoParams)]
#[deserr(error = Faults)]
#[into_params(parameter_in = Query)]
pub struct TaskScopeParameters {
    #[deserr(default)]
    #[param(schema_with = word::task_scope, required = false)]
    scope: NonNull<Text<TaskScope>>,
}

/// The parameters of a list of tasks across projects.
pub struct ScopedTaskListQuery {
    pub scope: TaskScope,
    pub tasks: TaskListQuery,
}

impl Deserr<Faults> for ScopedTaskListQuery {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Faults> {
        let parameters = Json::from(value);
        let scope = TaskScopeParameters::deserialize_from_value(parameters.clone().into_value(), at);
        match (scope, TaskListQuery::deserialize_from_value(parameters.into_value(), at)) {
            (Ok(TaskScopeParameters { scope }), Ok(tasks)) => {
                Ok(Self { scope: scope.0.map(|Text(scope)| scope).unwrap_or_default(), tasks })
            }
            (scope, tasks) => {
                Err([scope.err(), tasks.err()].into_iter().flatten().fold(Faults::default(), Faults::and))
            }
        }
    }
}
