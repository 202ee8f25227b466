//! Failures of a whole group.

use crate::Error;
use fasttrack_domain::ports::RepositoryError;

/// Why nothing of a group was done, where each of them would fail alike or may be written already.
pub(super) enum Failure {
    QueueFull,
    Connection(String),
}

impl Failure {
    pub(super) fn of(error: &Error) -> Option<Self> {
        match error {
            Error::QueueFull => Some(Self::QueueFull),
            Error::Closed | Error::Connection(_) => Some(Self::Connection(error.to_string())),
            _ => None,
        }
    }

    /// Of reads, which were repeated already.
    pub(super) fn of_read(error: &RepositoryError) -> Option<Self> {
        match error {
            RepositoryError::Unavailable(reason) => Some(Self::Connection(reason.to_string())),
            _ => None,
        }
    }

    pub(super) fn error(&self) -> Error {
        match self {
            Self::QueueFull => Error::QueueFull,
            Self::Connection(reason) => Error::Connection(reason.clone().into()),
        }
    }
}
