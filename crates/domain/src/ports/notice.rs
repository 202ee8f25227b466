//! Storage of sent notices, and of those that are held for a digest.

use super::RepositoryError;
use crate::{
    Timestamp,
    id::UserId,
    job::{Job, JobPayload},
    notice::{Admission, MailClass},
};
use async_trait::async_trait;

/// The held notices that a digest lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldNotices {
    /// The payloads of held jobs, the oldest first; each task once, with its latest state.
    pub payloads: Vec<JobPayload>,
    /// Whether there were more notices than are kept.
    pub uncounted: bool,
}

/// Limits notices across all nodes.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait NoticeRepository: Send + Sync {
    /// Decides on the mail of `job` at `now` by [`MailClass::admit`] and records the decision: a sent notice is
    /// counted, a held one is stored and its digest's job queued.
    ///
    /// - Concurrent calls admit no more than sequential ones.
    /// - A job that was admitted is admitted again as long as it has the same [`nonce`](Job::nonce).
    /// - An admitted digest takes the notices that are held by now.
    async fn admit(&self, job: Job, class: MailClass, now: Timestamp) -> Result<Admission, RepositoryError>;

    /// Returns the notices that the digest with this nonce took. One that can't be read is logged and left out.
    async fn digest(&self, user_id: UserId, nonce: String) -> Result<HeldNotices, RepositoryError>;

    /// Deletes the notices of a digest after it was sent.
    async fn digest_sent(&self, user_id: UserId, nonce: String) -> Result<(), RepositoryError>;

    /// Deletes sent notices that no longer count at `now` and notices that were held for too long, and returns their
    /// number. Each call deletes no more than about `limit` of each: if as many were deleted, there may be others.
    async fn delete_expired(&self, now: Timestamp, limit: u32) -> Result<u64, RepositoryError>;
}
