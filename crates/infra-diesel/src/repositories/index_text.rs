//! The text of a task in the index of words.

use fasttrack_domain::search::SearchWords;

// @spec SPEC-023
// @decision DEC-0031
/// What the index has of a task, with spaces in between: its words, `#` with the id of its project and `@` with that of its
/// assignee, which begin no word. So a search reads the matches of one project or user, not everybody's.
pub(crate) fn index_text(project_id: i64, assignee_id: Option<i64>, words: &SearchWords) -> String {
    let project = [format!("#{project_id}")];
    let marks = project.into_iter().chain(assignee_id.map(|id| format!("@{id}")));
    marks.chain(words.iter().map(str::to_owned)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn index_has_project_assignee_and_words() {
        let words = SearchWords::of(&"Paint the Fence".parse().unwrap(), None);
        assert_eq!(index_text(7, Some(3), &words), "#7 @3 fence paint the");
        assert_eq!(index_text(7, None, &SearchWords::default()), "#7");
    }
}
