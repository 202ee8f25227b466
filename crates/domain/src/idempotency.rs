//! Idempotency keys (`Idempotency-Key`): a client can repeat a request without repeating its effect.

use crate::{Timestamp, comment::Comment, field::Invalid, id::UserId, project::Project, task::Task};
use chrono::TimeDelta;
use std::{fmt, str::FromStr};

/// The client's name for a request. Each user has a separate set of keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    pub const MAX: usize = 255;

    /// Accepts 1 to [`Self::MAX`] visible ASCII characters.
    pub fn parse(raw: String) -> Result<Self, Invalid> {
        if !raw.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Invalid::new("invalid", "must have visible ASCII characters only"));
        }
        match raw.len() {
            0 => Err(Invalid::new("too_short", "must have at least 1 character")),
            1..=Self::MAX => Ok(Self(raw)),
            _ => Err(Invalid::new("too_long", format!("must have at most {} characters", Self::MAX))),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IdempotencyKey {
    type Err = Invalid;

    /// Does what [`IdempotencyKey::parse`] does.
    fn from_str(raw: &str) -> Result<Self, Invalid> {
        Self::parse(raw.to_owned())
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The SHA-256 of a request's content: requests with equal fingerprints are repetitions.
pub type Fingerprint = [u8; 32];

/// A request with an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyedRequest {
    pub key: IdempotencyKey,
    pub fingerprint: Fingerprint,
}

/// A record to store with the entity that the request creates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    pub request: KeyedRequest,
    pub user_id: UserId,
    pub at: Timestamp,
}

impl Idempotency {
    /// How long a record is kept.
    pub const LIFETIME: TimeDelta = TimeDelta::hours(24);

    /// From then on the key can be used for another request.
    pub fn expires_at(&self) -> Timestamp {
        self.at + Self::LIFETIME
    }
}

/// The entity that a request created, as it was at that time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Created {
    Project(Project),
    Task(Task),
    /// The tasks of one request, in its order.
    Tasks(Vec<Task>),
    Comment(Comment),
}

/// A stored record of a completed request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyRecord {
    pub fingerprint: Fingerprint,
    pub created: Created,
}

macro_rules! created {
    ($($entity:ident)+) => {$(
        impl From<$entity> for Created {
            fn from(entity: $entity) -> Self {
                Self::$entity(entity)
            }
        }

        impl TryFrom<Created> for $entity {
            /// The unchanged value, if its entity is of another type.
            type Error = Created;

            fn try_from(created: Created) -> Result<Self, Created> {
                match created {
                    Created::$entity(entity) => Ok(entity),
                    other => Err(other),
                }
            }
        }
    )+};
}

created!(Project Task Comment);

impl From<Vec<Task>> for Created {
    fn from(tasks: Vec<Task>) -> Self {
        Self::Tasks(tasks)
    }
}

impl TryFrom<Created> for Vec<Task> {
    /// The unchanged value, if it is something else.
    type Error = Created;

    fn try_from(created: Created) -> Result<Self, Created> {
        match created {
            Created::Tasks(tasks) => Ok(tasks),
            other => Err(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        id::{ProjectId, TaskId},
        project::ProjectStatus,
        task::{NewTask, TaskDraft, TaskProject},
    };

    #[test]
    fn a_key_is_visible_ascii_of_1_to_255_characters() {
        let code = |raw: &str| IdempotencyKey::parse(raw.to_owned()).map(drop).map_err(|invalid| invalid.code);
        for key in ["x", "!~", "\"8e03978e-40d5\"", &"k".repeat(255)] {
            assert_eq!(code(key), Ok(()), "{key:?}");
        }
        assert_eq!(code(""), Err("too_short"));
        assert_eq!(code(&"k".repeat(256)), Err("too_long"));
        for wrong in ["a b", " a", "a\tb", "é", "a\0", "\u{7f}"] {
            assert_eq!(code(wrong), Err("invalid"), "{wrong:?}");
        }
    }

    #[test]
    fn a_request_is_remembered_for_a_day() {
        let request = KeyedRequest { key: IdempotencyKey("k".to_owned()), fingerprint: [0; 32] };
        let kept = Idempotency { request, user_id: UserId::new(1), at: Timestamp::UNIX_EPOCH };
        assert_eq!(kept.expires_at(), Timestamp::UNIX_EPOCH + TimeDelta::days(1));
    }

    #[test]
    fn a_key_is_the_text_that_was_sent() {
        let key: IdempotencyKey = "8e03978e".parse().unwrap();
        assert_eq!((key.as_str(), key.to_string().as_str()), ("8e03978e", "8e03978e"));
    }

    #[test]
    fn what_was_created_is_of_one_type() {
        let draft = TaskDraft::new("Paint".parse().unwrap());
        let project = Project {
            id: ProjectId::new(7),
            name: "Garden".parse().unwrap(),
            description: None,
            status: ProjectStatus::Active,
            owner_id: UserId::new(1),
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
            version: 1,
        };
        let of = TaskProject::new(project.clone(), None);
        let task = NewTask::new(of, draft, UserId::new(1), Timestamp::UNIX_EPOCH, 9).stored(TaskId::new(9));
        let tasks = vec![task.clone()];
        assert_eq!(Vec::<Task>::try_from(Created::from(tasks.clone())), Ok(tasks.clone()));
        assert_eq!(Task::try_from(Created::from(task.clone())), Ok(task.clone()));
        assert_eq!(Vec::<Task>::try_from(Created::Task(task.clone())), Err(Created::Task(task)));
        assert_eq!(Project::try_from(Created::Tasks(tasks.clone())), Err(Created::Tasks(tasks)));
        assert_eq!(Project::try_from(Created::from(project.clone())), Ok(project));
    }
}
