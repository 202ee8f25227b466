//! Writes the words that tasks are searched by.

use super::{Connection, Error, dialect};
use fasttrack_domain::search::SearchWords;

/// The words of a task to write.
pub(super) struct TaskWords {
    pub(super) id: i64,
    pub(super) project_id: i64,
    pub(super) assignee_id: Option<i64>,
    pub(super) words: SearchWords,
}

// @spec SPEC-023
// @decision DEC-0031
/// What the index has of a task, with spaces in between: its words, `#` with the id of its project and `@` with that of its
/// assignee, which begin no word. So a search reads the matches of one project or user, not everybody's.
pub(super) fn text(project_id: i64, assignee_id: Option<i64>, words: &SearchWords) -> String {
    let project = [format!("#{project_id}")];
    let marks = project.into_iter().chain(assignee_id.map(|id| format!("@{id}")));
    marks.chain(words.iter().map(str::to_owned)).collect::<Vec<_>>().join(" ")
}

/// Writes the words of these tasks, which exist, in place of those that are there. The caller sets `tasks.words_version`.
pub(super) async fn replace_all(conn: &mut Connection, tasks: &[TaskWords]) -> Result<(), Error> {
    let row = |task: &TaskWords| (task.id, text(task.project_id, task.assignee_id, &task.words));
    Ok(dialect::replace_words(conn, tasks.iter().map(row).collect()).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn index_has_project_assignee_and_words() {
        let words = SearchWords::of(&"Paint the Fence".parse().unwrap(), None);
        assert_eq!(text(7, Some(3), &words), "#7 @3 fence paint the");
        assert_eq!(text(7, None, &SearchWords::default()), "#7");
    }
}
