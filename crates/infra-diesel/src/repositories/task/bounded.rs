//! Queries for the tasks of a page that read a number of rows at most.

use super::{
    super::task_sql,
    filters,
    fragment::Fragment,
    matches::Indexed,
    order::Order,
    source::{Source, push_among},
};
use fasttrack_domain::{
    id::ProjectId,
    task::{MAX_ROWS_READ, TaskFilter},
};

/// The columns that filters compare.
const COLUMNS: &str = "id, project_id, status, priority, assignee_id, parent_id, due_at, updated_at";

/// The same, where another table is joined.
const TASK_COLUMNS: &str = "tasks.id, tasks.project_id, tasks.status, tasks.priority, tasks.assignee_id, \
     tasks.parent_id, tasks.due_at, tasks.updated_at";

/// Where matches were counted: that there are too many to read and sort them.
const ARE_MANY: &str = "(SELECT count(*) FROM matches) > ";

/// Where matches were counted: that there are few enough to read and sort them.
const ARE_FEW: &str = "(SELECT count(*) FROM matches) <= ";

// @decision DEC-0032
fn most() -> i64 {
    i64::from(MAX_ROWS_READ)
}

/// These columns of the first tasks in an order, by a filter on status alone, which the index of the order has.
///
/// Both databases read the parts of `UNION ALL` one after the other, and only as many rows as are needed.
pub(super) fn first(
    columns: &'static str,
    source: Source<'_>,
    order: &Order<'_>,
    inner: &TaskFilter,
    limit: i64,
) -> Fragment {
    let mut rows = Fragment::default();
    for (index, range) in order.ranges().into_iter().enumerate() {
        rows.sql(if index == 0 { "SELECT * FROM (" } else { " UNION ALL SELECT * FROM (" });
        rows.sql("SELECT ").sql(columns).sql(" FROM tasks WHERE ");
        source.push(&mut rows);
        filters::push_statuses(inner, &mut rows);
        rows.append(range.condition).sql("TRUE ORDER BY ").sql(range.order[0]).sql(range.order[1]);
        rows.sql(" LIMIT ").number(limit).sql(") AS part");
    }
    rows.sql(" LIMIT ").number(limit);
    rows
}

/// Reads tasks in an order until enough match the filter. `inner` is a filter on status that the index of the order has. If
/// it is gated, it is a part of [`sorted_matches`], and reads nothing where that sorts.
pub(super) fn walk(
    source: Source<'_>,
    order: &Order<'_>,
    (inner, filter): (&TaskFilter, &TaskFilter),
    limit: i64,
    is_gated: bool,
) -> Fragment {
    let mut rows = Fragment::default();
    for (index, range) in order.ranges().into_iter().enumerate() {
        rows.sql(if index == 0 { "SELECT * FROM (SELECT " } else { " UNION ALL SELECT * FROM (SELECT " });
        rows.sql(COLUMNS).sql(" FROM tasks WHERE ");
        if is_gated {
            rows.sql(ARE_MANY).number(most()).sql(" AND ");
        }
        source.push(&mut rows);
        filters::push_statuses(inner, &mut rows);
        rows.append(range.condition).sql("TRUE ORDER BY ").sql(range.order[0]).sql(range.order[1]);
        rows.sql(" LIMIT ").number(most() + 1).sql(") AS part");
    }
    rows.sql(" LIMIT ").number(most() + 1);
    filtered(rows, source, filter, limit)
}

/// Reads the tasks that one filter matches by the index of that filter, which has them in the order of their ids, until
/// enough match the others. `None` where the index has another order.
pub(super) fn walk_matches(
    indexed: &Indexed<'_>,
    source: Source<'_>,
    filter: &TaskFilter,
    after: i64,
    limit: i64,
) -> Option<Fragment> {
    let mut rows = Fragment::of("SELECT ");
    rows.sql(TASK_COLUMNS);
    let id = match indexed {
        Indexed::Search(search) if task_sql::SEARCH_KEEPS_ORDER => {
            rows.sql(" FROM task_words CROSS JOIN tasks WHERE tasks.id = ").sql(task_sql::WORDS_ID).sql(" AND ");
            filters::push_words(search, source, &mut rows);
            task_sql::WORDS_ID
        }
        Indexed::Label(label) => {
            rows.sql(" FROM task_labels CROSS JOIN tasks WHERE tasks.id = task_labels.task_id");
            rows.sql(" AND task_labels.label_id = ").number(label.get());
            "task_labels.task_id"
        }
        Indexed::Parent(parent) => {
            rows.sql(" FROM tasks WHERE tasks.parent_id = ").number(parent.get());
            "tasks.id"
        }
        _ => return None,
    };
    rows.sql(" AND ").sql(id).sql(" > ").number(after);
    rows.sql(" ORDER BY ").sql(id).sql(" LIMIT ").number(most() + 1);
    Some(filtered(rows, source, &indexed.others(filter), limit))
}

/// Numbers rows in the order in which they are read, and leaves out those that the filter doesn't match. The last one says
/// whether the filter left too few of them: it is one more than may be read.
fn filtered(rows: Fragment, source: Source<'_>, filter: &TaskFilter, limit: i64) -> Fragment {
    let mut ids = Fragment::of("SELECT id, place > ");
    ids.number(most()).sql(" AS is_cut FROM (SELECT rows_read.*, row_number() OVER () AS place FROM (");
    ids.append(rows).sql(") AS rows_read) AS tasks WHERE place > ").number(most()).sql(" OR (");
    source.push(&mut ids);
    filters::push(filter, source, &mut ids);
    ids.sql("TRUE) LIMIT ").number(limit);
    ids
}

