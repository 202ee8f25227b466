//! Orders of lists, as ranges that an index has.

use super::{
    super::{SqlTimestamp, task_sql::POSITION},
    fragment::Fragment,
};
use fasttrack_domain::{
    Timestamp,
    position::Position,
    task::{SortKey, TaskCursor, TaskFilter, TaskOrder, TaskPriority, TaskSort},
};

/// An expression for [`TaskPriority::rank`].
const RANK: &str = "CASE priority WHEN 'low' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END";

/// The conditions of one range of an index, each with ` AND ` behind it, and what it is ordered by.
pub(super) struct Range {
    pub(super) condition: Fragment,
    /// The columns of `ORDER BY`.
    pub(super) order: [&'static str; 2],
}

/// An order, from where on it is read, and the filters on the column of the order, which limit the ranges.
pub(super) struct Order<'q> {
    sort: TaskSort,
    after: Option<(&'q SortKey, i64)>,
    filter: &'q TaskFilter,
}

/// A value of the column of an order.
#[derive(Clone, Copy)]
enum Key<'q> {
    Position(&'q Position),
    At(Timestamp),
}

impl Key<'_> {
    fn push(self, out: &mut Fragment) {
        match self {
            Self::Position(position) => out.text(position.as_str().to_owned()),
            Self::At(at) => out.moment(SqlTimestamp(at)),
        };
    }
}

impl<'q> Order<'q> {
    pub(super) fn new(sort: TaskSort, cursor: Option<&'q TaskCursor>, filter: &'q TaskFilter) -> Self {
        Self { sort, after: cursor.map(|cursor| (cursor.key(), cursor.id().get())), filter }
    }

    /// The filter without what limits the ranges.
    pub(super) fn rest(&self) -> TaskFilter {
        let mut rest = self.filter.clone();
        match self.sort.order {
            TaskOrder::Due => (rest.due_from, rest.due_until) = (None, None),
            TaskOrder::UpdatedAt => rest.updated_since = None,
            TaskOrder::Priority => rest.priority = None,
            TaskOrder::Id | TaskOrder::Position => {}
        }
        rest
    }

    /// What all tasks are ordered by.
    pub(super) fn push(&self, out: &mut Fragment) {
        let columns = match self.sort.order {
            TaskOrder::Id => [if self.sort.descending { "id DESC" } else { "id" }, ""],
            TaskOrder::Position => self.columns(POSITION),
            TaskOrder::Due => {
                out.sql("due_at IS NULL, ");
                self.columns("due_at")
            }
            TaskOrder::Priority => self.columns(RANK),
            TaskOrder::UpdatedAt => self.columns("updated_at"),
        };
        out.sql(columns[0]).sql(columns[1]);
    }

    fn columns(&self, column: &'static str) -> [&'static str; 2] {
        [column, if self.sort.descending { " DESC, id" } else { ", id" }]
    }

    /// The ranges behind the cursor, one after the other in this order.
    pub(super) fn ranges(&self) -> Vec<Range> {
        let after = self.after.map(|(_, id)| id);
        match (self.sort.order, self.after.map(|(key, _)| key)) {
            (TaskOrder::Id, _) => vec![self.by_id()],
            (TaskOrder::Position, Some(SortKey::Position(key))) => self.beyond(POSITION, Key::Position(key), after),
            (TaskOrder::Position, _) => vec![self.all_of(POSITION, Fragment::default())],
            (TaskOrder::Due, Some(SortKey::Due(None))) => self.without_due(after),
            (TaskOrder::Due, Some(SortKey::Due(Some(key)))) => {
                let mut ranges = self.beyond("due_at", Key::At(*key), after);
                ranges.extend(self.without_due(None));
                ranges
            }
            (TaskOrder::Due, _) => {
                let mut ranges = vec![self.all_of("due_at", Fragment::of("due_at IS NOT NULL AND "))];
                ranges.extend(self.without_due(None));
                ranges
            }
            (TaskOrder::Priority, key) => self.by_priority(key, after.unwrap_or_default()),
            (TaskOrder::UpdatedAt, Some(SortKey::UpdatedAt(key))) => self.beyond("updated_at", Key::At(*key), after),
            (TaskOrder::UpdatedAt, _) => vec![self.all_of("updated_at", Fragment::default())],
        }
    }

