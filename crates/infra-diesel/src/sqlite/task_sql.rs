//! SQL of tasks that is another on PostgreSQL.

/// The place of a task in the order that people gave to its project's tasks, by columns of `tasks`.
pub(super) const POSITION: &str = "coalesce(moved_to, printf('%x%x', length(printf('%x', id)) - 1, id))";

/// The labels of a row of `tasks` as JSON: arrays of id, name and color.
pub(super) const LABELS: &str = "CASE WHEN tasks.has_labels THEN (\
     SELECT json_group_array(json_array(labels.id, labels.name, labels.color)) FROM task_labels CROSS JOIN labels \
     WHERE task_labels.task_id = tasks.id AND labels.id = task_labels.label_id) END";

/// The reminders of a row of `tasks` as JSON: microseconds since the epoch.
pub(super) const REMINDERS: &str = "CASE WHEN tasks.has_reminders THEN (\
     SELECT json_group_array(task_reminders.at) FROM task_reminders WHERE task_reminders.task_id = tasks.id) END";

/// The columns of a task that the query for a page selects: by its ids each row is looked up once.
pub(super) const PAGE_COLUMNS: &str = "id";

/// What stands between a table and a query that is made for each of its rows, and behind the query, whose column `id` becomes
/// `found.id`.
pub(super) const EACH_ROW: [&str; 2] = [" CROSS JOIN tasks AS found ON found.id IN (", ")"];

/// What stands before and after the words that a row of `task_words` has to have.
pub(super) const MATCH: [&str; 2] = ["task_words MATCH ", ""];

/// What stands before and after the words that a row has to have beside those that are looked up. Here these are all.
pub(super) const CHECK: Option<[&str; 2]> = None;

/// The words that are looked up in the index, beside what says whose tasks are searched.
pub(super) fn looked_up<'w>(words: impl Iterator<Item = &'w str>) -> Vec<&'w str> {
    words.collect()
}

/// The id of the task, in `task_words`.
pub(super) const WORDS_ID: &str = "task_words.rowid";

/// Whether the index of words is read in the order of the ids.
pub(super) const SEARCH_KEEPS_ORDER: bool = true;

/// What stands before the words and before the reader, where the tasks of the reader's projects are searched. The words
/// begin with what [`or_assigned`] makes.
pub(super) const VISIBLE_WORDS: [&str; 3] = [
    "(SELECT '(' || coalesce(group_concat('\"#' || project_id || '\"', ' OR ') || ' OR ', '') || ",
    " FROM members WHERE user_id = ",
    ")",
];

/// The query for tasks that have this lexeme, if any, and a word that begins with each of these.
pub(super) fn word_query<'w>(lexeme: Option<String>, words: impl Iterator<Item = &'w str>) -> String {
    let lexeme = lexeme.into_iter().map(|lexeme| format!("\"{lexeme}\""));
    let words = words.map(|word| format!("\"{}\"*", word.replace('"', "\"\"")));
    lexeme.chain(words).collect::<Vec<_>>().join(" AND ")
}

/// The query for tasks that have one of these lexemes, and what another query requires.
pub(super) fn any_of(lexemes: &[String], query: &str) -> String {
    let lexemes = lexemes.iter().map(|lexeme| format!("\"{lexeme}\"")).collect::<Vec<_>>().join(" OR ");
    format!("({lexemes}) AND {query}")
}

/// The end of an alternative of lexemes, of which this is the last, and behind it another query.
pub(super) fn or_assigned(lexeme: &str, query: &str) -> String {
    format!("\"{lexeme}\") AND {query}")
}
