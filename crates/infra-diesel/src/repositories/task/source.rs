//! Which tasks a list has, before any filter.

use super::{super::dialect, fragment::Fragment};
use fasttrack_domain::id::ProjectId;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source<'r> {
    /// The tasks of a project.
    Project(i64),
    /// The tasks that are assigned to a user.
    Assignee(i64),
    /// The tasks of the projects that a user is a member of, and those assigned to the user.
    Visible(i64),
    /// All tasks.
    All,
    /// The tasks of some projects.
    Projects(&'r [ProjectId]),
    /// The tasks of some projects that are of [`Visible`](Self::Visible) for the user.
    VisibleIn(i64, &'r [ProjectId]),
    /// The tasks of the project of a row of `members`, in a query that is made for each of these rows.
    Membership,
    /// The tasks of a row of `projects`, in a query that is made for each of these rows.
    EachProject,
}

impl Source<'_> {
    /// Appends the condition, if there is one, and ` AND ` behind it.
    pub(super) fn push(self, out: &mut Fragment) {
        match self {
            Self::Project(id) => out.sql("project_id = ").number(id).sql(" AND "),
            Self::Assignee(id) => out.sql("assignee_id = ").number(id).sql(" AND "),
            Self::Membership => out.sql("project_id = members.project_id AND "),
            Self::EachProject => out.sql("project_id = projects.id AND "),
            Self::Projects(ids) => push_among("project_id", ids, out).sql(" AND "),
            Self::VisibleIn(reader, ids) => {
                push_among("project_id", ids, out).sql(" AND ");
                push_visible(reader, out)
            }
            Self::Visible(reader) => push_visible(reader, out),
            Self::All => out,
        };
    }
}

fn push_visible(reader: i64, out: &mut Fragment) -> &mut Fragment {
    out.sql("(assignee_id = ").number(reader);
    out.sql(" OR EXISTS (SELECT 1 FROM members WHERE members.project_id = tasks.project_id");
    out.sql(" AND members.user_id = ").number(reader).sql(")) AND ")
}

/// Appends the condition that a column is one of some ids.
pub(super) fn push_among<'o>(column: &'static str, ids: &[ProjectId], out: &'o mut Fragment) -> &'o mut Fragment {
    let [before, after] = dialect::IS_AMONG;
    out.sql(column).sql(before).text(dialect::id_list(ids)).sql(after)
}
