//! Finds all tasks that one filter matches, by the index of that filter.

use super::{
    super::task_sql,
    filters,
    fragment::Fragment,
    source::{Source, push_among},
};
use fasttrack_domain::{
    id::{LabelId, ProjectId, TaskId, UserId},
    search::SearchQuery,
    task::{IdFilter, TaskFilter},
};

/// The filter of a list whose index is read.
pub(super) enum Indexed<'f> {
    Search(&'f SearchQuery),
    Label(LabelId),
    Parent(TaskId),
    Assignee(UserId),
    /// The limits of `due`.
    Due,
    /// The limit of `updated_at`.
    UpdatedAt,
    Status,
    /// No filter: all tasks of the list.
    All,
}

impl<'f> Indexed<'f> {
    /// The filter that likely matches the fewest tasks; `None` where no index has one of them.
    pub(super) fn of(filter: &'f TaskFilter, source: Source<'_>) -> Option<Self> {
        let is_limited = source != Source::All;
        let due = filter.due_from.is_some() || filter.due_until.is_some();
        let status = filter.status.is_some() || filter.completed.is_some() || filter.priority.is_some();
        if let Some(search) = &filter.search {
            return Some(Self::Search(search));
        }
        if let Some(label) = filters::labels(filter).first() {
            return Some(Self::Label(*label));
        }
        match (filter.parent_id, filter.assignee_id) {
            (Some(IdFilter::Id(id)), _) => Some(Self::Parent(id)),
            (_, Some(IdFilter::Id(id))) => Some(Self::Assignee(id)),
            _ if is_limited && due => Some(Self::Due),
            _ if is_limited && filter.updated_since.is_some() => Some(Self::UpdatedAt),
            _ if is_limited && status => Some(Self::Status),
            _ => None,
        }
    }

    /// The filter without what the index has matched.
    pub(super) fn others(&self, filter: &TaskFilter) -> TaskFilter {
        let mut others = filter.clone();
        match self {
            Self::Search(_) => others.search = None,
            Self::Label(label) => others.labels.retain(|other| other != label),
            Self::Parent(_) => others.parent_id = None,
            Self::Assignee(_) => others.assignee_id = None,
            Self::Due => (others.due_from, others.due_until) = (None, None),
            Self::UpdatedAt => others.updated_since = None,
            Self::Status => (others.status, others.priority, others.completed) = (None, None, None),
            Self::All => {}
        }
        others
    }

    /// Appends a query for a column `task_id`. It may find tasks that aren't of the source.
    pub(super) fn push(&self, filter: &TaskFilter, source: Source<'_>, out: &mut Fragment) {
        match (self, source) {
            (Self::Search(search), _) => {
                out.sql("SELECT ").sql(task_sql::WORDS_ID).sql(" AS task_id FROM task_words WHERE ");
                filters::push_words(search, source, out);
            }
            (Self::Label(id), _) => {
                out.sql("SELECT task_id FROM task_labels WHERE label_id = ").number(id.get());
            }
            (Self::Parent(id), _) => {
                out.sql("SELECT id AS task_id FROM tasks WHERE parent_id = ").number(id.get());
            }
            // Of one that the reader shares little with, only what the reader sees is read.
            (Self::Assignee(id), _) if !matches!(source, Source::Visible(_) | Source::VisibleIn(..)) => {
                out.sql("SELECT id AS task_id FROM tasks WHERE ");
                if let Source::Project(_) | Source::Projects(_) = source {
                    source.push(out);
                }
                out.sql("assignee_id = ").number(id.get());
            }
            (_, Source::Visible(reader)) => self.push_visible(filter, reader, None, out),
            (_, Source::VisibleIn(reader, ids)) => self.push_visible(filter, reader, Some(ids), out),
            _ => {
                out.sql("SELECT id AS task_id FROM tasks WHERE ");
                self.push_condition(filter, source, out);
            }
        }
    }

    /// Appends the query for what a reader sees, in some projects or in all.
    fn push_visible(&self, filter: &TaskFilter, reader: i64, projects: Option<&[ProjectId]>, out: &mut Fragment) {
        out.sql("SELECT tasks.id AS task_id FROM members CROSS JOIN tasks WHERE members.user_id = ");
        out.number(reader).sql(" AND ");
        if let Some(ids) = projects {
            push_among("members.project_id", ids, out).sql(" AND ");
        }
        out.sql("tasks.");
        self.push_condition(filter, Source::Membership, out);
        out.sql(" UNION ALL SELECT id FROM tasks WHERE NOT EXISTS (SELECT 1 FROM members");
        out.sql(" WHERE members.project_id = tasks.project_id AND members.user_id = ").number(reader);
        out.sql(") AND ");
        if let Some(ids) = projects {
            push_among("project_id", ids, out).sql(" AND ");
        }
        self.push_condition(filter, Source::Assignee(reader), out);
    }

    /// Appends the condition of an index that has the source before the filter.
    fn push_condition(&self, filter: &TaskFilter, source: Source<'_>, out: &mut Fragment) {
        source.push(out);
        match self {
            Self::Due => {
                let TaskFilter { due_from, due_until, .. } = *filter;
                filters::push_instants(&TaskFilter { due_from, due_until, ..TaskFilter::default() }, out);
            }
            Self::UpdatedAt => {
                let updated_since = filter.updated_since;
                filters::push_instants(&TaskFilter { updated_since, ..TaskFilter::default() }, out);
            }
            Self::Status => filters::push_statuses(filter, out),
            Self::Assignee(id) => {
                out.sql("assignee_id = ").number(id.get()).sql(" AND ");
            }
            Self::Search(_) | Self::Label(_) | Self::Parent(_) | Self::All => {}
        }
        out.sql("TRUE");
    }
}
