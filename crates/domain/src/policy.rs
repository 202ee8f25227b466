//! Who may do what. The one place: every use case asks here, none decides by itself.
//!
//! Rights come from two things only: the role, and whose the object is. An admin may do whatever an owner may, except
//! with todos.

use crate::{id::UserId, user::Role};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The user.
    pub id: UserId,
    /// Its role.
    pub role: Role,
}

/// What is asked for, with what the answer depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// List users, see and change any of them.
    ManageUsers,
    /// See, change and delete a project, list and add its tasks.
    ManageProject {
        /// Whose project.
        owner: UserId,
    },
    /// See every user's projects in one list.
    ListAllProjects,
    /// See who did what.
    ReadAudit,
    /// See and change a task, list and add its comments.
    WorkOnTask {
        /// Whose project the task belongs to.
        owner: UserId,
        /// Who works on the task.
        assignee: Option<UserId>,
    },
    /// Delete a task.
    DeleteTask {
        /// Whose project the task belongs to.
        owner: UserId,
    },
    /// Delete a comment. Being the project's owner is not enough.
    DeleteComment {
        /// Who wrote it.
        author: UserId,
    },
    /// Make, see, change and delete todos. Nobody but their owner may, admins included.
    UseTodos {
        /// Whose; `None`: somebody else's, or nobody's.
        owner: Option<UserId>,
    },
}

impl Action {
    /// The sentence that says who may.
    const fn rule(self) -> &'static str {
        match self {
            Self::ManageUsers => "only an administrator may manage users",
            Self::ManageProject { .. } => "only the project's owner or an administrator may do this",
            Self::ListAllProjects => "only an administrator may list everybody's projects",
            Self::ReadAudit => "only an administrator may see who did what",
            Self::WorkOnTask { .. } => "only the project's owner, the task's assignee or an administrator may do this",
            Self::DeleteTask { .. } => "only the project's owner or an administrator may delete a task",
            Self::DeleteComment { .. } => "only the comment's author or an administrator may delete a comment",
            Self::UseTodos { .. } => "only the user whose id stands in the path may use these todos",
        }
    }
}

/// The actor is known, but not allowed. The text says who is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Forbidden(pub &'static str);

// @spec SPEC-002
// @decision DEC-002
impl Actor {
    /// Whether this actor may.
    pub fn can(&self, action: Action) -> bool {
        match action {
            Action::UseTodos { owner } => owner == Some(self.id),
            _ if self.role == Role::Admin => true,
            Action::ManageUsers | Action::ListAllProjects | Action::ReadAudit => false,
            Action::ManageProject { owner } | Action::DeleteTask { owner } => owner == self.id,
            Action::WorkOnTask { owner, assignee } => owner == self.id || assignee == Some(self.id),
            Action::DeleteComment { author } => author == self.id,
        }
    }

    /// Whether this actor may by its role alone, as what is to be done isn't about something of its own.
    pub fn needs_role(&self, action: Action) -> bool {
        self.can(action) && !Self { role: Role::User, ..*self }.can(action)
    }

    /// Refuses with [`Forbidden`] where this actor may not.
    pub fn must(&self, action: Action) -> Result<(), Forbidden> {
        if self.can(action) { Ok(()) } else { Err(Forbidden(action.rule())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: Actor = Actor { id: UserId::new(1), role: Role::User };
    const ASSIGNEE: Actor = Actor { id: UserId::new(2), role: Role::User };
    const STRANGER: Actor = Actor { id: UserId::new(3), role: Role::User };
    const ADMIN: Actor = Actor { id: UserId::new(4), role: Role::Admin };

    #[test]
    fn a_refusal_says_who_may() {
        let owner = OWNER.id;
        for (action, who) in [
            (Action::ManageUsers, "an administrator"),
            (Action::ListAllProjects, "an administrator"),
            (Action::ManageProject { owner }, "the project's owner or an administrator"),
            (
                Action::WorkOnTask { owner, assignee: None },
                "the project's owner, the task's assignee or an administrator",
            ),
            (Action::DeleteTask { owner }, "the project's owner or an administrator"),
            (Action::DeleteComment { author: owner }, "the comment's author or an administrator"),
            (Action::UseTodos { owner: None }, "the user whose id stands in the path"),
        ] {
            let text = STRANGER.must(action).unwrap_err().to_string();
            assert!(text.starts_with(&format!("only {who} may ")), "{text}");
        }
    }

    #[test]
    fn who_may_do_what() {
        let (owner, assignee) = (OWNER.id, Some(ASSIGNEE.id));
        // What is asked for, and whether owner, assignee, stranger and admin may.
        let table = [
            (Action::ManageUsers, [false, false, false, true]),
            (Action::ListAllProjects, [false, false, false, true]),
            (Action::ReadAudit, [false, false, false, true]),
            (Action::ManageProject { owner }, [true, false, false, true]),
            (Action::WorkOnTask { owner, assignee }, [true, true, false, true]),
            (Action::WorkOnTask { owner, assignee: None }, [true, false, false, true]),
            (Action::DeleteTask { owner }, [true, false, false, true]),
            (Action::DeleteComment { author: ASSIGNEE.id }, [false, true, false, true]),
            (Action::UseTodos { owner: Some(OWNER.id) }, [true, false, false, false]),
            (Action::UseTodos { owner: None }, [false; 4]),
        ];
        for (action, expected) in table {
            assert_eq!([OWNER, ASSIGNEE, STRANGER, ADMIN].map(|actor| actor.can(action)), expected, "{action:?}");
        }
    }

    #[test]
    fn only_an_admin_needs_its_role_and_only_for_what_is_not_its_own() {
        let admins = Action::ManageProject { owner: ADMIN.id };
        let owners = Action::ManageProject { owner: OWNER.id };
        assert!(ADMIN.needs_role(owners) && ADMIN.needs_role(Action::ManageUsers));
        assert!(!ADMIN.needs_role(admins) && !OWNER.needs_role(owners) && !STRANGER.needs_role(owners));
    }
}
