//! Filters as conditions on rows of `tasks`.

use super::{
    super::{SqlTimestamp, task_sql},
    fragment::Fragment,
    source::Source,
};
use fasttrack_domain::{
    id::LabelId,
    search::SearchQuery,
    task::{IdFilter, TaskFilter, TaskStatus},
};

/// Appends the conditions of a filter, each with ` AND ` behind it. The rows are of `source`, which the words of a search
/// are limited to.
pub(super) fn push(filter: &TaskFilter, source: Source<'_>, out: &mut Fragment) {
    push_statuses(filter, out);
    match filter.assignee_id {
        Some(IdFilter::Id(id)) => Source::Assignee(id.get()).push(out),
        Some(IdFilter::None) => {
            out.sql("assignee_id IS NULL AND ");
        }
        None => {}
    }
    for label in labels(filter) {
        // A number, as PostgreSQL would read all tasks with the label for `EXISTS`.
        out.sql("(SELECT count(*) FROM task_labels WHERE task_labels.task_id = tasks.id AND task_labels.label_id = ");
        out.number(label.get()).sql(") > 0 AND ");
    }
    match filter.parent_id {
        Some(IdFilter::Id(id)) => {
            out.sql("parent_id = ").number(id.get()).sql(" AND ");
        }
        Some(IdFilter::None) => {
            out.sql("parent_id IS NULL AND ");
        }
        None => {}
    }
    push_instants(filter, out);
    if let Some(search) = &filter.search {
        out.sql("(SELECT count(*) FROM task_words WHERE ").sql(task_sql::WORDS_ID).sql(" = tasks.id AND ");
        push_words(search, source, out);
        out.sql(") > 0 AND ");
    }
}

/// The different labels of a filter, ascending.
pub(super) fn labels(filter: &TaskFilter) -> Vec<LabelId> {
    let mut labels = filter.labels.clone();
    labels.sort_unstable();
    labels.dedup();
    labels
}

/// Appends the conditions on status and priority, as indexes have them.
pub(super) fn push_statuses(filter: &TaskFilter, out: &mut Fragment) {
    if let Some(status) = filter.status {
        out.sql("status = '").sql(status.as_str()).sql("' AND ");
    }
    if let Some(completed) = filter.completed {
        let statuses = TaskStatus::ALL.iter().filter(|status| completed == (**status == TaskStatus::Done));
        for (index, status) in statuses.enumerate() {
            out.sql(if index == 0 { "status IN ('" } else { "', '" }).sql(status.as_str());
        }
        out.sql("') AND ");
    }
    if let Some(priority) = filter.priority {
        out.sql("priority = '").sql(priority.as_str()).sql("' AND ");
    }
}

/// Appends the conditions on `due_at` and `updated_at`.
pub(super) fn push_instants(filter: &TaskFilter, out: &mut Fragment) {
    let limits =
        [("due_at >= ", filter.due_from), ("due_at <= ", filter.due_until), ("updated_at >= ", filter.updated_since)];
    for (comparison, limit) in limits {
        if let Some(limit) = limit {
            out.sql(comparison).moment(SqlTimestamp(limit)).sql(" AND ");
        }
    }
}

/// Appends the condition on a row of `task_words`: it has the words of the search, and a lexeme of a project or the
/// assignee where the source has these. What isn't looked up in the index is checked behind it.
pub(super) fn push_words(search: &SearchQuery, source: Source<'_>, out: &mut Fragment) {
    let is_limited = !matches!(source, Source::All | Source::Membership | Source::EachProject);
    let words = if is_limited { task_sql::looked_up(search.words()) } else { search.words().collect() };
    let query = |lexeme: Option<String>| task_sql::word_query(lexeme, words.iter().copied());
    let [before, after] = task_sql::MATCH;
    out.sql(before);
    match source {
        Source::Project(id) => out.text(query(Some(format!("#{id}")))),
        Source::Assignee(id) => out.text(query(Some(format!("@{id}")))),
        Source::Visible(reader) => {
            let words = task_sql::or_assigned(&format!("@{reader}"), &query(None));
            let [before_words, before_reader, end] = task_sql::VISIBLE_WORDS;
            out.sql(before_words).text(words).sql(before_reader).number(reader).sql(end)
        }
        // Which of them the reader may read is a condition of the source.
        Source::Projects(ids) | Source::VisibleIn(_, ids) => {
            let lexemes: Vec<_> = ids.iter().map(|id| format!("#{id}")).collect();
            out.text(task_sql::any_of(&lexemes, &query(None)))
        }
        Source::All | Source::Membership | Source::EachProject => out.text(query(None)),
    };
    out.sql(after);
    if is_limited && let Some([before, after]) = task_sql::CHECK {
        out.sql(before).text(task_sql::word_query(None, search.words())).sql(after);
    }
}
