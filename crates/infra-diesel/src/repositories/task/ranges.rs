//! Finds the tasks that match a filter by an index alone, in the order of their ids.

use super::{fragment::Fragment, source::Source};
use fasttrack_domain::{
    id::UserId,
    task::{IdFilter, TaskFilter, TaskPriority, TaskStatus},
};

/// Tasks with one status and one priority; `None` for all.
type Range = Option<(TaskStatus, TaskPriority)>;

/// Whether a filter has conditions of the indexes alone.
pub(super) fn are_exact(source: Source<'_>, filter: &TaskFilter) -> bool {
    let is_of_index = match source {
        Source::Project(_) | Source::EachProject => !matches!(filter.assignee_id, Some(IdFilter::None)),
        Source::Assignee(_) | Source::Membership => filter.assignee_id.is_none(),
        Source::Visible(_) | Source::All | Source::Projects(_) | Source::VisibleIn(..) => false,
    };
    let TaskFilter { status, priority, completed, assignee_id, .. } = *filter;
    is_of_index && *filter == TaskFilter { status, priority, completed, assignee_id, ..TaskFilter::default() }
}

/// The ranges that a filter matches; none where the filter contradicts itself.
fn ranges(filter: &TaskFilter) -> Vec<Range> {
    let TaskFilter { status, priority, assignee_id, completed, .. } = filter;
    // The index of a project's tasks by assignee has the status before the id.
    if status.is_none() && priority.is_none() && completed.is_none() && assignee_id.is_none() {
        return vec![None];
    }
    let statuses = TaskStatus::ALL
        .iter()
        .filter(|it| status.is_none_or(|status| status == **it))
        .filter(|it| completed.is_none_or(|completed| completed == (**it == TaskStatus::Done)));
    let priorities = || TaskPriority::ALL.iter().filter(|it| priority.is_none_or(|priority| priority == **it));
    statuses.flat_map(|status| priorities().map(|priority| Some((*status, *priority)))).collect()
}

/// A query for the first tasks behind an id that match a filter that is [exact](are_exact), with these columns.
///
/// The tasks of one project or assignee are a range of an index, in the order of their ids, and so are those with one
/// status and one priority. A filter matches at most nine such ranges. Of each, up to the length of a page is read, so that
/// a query reads at most nine times as many rows as it returns, however many tasks don't match.
pub(super) fn first(
    columns: &'static str,
    source: Source<'_>,
    filter: &TaskFilter,
    after: i64,
    limit: i64,
) -> Fragment {
    let mut rows = Fragment::default();
    let assignee = filter.assignee_id.and_then(IdFilter::id).map(UserId::get);
    let push = |range: Range, out: &mut Fragment| {
        out.sql("SELECT ").sql(columns).sql(" FROM tasks WHERE ");
        source.push(out);
        if let Some(assignee) = assignee {
            Source::Assignee(assignee).push(out);
        }
        if let Some((status, priority)) = range {
            // Constants of the enums, never a client's text.
            for part in ["status = '", status.as_str(), "' AND priority = '", priority.as_str(), "' AND "] {
                out.sql(part);
            }
        }
        out.sql("id > ").number(after).sql(" ORDER BY id LIMIT ").number(limit);
    };
    match ranges(filter).as_slice() {
        [] => {
            rows.sql("SELECT ").sql(columns).sql(" FROM tasks WHERE id = 0");
        }
        [range] => push(*range, &mut rows),
        several => {
            for (index, range) in several.iter().enumerate() {
                rows.sql(if index == 0 { "SELECT * FROM (" } else { " UNION ALL SELECT * FROM (" });
                push(*range, &mut rows);
                rows.sql(") AS page");
            }
            rows.sql(" ORDER BY id LIMIT ").number(limit);
        }
    }
    rows
}
