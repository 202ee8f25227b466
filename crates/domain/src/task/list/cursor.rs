//! Cursors of lists in any order.

use super::{TaskList, TaskOrder, TaskQuery, binding::binding};
use crate::{
    Timestamp,
    due::Due,
    id::TaskId,
    page::{Cursor, InvalidCursor},
    position::Position,
    task::{Task, TaskPriority},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::DateTime;
use std::fmt;

/// What a task is ordered by, before its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SortKey {
    /// The id alone.
    Id,
    Position(Position),
    /// See [`Due::at`](crate::due::Due::at). Absent for a task without `due`.
    Due(Option<Timestamp>),
    Priority(TaskPriority),
    UpdatedAt(Timestamp),
}

impl SortKey {
    pub fn of(task: &Task, order: TaskOrder) -> Self {
        match order {
            TaskOrder::Id => Self::Id,
            TaskOrder::Position => Self::Position(task.position()),
            TaskOrder::Due => Self::Due(task.due.map(Due::at)),
            TaskOrder::Priority => Self::Priority(task.priority),
            TaskOrder::UpdatedAt => Self::UpdatedAt(task.updated_at),
        }
    }

    /// Parses what [`Display`](fmt::Display) prints of a key of this order.
    fn parse(raw: &str, order: TaskOrder) -> Option<Self> {
        let instant = |raw: &str| DateTime::from_timestamp_micros(raw.parse().ok()?);
        match order {
            TaskOrder::Id => raw.is_empty().then_some(Self::Id),
            TaskOrder::Position => raw.parse().ok().map(Self::Position),
            TaskOrder::Due if raw.is_empty() => Some(Self::Due(None)),
            TaskOrder::Due => instant(raw).map(|at| Self::Due(Some(at))),
            TaskOrder::Priority => raw.parse().ok().map(Self::Priority),
            TaskOrder::UpdatedAt => instant(raw).map(Self::UpdatedAt),
        }
    }
}

impl fmt::Display for SortKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id | Self::Due(None) => Ok(()),
            Self::Position(position) => position.fmt(f),
            Self::Due(Some(at)) | Self::UpdatedAt(at) => at.timestamp_micros().fmt(f),
            Self::Priority(priority) => priority.fmt(f),
        }
    }
}

// @spec SPEC-023
/// The position of the next page of a list of tasks: after the task with this key and id. By ascending id it is a
/// [`Cursor`]; in other orders it is good for one list, with the same filters and order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskCursor {
    key: SortKey,
    id: TaskId,
    /// A hash of list, filters, order and place; absent by ascending id.
    binding: Option<u64>,
}

impl TaskCursor {
    /// What the last task of the previous page was ordered by.
    pub const fn key(&self) -> &SortKey {
        &self.key
    }

    /// The id of the last task of the previous page.
    pub const fn id(&self) -> TaskId {
        self.id
    }

    pub fn encode(&self) -> String {
        let Self { key, id, binding } = self;
        match binding {
            None => Cursor::after(id.get()).encode(),
            Some(binding) => URL_SAFE_NO_PAD.encode(format!("{binding:016x} {key} {id}")),
        }
    }
}

impl From<Cursor> for TaskCursor {
    /// The position after an id, in a list by ascending id.
    fn from(cursor: Cursor) -> Self {
        Self { key: SortKey::Id, id: TaskId::new(cursor.id()), binding: None }
    }
}

impl From<TaskCursor> for Cursor {
    /// The id alone, for a list by ascending id.
    fn from(cursor: TaskCursor) -> Self {
        Self::after(cursor.id.get())
    }
}

impl fmt::Display for TaskCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.encode())
    }
}

impl TaskQuery {
    /// The cursor of a page of this list that ends with `task`.
    pub fn cursor(&self, list: TaskList, task: &Task) -> TaskCursor {
        if self.sort.is_by_id() {
            return Cursor::after(task.id.get()).into();
        }
        let key = SortKey::of(task, self.sort.order);
        let binding = Some(binding(list, self, &key, task.id));
        TaskCursor { key, id: task.id, binding }
    }

    /// Accepts exactly the texts of cursors that [`cursor`](Self::cursor) makes for this list, these filters and this
    /// order.
    pub fn parse_cursor(&self, list: TaskList, text: &str) -> Result<TaskCursor, InvalidCursor> {
        if self.sort.is_by_id() {
            return Cursor::decode(text).map(TaskCursor::from);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        let plain = std::str::from_utf8(&bytes).map_err(|_| InvalidCursor)?;
        let mut parts = plain.splitn(3, ' ').skip(1);
        let (Some(key), Some(id)) = (parts.next(), parts.next()) else { return Err(InvalidCursor) };
        let key = SortKey::parse(key, self.sort.order).ok_or(InvalidCursor)?;
        let id = id.parse().map_err(|_| InvalidCursor)?;
        let binding = Some(binding(list, self, &key, id));
        let cursor = TaskCursor { key, id, binding };
        // The first part is the binding.
        if id.get() > 0 && cursor.encode() == text { Ok(cursor) } else { Err(InvalidCursor) }
    }
}
