//! Background jobs: queued in the transaction of the change that causes them, and retried until they succeed or become
//! dead letters.

use crate::{
    Timestamp,
    audience::Audience,
    email::Email,
    erasure::{Erasure, Remainder},
    id::{InvitationId, JobId, UserId, WebhookId},
    mail::Notice,
    notice::{MailClass, MailPriority},
    notification::TaskNames,
    text::DisplayName,
};
use chrono::TimeDelta;
use std::time::Duration;

/// What a worker does for the job, with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
pub enum JobPayload {
    /// Sends a verification token to the user's unproven address. Former releases queued a `welcome_mail` instead.
    #[cfg_attr(feature = "serde", serde(alias = "welcome_mail"))]
    VerificationMail { user_id: UserId },
    /// Sends a security notice to the owner of an account.
    SecurityNoticeMail {
        user_id: UserId,
        /// The account's address at the time of the event.
        email: Email,
        notice: Notice,
    },
    /// Notifies a user of an assigned task.
    TaskAssignedMail {
        user_id: UserId,
        #[cfg_attr(feature = "serde", serde(flatten))]
        task: TaskNames,
        assigned_by: DisplayName,
        /// The user with that name; absent in jobs of former releases.
        #[cfg_attr(feature = "serde", serde(default))]
        assigned_by_id: Option<UserId>,
    },
    /// Sends the notices that the hourly limit held back.
    DigestMail { user_id: UserId },
    /// Sends a password reset token, if the address belongs to an active user.
    PasswordResetMail {
        /// The address as it was entered.
        email: Email,
    },
    /// Draws the token of an invitation and mails it.
    InvitationMail { invitation_id: InvitationId },
    /// Tells a project's owner that the server ended a webhook.
    WebhookEndedMail { user_id: UserId, webhook_id: WebhookId },
    /// Erases what an erased account left behind.
    EraseUser(Erasure),
}

impl JobPayload {
    /// The name in storage, in metrics and on the command line.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::VerificationMail { .. } => "verification_mail",
            Self::SecurityNoticeMail { .. } => "security_notice_mail",
            Self::TaskAssignedMail { .. } => "task_assigned_mail",
            Self::DigestMail { .. } => "digest_mail",
            Self::PasswordResetMail { .. } => "password_reset_mail",
            Self::InvitationMail { .. } => "invitation_mail",
            Self::WebhookEndedMail { .. } => "webhook_ended_mail",
            Self::EraseUser(_) => "erase_user",
        }
    }

    /// The deduplication key. While a job with this key is queued, another replaces its payload instead of being added;
    /// a running job is run once more. Dead jobs don't count.
    pub fn key(&self) -> Option<String> {
        match self {
            Self::SecurityNoticeMail { .. } => None,
            Self::TaskAssignedMail { user_id, task, .. } => Some(format!("{} {user_id} {}", self.name(), task.task_id)),
            Self::VerificationMail { user_id } | Self::DigestMail { user_id } => {
                Some(format!("{} {user_id}", self.name()))
            }
            Self::PasswordResetMail { email } => Some(format!("{} {email}", self.name())),
            Self::InvitationMail { invitation_id } => Some(format!("{} {invitation_id}", self.name())),
            Self::WebhookEndedMail { webhook_id, .. } => Some(format!("{} {webhook_id}", self.name())),
            Self::EraseUser(erasure) => Some(format!("{} {}", self.name(), erasure.user_id)),
        }
    }

    /// The class that decides the mail's limit and priority; `None` for a job that sends no mail.
    pub const fn class(&self) -> Option<MailClass> {
        match self {
            Self::PasswordResetMail { .. } | Self::VerificationMail { .. } => Some(MailClass::Security),
            Self::SecurityNoticeMail { user_id, .. } | Self::WebhookEndedMail { user_id, .. } => {
                Some(MailClass::Account { user_id: *user_id })
            }
            Self::TaskAssignedMail { user_id, task, .. } => {
                Some(MailClass::Task { user_id: *user_id, task_id: task.task_id })
            }
            Self::DigestMail { user_id } => Some(MailClass::Digest { user_id: *user_id }),
            Self::InvitationMail { .. } => Some(MailClass::Invitation),
            Self::EraseUser(_) => None,
        }
    }

    /// The order in which workers lease the job. One that sends no mail comes with the least urgent mails.
    pub const fn priority(&self) -> MailPriority {
        match self.class() {
            Some(class) => class.priority(),
            None => MailPriority::Task,
        }
    }

    /// The access that the recipient must have when the job is queued by a dispatch; `None` for a job that isn't about a
    /// project.
    pub const fn audience(&self) -> Option<Audience> {
        match self {
            Self::TaskAssignedMail { user_id, task, .. } => {
                Some(Audience { user_id: *user_id, project_id: task.project_id, task_id: Some(task.task_id) })
            }
            Self::VerificationMail { .. }
            | Self::SecurityNoticeMail { .. }
            | Self::DigestMail { .. }
            | Self::PasswordResetMail { .. }
            | Self::InvitationMail { .. }
            | Self::WebhookEndedMail { .. }
            | Self::EraseUser(_) => None,
        }
    }

    /// What is left of a job that was queued at this time. What has the account's id is the account's whenever it was queued,
    /// as the clocks of nodes differ. What has its address or name alone is so until the erasure, since another account may
    /// have both afterwards.
    pub fn without(&self, erased: &Erasure, queued_at: Timestamp) -> Remainder<Self> {
        let is_erased = |user: &UserId| *user == erased.user_id;
        let was_before = queued_at <= erased.at;
        match self {
            Self::VerificationMail { user_id }
            | Self::SecurityNoticeMail { user_id, .. }
            | Self::DigestMail { user_id }
            | Self::TaskAssignedMail { user_id, .. }
            | Self::WebhookEndedMail { user_id, .. }
                if is_erased(user_id) =>
            {
                Remainder::Nothing
            }
            Self::TaskAssignedMail { user_id, task, assigned_by, assigned_by_id } => {
                // A former release stored the name alone.
                if assigned_by_id.as_ref().map_or(was_before && *assigned_by == erased.display_name, is_erased) {
                    Remainder::Replaced(Self::TaskAssignedMail {
                        user_id: *user_id,
                        task: task.clone(),
                        assigned_by: erased.placeholder_name(),
                        assigned_by_id: *assigned_by_id,
                    })
                } else {
                    Remainder::Unchanged
                }
            }
            Self::PasswordResetMail { email } if was_before && email.key() == erased.email.key() => Remainder::Nothing,
            Self::VerificationMail { .. }
            | Self::SecurityNoticeMail { .. }
            | Self::DigestMail { .. }
            | Self::PasswordResetMail { .. }
            | Self::InvitationMail { .. }
            | Self::WebhookEndedMail { .. }
            | Self::EraseUser(_) => Remainder::Unchanged,
        }
    }
}

