//! Which tasks a list has, before any filter.

use super::fragment::Fragment;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The tasks of a project.
    Project(i64),
    /// The tasks that are assigned to a user.
    Assignee(i64),
    /// The tasks of the projects that a user is a member of, and those assigned to the user.
    Visible(i64),
    /// All tasks.
    All,
    /// The tasks of the project of a row of `members`, in a query that is made for each of these rows.
    Membership,
}

impl Source {
    /// Appends the condition, if there is one, and ` AND ` behind it.
    pub(super) fn push(self, out: &mut Fragment) {
        match self {
            Self::Project(id) => out.sql("project_id = ").number(id).sql(" AND "),
            Self::Assignee(id) => out.sql("assignee_id = ").number(id).sql(" AND "),
            Self::Membership => out.sql("project_id = members.project_id AND "),
            Self::Visible(reader) => {
                out.sql("(assignee_id = ").number(reader);
                out.sql(" OR EXISTS (SELECT 1 FROM members WHERE members.project_id = tasks.project_id");
                out.sql(" AND members.user_id = ").number(reader).sql(")) AND ")
            }
            Self::All => out,
        };
    }
}
