//! Writes the words that tasks are searched by.

use super::{Connection, Error, dialect, index_text::index_text};
use fasttrack_domain::search::SearchWords;

/// The words of a task to write.
pub(super) struct TaskWords {
    pub(super) id: i64,
    pub(super) project_id: i64,
    pub(super) assignee_id: Option<i64>,
    pub(super) words: SearchWords,
}

/// Writes the words of these tasks, which exist, in place of those that are there. The caller sets `tasks.words_version`.
pub(super) async fn replace_all(conn: &mut Connection, tasks: &[TaskWords]) -> Result<(), Error> {
    let row = |task: &TaskWords| (task.id, index_text(task.project_id, task.assignee_id, &task.words));
    Ok(dialect::replace_words(conn, tasks.iter().map(row).collect()).await?)
}
