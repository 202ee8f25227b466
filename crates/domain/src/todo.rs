//! Todos: a simple view of the tasks in a user's Inbox. A todo is completed when its task is done.

use crate::{
    Timestamp,
    due::Due,
    id::UserId,
    patch::{Patch, Set},
    task::{TaskChange, TaskInProject, TaskPatch, TaskStatus},
    text::{Description, TaskTitle},
    token::{AccessClaims, TokenSource},
};

// @spec SPEC-004
/// The patch of a todo's `completed` field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Completion {
    #[default]
    Keep,
    Set(bool),
    Toggle,
}

impl Completion {
    /// The task's new status, `None` if it stays.
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

/// A patch of a todo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TodoPatch {
    pub title: Set<TaskTitle>,
    pub description: Patch<Description>,
    pub completed: Completion,
    pub due: Patch<Due>,
}

impl TaskStatus {
    /// The status of a new todo.
    pub fn of_todo(completed: bool) -> Self {
        if completed { Self::Done } else { Self::Todo }
    }
}

impl TaskInProject {
    /// Applies a patch of this todo. `None` if it changes nothing. A change from one end of the state machine to the
    /// other is one version and one event.
    pub fn apply_todo(&self, patch: TodoPatch, actor_id: UserId, now: Timestamp) -> Option<TaskChange> {
        let TodoPatch { title, description, completed, due } = patch;
        let status = completed.target(self.task.status);
        self.change(TaskPatch { title, description, status, due, ..TaskPatch::default() }, actor_id, now)
    }
}

// @spec SPEC-004
impl AccessClaims {
    /// Whether `name` is the bearer's user id in a path of todos: the decimal id of one of our users, the subject of
    /// another issuer's. Compared byte for byte.
    pub fn match_user_name(&self, name: &[u8]) -> bool {
        match &self.source {
            TokenSource::Session(_) | TokenSource::Api(_) => self.user_id.to_string().as_bytes() == name,
            TokenSource::External(subject) => subject.as_str().as_bytes() == name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{id::SessionId, identity::ExternalSubject, token::TokenId, user::Role};

    #[test]
    fn completion_decides_the_next_status() {
        use TaskStatus::{Done, InProgress, Todo};
        // The completion, and the new status from each status.
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
    fn claims_match_only_their_own_user() {
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
        assert!(ours.match_user_name(b"7") && theirs.match_user_name("Zoë/8".as_bytes()));
        for name in ["", "8", "07", "+7", " 7", "7 ", "7\0", "Zoë/8"] {
            assert!(!ours.match_user_name(name.as_bytes()), "{name:?}");
        }
        for name in ["7", "zoë/8", "Zoe\u{308}/8", "Zo\u{fffd}/8", "Zoë/8 ", "Zoë"] {
            assert!(!theirs.match_user_name(name.as_bytes()), "{name:?}");
        }
    }
}
