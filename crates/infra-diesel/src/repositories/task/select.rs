//! Chooses how the tasks of a page are found.

use super::{
    super::task_sql, bounded, filters, fragment::Fragment, frequent, list_query::Found, matches::Indexed, order::Order,
    ranges, source::Source,
};
use fasttrack_domain::{
    id::TaskId,
    label::LabelIds,
    task::{TaskCursor, TaskFilter, TaskOrder, TaskPageRequest, TaskQuery},
};

// @spec SPEC-023
/// The tasks of a page. The filter of the query has no assignee where the source has one, and no reach: a source has it.
///
/// - Filters that an index has, by ascending id: ranges of that index.
/// - An order without a filter that its index doesn't have: ranges of the index of the order.
/// - For several projects, the first tasks of each by one of these, which are sorted.
/// - By ascending id, with a filter whose index has the ids in order: that index is read until enough tasks match.
/// - Otherwise the index of one filter is read. Up to [`MAX_ROWS_READ`](fasttrack_domain::task::MAX_ROWS_READ) tasks are
///   sorted. Where it has more, the index of the order is read, as many tasks as that.
pub(super) fn find(source: Source<'_>, query: &TaskQuery, page: &TaskPageRequest) -> Found {
    let TaskQuery { filter, sort } = query;
    let (cursor, limit) = (page.cursor.as_ref(), page.fetch());
    let after = cursor.map(TaskCursor::id).map_or(0, TaskId::get);
    if sort.is_by_id() && ranges::are_exact(source, filter) {
        return whole(ranges::first(task_sql::PAGE_COLUMNS, source, filter, after, limit));
    }
    let order = Order::new(*sort, cursor, filter);
    // No task has more labels, and a statement with a condition for each of any number of them is refused by SQLite.
    if order.ranges().is_empty() || filters::labels(filter).len() > LabelIds::MAX {
        return nothing();
    }
    let inner = of_index(source, query);
    let mut rest = order.rest();
    if inner.status.is_some() {
        rest.status = None;
    }
    if inner.completed.is_some() {
        rest.completed = None;
    }
    let is_whole = rest == TaskFilter::default();
    let has_index = match source {
        Source::Project(_) | Source::Assignee(_) => true,
        Source::All => sort.order == TaskOrder::Id,
        Source::Visible(_) | Source::Projects(_) | Source::VisibleIn(..) | Source::Membership | Source::EachProject => {
            false
        }
    };
    let is_exact = |source| sort.is_by_id() && ranges::are_exact(source, filter);
    match source {
        Source::Projects(ids) if is_exact(Source::EachProject) => {
            let first = ranges::first("id", Source::EachProject, filter, after, limit);
            return few_texts(bounded::of_some_projects(ids, first, &order, limit));
        }
        Source::Projects(ids) if is_whole => {
            let first = bounded::first("id", Source::EachProject, &order, &inner, limit);
            return few_texts(bounded::of_some_projects(ids, first, &order, limit));
        }
        Source::VisibleIn(reader, ids) if is_exact(Source::Membership) => {
            let first = ranges::first("id", Source::Membership, filter, after, limit);
            return bounded_read(bounded::of_some_memberships((reader, ids), first, &order, filter, limit));
        }
        Source::VisibleIn(reader, ids) if is_whole => {
            let first = bounded::first("id", Source::Membership, &order, &inner, limit);
            return bounded_read(bounded::of_some_memberships((reader, ids), first, &order, filter, limit));
        }
        Source::Visible(reader) if is_exact(Source::Membership) => {
            let first = |source| ranges::first("id", source, filter, after, limit);
            return few_texts(bounded::of_each_project(reader, first, &order, limit));
        }
        Source::Visible(reader) if is_whole => {
            let first = |source| bounded::first("id", source, &order, &inner, limit);
            return few_texts(bounded::of_each_project(reader, first, &order, limit));
        }
        _ if is_whole && has_index => {
            return whole(bounded::first(task_sql::PAGE_COLUMNS, source, &order, &inner, limit));
        }
        _ => {}
    }
    let indexed = Indexed::of(&rest, source);
    if sort.is_by_id()
        && let Some(indexed) = &indexed
        && let Some(ids) = bounded::walk_matches(indexed, source, filter, after, limit)
    {
        return bounded_read(ids);
    }
    // The words of a task are found by its id as slowly as all matches, but on PostgreSQL.
    let is_walked = has_index && (filter.search.is_none() || sort.is_by_id());
    let walk = |is_gated| bounded::walk(source, &order, (&inner, &rest), limit, is_gated);
    bounded_read(match indexed {
        None if is_walked => walk(false),
        indexed => {
            let walk = is_walked.then(|| walk(true));
            bounded::sorted_matches(&indexed.unwrap_or(Indexed::All), source, &order, filter, limit, walk)
        }
    })
}

/// The part of a filter that an index has before the column of the order.
fn of_index(source: Source<'_>, query: &TaskQuery) -> TaskFilter {
    match (source, query.sort.order) {
        (Source::Project(_), TaskOrder::Position) => TaskFilter {
            status: query.filter.status,
            completed: query.filter.completed.filter(|is_done| *is_done),
            ..TaskFilter::default()
        },
        _ => TaskFilter::default(),
    }
}

/// No tasks.
pub(super) fn nothing() -> Found {
    few_texts(Fragment::of("SELECT id FROM tasks WHERE id = 0"))
}

fn few_texts(ids: Fragment) -> Found {
    Found { tasks: ids, has_rows: false, is_bounded: false, is_cached: true }
}

/// As [`few_texts`], with the columns of a page.
fn whole(tasks: Fragment) -> Found {
    Found { has_rows: task_sql::PAGE_COLUMNS == "*", ..few_texts(tasks) }
}

fn bounded_read(ids: Fragment) -> Found {
    let is_cached = frequent::is_frequent(ids.hash_of_text());
    Found { tasks: ids, has_rows: false, is_bounded: true, is_cached }
}
