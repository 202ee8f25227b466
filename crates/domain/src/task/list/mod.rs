//! Lists of tasks: which tasks, in which order, and from where on.

mod binding;
mod cursor;
mod sort;

pub use cursor::{SortKey, TaskCursor};
pub use sort::{TaskOrder, TaskSort};

use super::{Task, TaskPriority, TaskStatus, TaskView};
use crate::{
    Timestamp,
    api_token::reach::Reach,
    due::Due,
    field::{FieldError, Invalid},
    id::{LabelId, ProjectId, TaskId, UserId},
    page::{Page, PageRequest},
    search::{SearchQuery, SearchWords},
    string_enum::string_enum,
};
use std::str::FromStr;

// @decision DEC-0032
/// The most rows that one page of a list may read. A list that would have to read more is refused, see
/// [`TaskQuery::too_broad`].
pub const MAX_ROWS_READ: u32 = 10_000;

pub type TaskPageRequest = PageRequest<TaskCursor>;
pub type TaskPage = Page<TaskView, TaskCursor>;

/// A list of tasks, before any filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskList {
    InProject(ProjectId),
    /// The tasks that are assigned to the user.
    Assigned(UserId),
    /// The tasks that the user may read.
    Visible(UserId),
}

/// Which tasks a list across projects shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TaskScope {
    /// The tasks that are assigned to the user.
    #[default]
    Assigned,
    /// The tasks that the user may read.
    Visible,
}

string_enum!(TaskScope { Assigned = "assigned", Visible = "visible" });

impl TaskScope {
    /// The list of this user.
    pub const fn list(self, reader: UserId) -> TaskList {
        match self {
            Self::Assigned => TaskList::Assigned(reader),
            Self::Visible => TaskList::Visible(reader),
        }
    }
}

/// A condition on a field with an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdFilter<T> {
    /// The field is absent.
    None,
    Id(T),
}

impl<T: Copy + PartialEq> IdFilter<T> {
    pub fn id(self) -> Option<T> {
        match self {
            Self::None => None,
            Self::Id(id) => Some(id),
        }
    }

    pub fn matches(self, id: Option<T>) -> bool {
        self.id() == id
    }
}

impl<T: FromStr<Err = Invalid>> FromStr for IdFilter<T> {
    type Err = Invalid;

    /// Accepts `none` and an id.
    fn from_str(raw: &str) -> Result<Self, Invalid> {
        match raw {
            "none" => Ok(Self::None),
            raw => {
                let invalid = |_| Invalid::new("invalid", "must be a 64-bit integer or `none`");
                raw.parse().map(Self::Id).map_err(invalid)
            }
        }
    }
}

/// The tasks that a list is limited to; all where nothing is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskFilter {
    pub status: Option<TaskStatus>,
    pub priority: Option<TaskPriority>,
    /// `true` selects tasks that are done, `false` all others.
    pub completed: Option<bool>,
    pub assignee_id: Option<IdFilter<UserId>>,
    /// Selects tasks with all of these labels. There may be more of them than a task may have.
    pub labels: Vec<LabelId>,
    pub parent_id: Option<IdFilter<TaskId>>,
    /// Selects tasks that are due at this instant or later.
    pub due_from: Option<Timestamp>,
    /// Selects tasks that are due at this instant or earlier.
    pub due_until: Option<Timestamp>,
    /// Selects tasks that were changed at this instant or later.
    pub updated_since: Option<Timestamp>,
    pub search: Option<SearchQuery>,
    /// Selects tasks of these projects. It is no part of what a client requests, and no cursor is bound to it.
    pub reach: Reach,
}

impl TaskFilter {
    /// Whether the filter selects the task.
    pub fn matches(&self, task: &Task) -> bool {
        let Self {
            status,
            priority,
            completed,
            assignee_id,
            labels,
            parent_id,
            due_from,
            due_until,
            updated_since,
            search,
            reach,
        } = self;
        let due = task.due.map(Due::at);
        status.is_none_or(|status| status == task.status)
            && priority.is_none_or(|priority| priority == task.priority)
            && completed.is_none_or(|completed| completed == (task.status == TaskStatus::Done))
            && assignee_id.is_none_or(|filter| filter.matches(task.assignee_id))
            && labels.iter().all(|label| task.labels.contains(*label))
            && parent_id.is_none_or(|filter| filter.matches(task.parent_id))
            && due_from.is_none_or(|from| due.is_some_and(|due| due >= from))
            && due_until.is_none_or(|until| due.is_some_and(|due| due <= until))
            && updated_since.is_none_or(|since| task.updated_at >= since)
            && reach.contains(task.project_id)
            && search
                .as_ref()
                .is_none_or(|query| query.matches(&SearchWords::of(&task.title, task.description.as_ref())))
    }
}

// @spec SPEC-023
/// What a list shows, and in which order. The default shows all by ascending id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskQuery {
    pub filter: TaskFilter,
    pub sort: TaskSort,
}

impl TaskQuery {
    /// The fault of a list that would have to read more than [`MAX_ROWS_READ`] rows. It says what to add.
    pub fn too_broad(&self) -> FieldError {
        let (field, advice) = if self.filter.search.is_some() {
            ("query.q", "add a word or a filter, or sort by `id`")
        } else {
            (
                "query.sort",
                "add a filter: `status`, `assignee_id`, `label`, `parent_id`, `due_from`, `q`; or sort by `id`",
            )
        };
        let message = format!("more than {MAX_ROWS_READ} tasks would have to be read; {advice}");
        Invalid::new("too_broad", message).at(field)
    }
}

#[cfg(test)]
mod tests;
