//! The authorization policy. Every use case decides by it; no other code compares roles or owners.
//!
//! Rights depend on two things only: the user's role, and the owner of the object. An admin may do whatever an owner
//! may, except for todos.

use crate::{id::UserId, user::Role};

/// The authenticated user of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    pub id: UserId,
    pub role: Role,
}

/// An action to be authorized, with the owners that the decision depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// List, read and change all users.
    ManageUsers,
    /// Read, change and delete a project; list and create its tasks.
    ManageProject { owner: UserId },
    /// List the projects of all users.
    ListAllProjects,
    /// Read the audit log.
    ReadAudit,
    /// Read and change a task; list and create its comments.
    WorkOnTask {
        /// The owner of the task's project.
        owner: UserId,
        assignee: Option<UserId>,
    },
    DeleteTask {
        /// The owner of the task's project.
        owner: UserId,
    },
    /// Delete a comment. Owning the project is not enough.
    DeleteComment { author: UserId },
    /// Create, read, change and delete todos. Only their owner may; admins may not.
    UseTodos {
        /// The owner; `None` for another user's todos or an unknown user.
        owner: Option<UserId>,
    },
}

impl Action {
    /// The sentence that names who is allowed.
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

/// The actor is authenticated, but not allowed. The message names who is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Forbidden(pub &'static str);

// @spec SPEC-002
// @decision DEC-0022
impl Actor {
    /// Whether the policy allows the action.
    pub fn can(&self, action: Action) -> bool {
        let is_admin = match self.role {
            Role::Admin => true,
            Role::User => false,
        };
        match action {
            Action::UseTodos { owner } => owner == Some(self.id),
            Action::ManageUsers | Action::ListAllProjects | Action::ReadAudit => is_admin,
            Action::ManageProject { owner } | Action::DeleteTask { owner } => is_admin || owner == self.id,
            Action::WorkOnTask { owner, assignee } => is_admin || owner == self.id || assignee == Some(self.id),
            Action::DeleteComment { author } => is_admin || author == self.id,
        }
    }

    /// Whether the action is allowed by the admin role only, so that it belongs in the audit log.
    pub fn needs_role(&self, action: Action) -> bool {
        self.can(action) && !Self { role: Role::User, ..*self }.can(action)
    }

    /// Returns [`Forbidden`] unless the policy allows the action.
    pub fn authorize(&self, action: Action) -> Result<(), Forbidden> {
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
    fn refusal_names_who_is_allowed() {
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
            let text = STRANGER.authorize(action).unwrap_err().to_string();
            assert!(text.starts_with(&format!("only {who} may ")), "{text}");
        }
    }

    #[test]
    fn policy_allows_exactly_the_table() {
        let (owner, assignee) = (OWNER.id, Some(ASSIGNEE.id));
        // The action, and whether owner, assignee, stranger and admin may.
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
    fn only_an_admin_without_ownership_needs_its_role() {
        let admins = Action::ManageProject { owner: ADMIN.id };
        let owners = Action::ManageProject { owner: OWNER.id };
        assert!(ADMIN.needs_role(owners) && ADMIN.needs_role(Action::ManageUsers));
        assert!(!ADMIN.needs_role(admins) && !OWNER.needs_role(owners) && !STRANGER.needs_role(owners));
    }
}