/// A job that is not yet queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJob {
    pub payload: JobPayload,
    /// The job can run from this moment on.
    pub created_at: Timestamp,
}

/// A job leased by a worker. No other worker runs it until the lease ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    pub id: JobId,
    pub payload: JobPayload,
    /// The number of attempts, this one included.
    pub attempt: u32,
    /// A random id of this run of the job: unique among all installations, equal for each attempt, and changed where
    /// the job is run once more.
    pub nonce: String,
}

/// Identifies the worker process that holds a lease. Unique among all processes that ever ran.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WorkerId(String);

impl WorkerId {
    pub fn new(name: String) -> Self {
        Self(name)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The state of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// The job waits for its time, or for a worker.
    Queued,
    /// A worker holds a lease.
    Running,
    /// The job is a dead letter: it is not retried until an operator asks for it.
    Dead,
}

crate::string_enum::string_enum!(JobState { Queued = "queued", Running = "running", Dead = "dead" });

/// A job in the list for operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRecord {
    pub id: JobId,
    /// The payload's [`name`](JobPayload::name).
    pub kind: String,
    pub state: JobState,
    pub attempts: u32,
    /// A worker leases the job at this moment or later.
    pub run_at: Timestamp,
    pub created_at: Timestamp,
    pub last_error: Option<String>,
}

/// After this many failed attempts a job becomes a dead letter: about nine hours after it was queued.
pub const MAX_ATTEMPTS: u32 = 12;

const FIRST_DELAY: Duration = Duration::from_secs(10);
const LONGEST_DELAY: Duration = Duration::from_secs(2 * 60 * 60);

impl Job {
    /// The time of the next attempt after this one failed at `now`; `None` after the last one.
    ///
    /// The delay is 10 s after the first attempt, doubles with each, and is 2 h at most. Up to a quarter is added as
    /// jitter, different for each job and attempt, so that jobs that failed together are not retried together.
    pub fn next_attempt(&self, now: Timestamp) -> Option<Timestamp> {
        if self.attempt >= MAX_ATTEMPTS {
            return None;
        }
        let doublings = self.attempt.saturating_sub(1).min(16);
        let delay = (FIRST_DELAY * 2_u32.pow(doublings)).min(LONGEST_DELAY);
        let jitter = delay / 4 / 256 * self.jitter();
        Some(now + TimeDelta::from_std(delay + jitter).unwrap_or(TimeDelta::MAX))
    }

    /// A pseudo-random number from 0 to 255, fixed for the job and attempt.
    fn jitter(&self) -> u32 {
        // The multiplier of Fibonacci hashing spreads neighbouring seeds; the high bits are the most random.
        let seed = self.id.get().unsigned_abs().wrapping_mul(31).wrapping_add(u64::from(self.attempt));
        u32::try_from(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
