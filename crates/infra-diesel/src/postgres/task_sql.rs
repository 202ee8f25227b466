//! SQL of tasks that is another on SQLite.

/// The place of a task in the order that people gave to its project's tasks, by columns of `tasks`.
pub(super) const POSITION: &str = "coalesce(moved_to, to_hex(length(to_hex(id)) - 1) || to_hex(id)) COLLATE \"C\"";

/// The labels of a row of `tasks` as JSON: arrays of id, name and color. Each is looked up: a join of the few labels there are
/// to all labels could read all of them for each task.
pub(super) const LABELS: &str = "CASE WHEN tasks.has_labels THEN (\
     SELECT json_agg(json_build_array(labels.id, labels.name, labels.color))::text FROM task_labels CROSS JOIN LATERAL (\
         SELECT id, name, color FROM labels WHERE labels.id = task_labels.label_id LIMIT 1) AS labels \
     WHERE task_labels.task_id = tasks.id) END";

/// The reminders of a row of `tasks` as JSON: microseconds since the epoch.
pub(super) const REMINDERS: &str = "CASE WHEN tasks.has_reminders THEN (\
     SELECT json_agg((extract(epoch FROM task_reminders.at) * 1000000)::bigint)::text FROM task_reminders \
     WHERE task_reminders.task_id = tasks.id) END";

/// The columns of a task that the query for a page selects. The rows are at hand there, and would be looked up again by their
/// ids.
pub(super) const PAGE_COLUMNS: &str = "*";

/// What stands between a table and a query that is made for each of its rows, and behind the query, whose column `id` becomes
/// `found.id`.
pub(super) const EACH_ROW: [&str; 2] = [" CROSS JOIN LATERAL (", ") AS found"];

/// What stands before and after the words that a row of `task_words` has to have.
pub(super) const MATCH: [&str; 2] = ["task_words.words @@ ", "::tsquery"];

/// What stands before and after the words that a row has to have beside those that are looked up. It is another expression
/// than the index has, which would read everybody's entries of each word.
pub(super) const CHECK: Option<[&str; 2]> = Some([" AND setweight(task_words.words, 'D') @@ ", "::tsquery"]);

/// The words that are looked up in the index, beside what says whose tasks are searched.
pub(super) fn looked_up<'w>(words: impl Iterator<Item = &'w str>) -> Vec<&'w str> {
    // Short ones begin too many words.
    words.filter(|word| word.chars().nth(2).is_some()).max_by_key(|word| word.len()).into_iter().collect()
}

/// The id of the task, in `task_words`.
pub(super) const WORDS_ID: &str = "task_words.task_id";

/// Whether the index of words is read in the order of the ids. Here all matches are read and sorted.
pub(super) const SEARCH_KEEPS_ORDER: bool = false;

/// What stands before the words and before the reader, where the tasks of the reader's projects are searched. The words
/// begin with what [`or_assigned`] makes.
pub(super) const VISIBLE_WORDS: [&str; 3] = [
    "(SELECT '(' || coalesce(string_agg('''#' || project_id || '''', ' | ') || ' | ', '') || ",
    " FROM members WHERE user_id = ",
    ")",
];

/// The query for tasks that have this lexeme, if any, and a word that begins with each of these.
pub(super) fn word_query<'w>(lexeme: Option<String>, words: impl Iterator<Item = &'w str>) -> String {
    let lexeme = lexeme.into_iter().map(|lexeme| format!("'{lexeme}'"));
    let words = words.map(|word| format!("'{}':*", word.replace('\\', "\\\\").replace('\'', "''")));
    lexeme.chain(words).collect::<Vec<_>>().join(" & ")
}

/// The query for tasks that have one of these lexemes, and what another query requires.
pub(super) fn any_of(lexemes: &[String], query: &str) -> String {
    let lexemes = lexemes.iter().map(|lexeme| format!("'{lexeme}'")).collect::<Vec<_>>().join(" | ");
    if query.is_empty() { format!("({lexemes})") } else { format!("({lexemes}) & {query}") }
}

/// The end of an alternative of lexemes, of which this is the last, and behind it another query.
pub(super) fn or_assigned(lexeme: &str, query: &str) -> String {
    if query.is_empty() { format!("'{lexeme}')") } else { format!("'{lexeme}') & {query}") }
}
