//! Texts of each kind.

use fasttrack_domain::text::{CommentBody, Description, DisplayName, ProjectName, TaskTitle};

/// A display name. Panics where the text is not valid.
pub fn display_name(text: &str) -> DisplayName {
    DisplayName::parse(text.to_owned()).unwrap()
}

/// A project name. Panics where the text is not valid.
pub fn project_name(text: &str) -> ProjectName {
    ProjectName::parse(text.to_owned()).unwrap()
}

/// A task title. Panics where the text is not valid.
pub fn title(text: &str) -> TaskTitle {
    TaskTitle::parse(text.to_owned()).unwrap()
}

/// A description. Panics where the text is not valid.
pub fn description(text: &str) -> Description {
    Description::parse(text.to_owned()).unwrap()
}

/// The body of a comment. Panics where the text is not valid.
pub fn body(text: &str) -> CommentBody {
    CommentBody::parse(text.to_owned()).unwrap()
}

/// A text of exactly `length` characters that are often stored wrongly: of one to four bytes, combining, joining, right
/// to left, control characters, quotes and wildcards.
pub fn unicode(length: usize) -> String {
    "aZéß漢🦀e\u{301}א\u{200d}'\"\\\n%_\u{1}".chars().cycle().take(length).collect()
}