/// Finds the tasks that one filter matches, and sorts those that match the others. Where they are too many for that, it does
/// what `walk` does, or says so.
pub(super) fn sorted_matches(
    indexed: &Indexed<'_>,
    source: Source<'_>,
    order: &Order<'_>,
    filter: &TaskFilter,
    limit: i64,
    walk: Option<Fragment>,
) -> Fragment {
    let mut matches = Fragment::of("SELECT task_id FROM (");
    indexed.push(filter, source, &mut matches);
    matches.sql(") AS found LIMIT ").number(most() + 1);
    let mut ids = sorted(matches, Some(source), order, &indexed.others(filter), limit);
    match walk {
        Some(walk) => ids.sql(" UNION ALL SELECT id, is_cut FROM (").append(walk).sql(") AS walked"),
        None => ids.sql(" UNION ALL SELECT 0, TRUE WHERE ").sql(ARE_MANY).number(most()),
    };
    ids
}

/// Sorts the tasks that `matches` finds, a query for a column `task_id`. With a source, up to the most rows that may be read,
/// and only those of the source.
fn sorted(
    matches: Fragment,
    source: Option<Source<'_>>,
    order: &Order<'_>,
    filter: &TaskFilter,
    limit: i64,
) -> Fragment {
    let mut ids = Fragment::of("WITH matches AS MATERIALIZED (");
    ids.append(matches).sql(") SELECT id, FALSE AS is_cut FROM (SELECT tasks.id FROM matches CROSS JOIN tasks WHERE ");
    ids.sql("tasks.id = matches.task_id AND ");
    if let Some(source) = source {
        ids.sql(ARE_FEW).number(most()).sql(" AND ");
        source.push(&mut ids);
        filters::push(filter, source, &mut ids);
    }
    let mut behind = Fragment::default();
    for (index, range) in order.ranges().into_iter().enumerate() {
        behind.sql(if index == 0 { "(" } else { " OR (" }).append(range.condition).sql("TRUE)");
    }
    ids.sql("(").append(behind).sql(") ORDER BY ");
    order.push(&mut ids);
    ids.sql(" LIMIT ").number(limit).sql(") AS few");
    ids
}

/// The tasks that a query finds for each row of a table.
fn of_each_row(table: &'static str, first: Fragment) -> Fragment {
    let [before, after] = task_sql::EACH_ROW;
    let mut found = Fragment::of("SELECT found.id AS task_id FROM ");
    found.sql(table).sql(before).append(first).sql(after);
    found
}

/// Finds the first tasks of each of some projects, by a query for [`Source::EachProject`], and sorts them.
pub(super) fn of_some_projects(projects: &[ProjectId], first: Fragment, order: &Order<'_>, limit: i64) -> Fragment {
    let mut matches = of_each_row("projects", first);
    push_among("projects.id", projects, matches.sql(" WHERE "));
    sorted(matches, None, order, &TaskFilter::default(), limit)
}

/// Finds the first tasks of each of some projects that a reader is a member of, by a query for [`Source::Membership`], and
/// those that are assigned to the reader in the others, and sorts them. The latter are in no order, and few; where they are
/// more than may be read, it finds nothing but says so. Of the filter, status and priority limit them.
pub(super) fn of_some_memberships(
    (reader, projects): (i64, &[ProjectId]),
    first: Fragment,
    order: &Order<'_>,
    filter: &TaskFilter,
    limit: i64,
) -> Fragment {
    let mut assigned = Fragment::of("SELECT id FROM tasks WHERE ");
    Source::EachProject.push(&mut assigned);
    Source::Assignee(reader).push(&mut assigned);
    filters::push_statuses(filter, &mut assigned);
    assigned.sql("TRUE LIMIT ").number(most() + 1);
    let mut assigned = of_each_row("projects", assigned);
    push_among("projects.id", projects, assigned.sql(" WHERE "));
    assigned.sql(" AND NOT EXISTS (SELECT 1 FROM members WHERE members.project_id = projects.id");
    assigned.sql(" AND members.user_id = ").number(reader).sql(") LIMIT ").number(most() + 1);

    let [few, many] = ["(SELECT count(*) FROM assigned) <= ", "(SELECT count(*) FROM assigned) > "];
    let mut matches = Fragment::of("WITH assigned AS MATERIALIZED (");
    matches.append(assigned).sql(") ").append(of_each_row("members", first));
    matches.sql(" WHERE members.user_id = ").number(reader).sql(" AND ");
    push_among("members.project_id", projects, &mut matches).sql(" AND ").sql(few).number(most());
    matches.sql(" UNION SELECT task_id FROM assigned WHERE ").sql(few).number(most());
    matches.sql(" UNION SELECT 0 WHERE ").sql(many).number(most());
    let mut ids = sorted(matches, None, order, &TaskFilter::default(), limit);
    ids.sql(" UNION ALL SELECT task_id, TRUE FROM matches WHERE task_id = 0");
    ids
}

/// Finds the first tasks of each project of a reader, and the first of those assigned to the reader, by the queries that
/// `first` makes, and sorts them.
pub(super) fn of_each_project(
    reader: i64,
    first: impl Fn(Source<'static>) -> Fragment,
    order: &Order<'_>,
    limit: i64,
) -> Fragment {
    let mut matches = of_each_row("members", first(Source::Membership));
    matches.sql(" WHERE members.user_id = ").number(reader);
    matches.sql(" UNION SELECT id FROM (").append(first(Source::Assignee(reader))).sql(") AS assigned");
    sorted(matches, None, order, &TaskFilter::default(), limit)
}