    fn by_id(&self) -> Range {
        let mut condition = Fragment::default();
        match self.after {
            Some((_, id)) => {
                condition.sql(if self.sort.descending { "id < " } else { "id > " }).number(id).sql(" AND ");
            }
            None if self.sort.descending => {}
            // The first page is the same query as others.
            None => {
                condition.sql("id > ").number(0).sql(" AND ");
            }
        }
        Range { condition, order: [if self.sort.descending { "id DESC" } else { "id" }, ""] }
    }

    fn all_of(&self, column: &'static str, mut condition: Fragment) -> Range {
        self.push_limits(None, &mut condition);
        Range { condition, order: self.columns(column) }
    }

    /// The rest of the tasks with this key, and those beyond it.
    fn beyond(&self, column: &'static str, key: Key<'_>, after: Option<i64>) -> Vec<Range> {
        let mut equal = Fragment::of(column);
        equal.sql(" = ");
        key.push(&mut equal);
        equal.sql(" AND id > ").number(after.unwrap_or_default()).sql(" AND ");
        let mut others = Fragment::of(column);
        others.sql(if self.sort.descending { " < " } else { " > " });
        key.push(&mut others);
        others.sql(" AND ");
        self.push_limits(Some(key), &mut others);
        vec![Range { condition: equal, order: ["id", ""] }, Range { condition: others, order: self.columns(column) }]
    }

    /// Tasks without `due`, which are none where the filter has one.
    fn without_due(&self, after: Option<i64>) -> Vec<Range> {
        if self.filter.due_from.is_some() || self.filter.due_until.is_some() {
            return Vec::new();
        }
        let mut condition = Fragment::of("due_at IS NULL AND id > ");
        condition.number(after.unwrap_or_default()).sql(" AND ");
        // PostgreSQL doesn't know that all of them are equal in the first column of the index.
        vec![Range { condition, order: ["due_at", ", id"] }]
    }

    fn by_priority(&self, key: Option<&SortKey>, after: i64) -> Vec<Range> {
        let first = match key {
            Some(SortKey::Priority(priority)) => Some(*priority),
            _ => None,
        };
        let mut priorities = TaskPriority::ALL.to_vec();
        priorities.sort_unstable_by_key(|priority| priority.rank());
        if self.sort.descending {
            priorities.reverse();
        }
        let is_behind = |priority: &TaskPriority| match first {
            Some(first) if self.sort.descending => priority.rank() <= first.rank(),
            Some(first) => priority.rank() >= first.rank(),
            None => true,
        };
        let is_wanted = |priority: &TaskPriority| self.filter.priority.is_none_or(|wanted| wanted == *priority);
        let range = |priority: TaskPriority| {
            let mut condition = Fragment::of("priority = '");
            condition.sql(priority.as_str()).sql("' AND id > ");
            condition.number(if first == Some(priority) { after } else { 0 }).sql(" AND ");
            Range { condition, order: ["id", ""] }
        };
        priorities.into_iter().filter(is_behind).filter(is_wanted).map(range).collect()
    }

    /// The limits that the filter sets to the order's column, without one that the key is beyond: an index is entered by one
    /// lower limit.
    fn push_limits(&self, key: Option<Key<'_>>, out: &mut Fragment) {
        let at = match key {
            Some(Key::At(at)) => Some(at),
            Some(Key::Position(_)) | None => None,
        };
        let (column, from, until) = match self.sort.order {
            TaskOrder::Due => ("due_at", self.filter.due_from, self.filter.due_until),
            TaskOrder::UpdatedAt => ("updated_at", self.filter.updated_since, None),
            TaskOrder::Id | TaskOrder::Position | TaskOrder::Priority => return,
        };
        let from = from.filter(|from| self.sort.descending || at.is_none_or(|at| at < *from));
        let until = until.filter(|until| !self.sort.descending || at.is_none_or(|at| at > *until));
        for (comparison, limit) in [(" >= ", from), (" <= ", until)] {
            if let Some(limit) = limit {
                out.sql(column).sql(comparison).moment(SqlTimestamp(limit)).sql(" AND ");
            }
        }
    }
}
