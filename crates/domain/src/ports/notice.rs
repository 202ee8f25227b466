//! What users were mailed as notices, and what is held for their next digest.

use super::RepositoryError;
use crate::{
    Timestamp,
    id::UserId,
    job::{Job, JobPayload},
    notice::{Admission, MailClass},
};
use async_trait::async_trait;

/// What a digest is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldNotices {
    /// The jobs whose mails were held, the oldest first; each task once, as it stood last.
    pub payloads: Vec<JobPayload>,
    /// Whether there were more than are kept.
    pub uncounted: bool,
}

/// Bounds mails of notice, over all nodes.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait NoticeRepository: Send + Sync {
    /// What becomes of the mail of `job` at `now`, as [`MailClass::admit`] decides it, and records it: what may be sent
    /// counts from now on, what is held is kept for the digest, whose job is queued. Of any number of simultaneous calls
    /// no more are let through than of calls one after the other. A job that was let through is let through each time
    /// that it has the same [`nonce`](Job::nonce).
    ///
    /// A digest that is let through takes along what is held by now.
    async fn admit(&self, job: Job, class: MailClass, now: Timestamp) -> Result<Admission, RepositoryError>;

    /// What the digest with this nonce has taken along. What can't be read is logged and left out.
    async fn digest(&self, user_id: UserId, nonce: String) -> Result<HeldNotices, RepositoryError>;

    /// The digest with this nonce was sent: what it had taken along is forgotten.
    async fn digest_sent(&self, user_id: UserId, nonce: String) -> Result<(), RepositoryError>;

    /// Forgets mails that don't count at `now` any more, and what was held for too long. How many.
    /// Deletes no more than about `limit` of each at once: where as many went, there may be others.
    async fn delete_expired(&self, now: Timestamp, limit: u32) -> Result<u64, RepositoryError>;
}
