//! Todos: the tasks of a user's Inbox, as simple front ends see them. A todo is completed when its task is done.

use crate::{
    Timestamp,
    id::UserId,
    patch::{Patch, Set},
    task::{TaskChange, TaskInProject, TaskPatch, TaskStatus},
    text::{Description, TaskTitle},
    token::{AccessClaims, TokenSource},
};

// @spec SPEC-004
/// Whether a todo is to be completed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Completion {
    /// As it is.
    #[default]
    Keep,
    /// It is, or it isn't.
    Set(bool),
    /// The other way round.
    Toggle,
}

impl Completion {
    /// Where a task has to go; `None` where it may stay.
    fn target(self, current: TaskStatus) -> Option<TaskStatus> {
        let is_done = current == TaskStatus::Done;
        let completed = match self {
            Self::Keep => is_done,
            Self::Set(completed) => completed,
            Self::Toggle => !is_done,
        };
        (completed != is_done).then_some(TaskStatus::of_todo(completed))
    }
}

/// What is to change about a todo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TodoPatch {
    /// A new title.
    pub title: Set<TaskTitle>,
    /// Another description, or none.
    pub description: Patch<Description>,
    /// Whether it is completed.
    pub completed: Completion,
}

impl TaskStatus {
    /// The first status of a todo.
    pub fn of_todo(completed: bool) -> Self {
        if completed { Self::Done } else { Self::Todo }
    }
}

impl TaskInProject {
    /// The change that `patch` makes to this todo, or `None` where everything is as it asks already. The steps from one
    /// end of the status machine to the other are walked as one.
    pub fn apply_todo(&self, patch: TodoPatch, actor_id: UserId, now: Timestamp) -> Option<TaskChange> {
        let TodoPatch { title, description, completed } = patch;
        let status = completed.target(self.task.status);
        self.change(TaskPatch { title, description, status, ..TaskPatch::default() }, actor_id, now)
    }
}

// @spec SPEC-004
impl AccessClaims {
    /// Whether `name` is what the bearer goes by where todos are asked for: the id in decimal for a user of ours, the
    /// subject for one of another issuer. Compared byte for byte.
    pub fn are_of(&self, name: &[u8]) -> bool {
        match &self.source {
            TokenSource::Session(_) => self.user_id.to_string().as_bytes() == name,
            TokenSource::External(subject) => subject.as_str().as_bytes() == name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{id::SessionId, identity::ExternalSubject, token::TokenId, user::Role};

    #[test]
    fn a_todo_goes_where_it_has_to_and_no_further() {
        use TaskStatus::{Done, InProgress, Todo};
        // What is asked for, and where it leads from each status.
        let table = [
            (Completion::Keep, [None, None, None]),
            (Completion::Set(true), [Some(Done), Some(Done), None]),
            (Completion::Set(false), [None, None, Some(Todo)]),
            (Completion::Toggle, [Some(Done), Some(Done), Some(Todo)]),
        ];
        for (completion, expected) in table {
            assert_eq!([Todo, InProgress, Done].map(|status| completion.target(status)), expected, "{completion:?}");
        }
    }

    #[test]
    fn claims_are_of_the_one_whom_their_issuer_names() {
        let claims = |source| AccessClaims {
            user_id: UserId::new(7),
            role: Role::Admin,
            source,
            token_id: TokenId::new("t".to_owned()),
            epoch: 0,
            issued_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::UNIX_EPOCH,
            user_key: None,
            session_key: None,
        };
        let ours = claims(TokenSource::Session(SessionId::new(1)));
        let theirs = claims(TokenSource::External(ExternalSubject::parse("Zoë/8".to_owned()).unwrap()));
        assert!(ours.are_of(b"7") && theirs.are_of("Zoë/8".as_bytes()));
        for name in ["", "8", "07", "+7", " 7", "7 ", "7\0", "Zoë/8"] {
            assert!(!ours.are_of(name.as_bytes()), "{name:?}");
        }
        for name in ["7", "zoë/8", "Zoe\u{308}/8", "Zo\u{fffd}/8", "Zoë/8 ", "Zoë"] {
            assert!(!theirs.are_of(name.as_bytes()), "{name:?}");
        }
    }
}
