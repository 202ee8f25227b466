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

/// The actor is known, but not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not allowed")]
pub struct Forbidden;

// @spec SPEC-002
// @decision DEC-002
impl Actor {
    /// Whether this actor may.
    pub fn can(&self, action: Action) -> bool {
        match action {
            Action::UseTodos { owner } => owner == Some(self.id),
            _ if self.role == Role::Admin => true,
            Action::ManageUsers | Action::ListAllProjects => false,
            Action::ManageProject { owner } | Action::DeleteTask { owner } => owner == self.id,
            Action::WorkOnTask { owner, assignee } => owner == self.id || assignee == Some(self.id),
            Action::DeleteComment { author } => author == self.id,
        }
    }

    /// Refuses with [`Forbidden`] where this actor may not.
    pub fn must(&self, action: Action) -> Result<(), Forbidden> {
        if self.can(action) { Ok(()) } else { Err(Forbidden) }
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
    fn who_may_do_what() {
        let (owner, assignee) = (OWNER.id, Some(ASSIGNEE.id));
        // What is asked for, and whether owner, assignee, stranger and admin may.
        let table = [
            (Action::ManageUsers, [false, false, false, true]),
            (Action::ListAllProjects, [false, false, false, true]),
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
}
