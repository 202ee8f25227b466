//! Who still has access to what a notification or a mail is about.
//!
//! Access can end between a change and the dispatch of its event. The dispatcher looks up memberships and assignments in
//! its transaction, and drops what is for somebody else by then.

use crate::id::{ProjectId, TaskId, UserId};
use std::collections::HashSet;

/// The recipient of a notification or a mail, and what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Audience {
    /// The recipient.
    pub user_id: UserId,
    pub project_id: ProjectId,
    /// Absent where it is about the project itself.
    pub task_id: Option<TaskId>,
}

/// The memberships and assignments of a moment, without those of accounts that are erased.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    /// Members of any role, the owner included.
    pub members: HashSet<(UserId, ProjectId)>,
    pub assignees: HashSet<(UserId, TaskId)>,
}

// @spec SPEC-005
// @decision DEC-0028
impl Grants {
    /// Whether the recipient has access: it is a member of the project, or the task is assigned to it.
    pub fn include(&self, audience: &Audience) -> bool {
        let Audience { user_id, project_id, task_id } = *audience;
        self.members.contains(&(user_id, project_id))
            || task_id.is_some_and(|task| self.assignees.contains(&(user_id, task)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_and_assignees_are_included() {
        let (ann, bob, project, task) = (UserId::new(1), UserId::new(2), ProjectId::new(3), TaskId::new(4));
        let grants = Grants { members: HashSet::from([(ann, project)]), assignees: HashSet::from([(bob, task)]) };
        let of = |user_id, project_id, task_id| Audience { user_id, project_id, task_id };
        for (audience, included) in [
            (of(ann, project, Some(TaskId::new(5))), true),
            (of(ann, project, None), true),
            (of(ann, ProjectId::new(4), Some(task)), false),
            (of(bob, project, Some(task)), true),
            (of(bob, project, Some(TaskId::new(5))), false),
            (of(bob, project, None), false),
        ] {
            assert_eq!(grants.include(&audience), included, "{audience:?}");
        }
    }
}
