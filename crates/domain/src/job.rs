//! Jobs: work that is promised with a change and done afterwards, tried again until it succeeds or is given up.

use crate::{
    Timestamp,
    email::Email,
    id::{JobId, UserId},
    mail::Notice,
    notice::MailClass,
    notification::TaskNames,
    text::DisplayName,
};
use chrono::TimeDelta;
use std::time::Duration;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "kind", rename_all = "snake_case")
)]
pub enum JobPayload {
    /// Send a verification token to the address that a user has to prove. Former versions queued a welcome instead.
    #[cfg_attr(feature = "serde", serde(alias = "welcome_mail"))]
    VerificationMail {
        /// Whose address.
        user_id: UserId,
    },
    /// Tell the owner of an account what happened to it.
    SecurityNoticeMail {
        /// Whose account.
        user_id: UserId,
        /// The address that the account had then.
        email: Email,
        /// What happened.
        notice: Notice,
    },
    /// Tell a user of a task that is theirs now.
    TaskAssignedMail {
        /// Whom.
        user_id: UserId,
        /// Which task.
        #[cfg_attr(feature = "serde", serde(flatten))]
        task: TaskNames,
        /// Who decided so.
        assigned_by: DisplayName,
    },
    /// Tell a user of what there was no room for as a mail each.
    DigestMail {
        /// Whom.
        user_id: UserId,
    },
    /// Send a reset token to an address, if it is an active user's.
    PasswordResetMail {
        /// As somebody gave it.
        email: Email,
    },
}

impl JobPayload {
    /// The kind as storage and operators name it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::VerificationMail { .. } => "verification_mail",
            Self::SecurityNoticeMail { .. } => "security_notice_mail",
            Self::TaskAssignedMail { .. } => "task_assigned_mail",
            Self::DigestMail { .. } => "digest_mail",
            Self::PasswordResetMail { .. } => "password_reset_mail",
        }
    }

    /// What a job has in common with others of which one is enough: while one that isn't dead is queued, no other with
    /// the same key is: it takes over what the later one says. One that is being done is done once more instead.
    pub fn key(&self) -> Option<String> {
        match self {
            Self::SecurityNoticeMail { .. } => None,
            Self::TaskAssignedMail { user_id, task, .. } => Some(format!("{} {user_id} {}", self.name(), task.task_id)),
            Self::VerificationMail { user_id } | Self::DigestMail { user_id } => {
                Some(format!("{} {user_id}", self.name()))
            }
            Self::PasswordResetMail { email } => Some(format!("{} {email}", self.name())),
        }
    }

    /// What the mail is for: how many of them there may be, and which goes first.
    pub const fn class(&self) -> MailClass {
        match self {
            Self::PasswordResetMail { .. } | Self::VerificationMail { .. } => MailClass::Security,
            Self::SecurityNoticeMail { user_id, .. } => MailClass::Account { user_id: *user_id },
            Self::TaskAssignedMail { user_id, task, .. } => {
                MailClass::Task { user_id: *user_id, task_id: task.task_id }
            }
            Self::DigestMail { user_id } => MailClass::Digest { user_id: *user_id },
        }
    }
}

/// A job that is to be queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJob {
    /// What is to be done.
    pub payload: JobPayload,
    /// Now; it may be done at once.
    pub created_at: Timestamp,
}

/// A job that a worker has leased: nobody else does it until the lease is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Never used again.
    pub id: JobId,
    /// What is to be done.
    pub payload: JobPayload,
    /// How often it was begun, this time included.
    pub attempt: u32,
    /// Random: what tells this job from all others, of other installations too. The same for each attempt, another one
    /// where the job is done once more.
    pub nonce: String,
}

/// One worker process, as leases name it. Unique among all that ever ran.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WorkerId(String);

impl WorkerId {
    /// Takes a unique name.
    pub fn new(name: String) -> Self {
        Self(name)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Waits for its time, or for a worker.
    Queued,
    /// A worker is at it.
    Running,
    /// Given up: it waits for an operator.
    Dead,
}

crate::word::words!(JobState { Queued = "queued", Running = "running", Dead = "dead" });

/// A job as operators see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRecord {
    /// For `retry`.
    pub id: JobId,
    /// [`JobPayload::name`].
    pub kind: String,
    /// Where it stands.
    pub state: JobState,
    /// How often it was begun.
    pub attempts: u32,
    /// When it is to be done next.
    pub run_at: Timestamp,
    /// When it was queued.
    pub created_at: Timestamp,
    /// Why it failed last.
    pub last_error: Option<String>,
}

/// Begun this often without success, a job is given up: about nine hours after it was queued.
pub const MAX_ATTEMPTS: u32 = 12;

const FIRST_DELAY: Duration = Duration::from_secs(10);
const LONGEST_DELAY: Duration = Duration::from_hours(2);

impl Job {
    /// When to try again after this attempt failed at `now`; `None` where it was the last one.
    ///
    /// 10 s after the first attempt, doubled with each, 2 h at most; and up to a quarter more, another for each job
    /// and attempt, so that what failed together doesn't come back together.
    pub fn next_attempt(&self, now: Timestamp) -> Option<Timestamp> {
        if self.attempt >= MAX_ATTEMPTS {
            return None;
        }
        let doublings = self.attempt.saturating_sub(1).min(16);
        let delay = (FIRST_DELAY * 2_u32.pow(doublings)).min(LONGEST_DELAY);
        let jitter = delay / 4 / 256 * self.spread();
        Some(now + TimeDelta::from_std(delay + jitter).unwrap_or(TimeDelta::MAX))
    }

    /// 0 to 255, as if drawn by lot.
    fn spread(&self) -> u32 {
        // The multiplier of Fibonacci hashing: neighbours land far from each other, and the high bits are the best.
        let seed = self.id.get().unsigned_abs().wrapping_mul(31).wrapping_add(u64::from(self.attempt));
        u32::try_from(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn job(id: i64, attempt: u32) -> Job {
        Job {
            id: JobId::new(id),
            payload: JobPayload::VerificationMail { user_id: UserId::new(1) },
            attempt,
            nonce: String::new(),
        }
    }

    fn delay(job: &Job) -> Option<TimeDelta> {
        Some(job.next_attempt(Timestamp::UNIX_EPOCH)? - Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn delays_double_up_to_two_hours_with_up_to_a_quarter_more() {
        for (attempt, seconds) in [(1, 10), (2, 20), (3, 40), (10, 5120), (11, 7200)] {
            for id in 1..100 {
                let delay = delay(&job(id, attempt)).unwrap();
                let (least, most) = (TimeDelta::seconds(seconds), TimeDelta::milliseconds(seconds * 1250));
                assert!(least <= delay && delay <= most, "{attempt}: {delay}");
            }
        }
    }

    #[test]
    fn what_failed_together_does_not_come_back_together() {
        let delays: HashSet<_> = (1..=100).map(|id| delay(&job(id, 1))).collect();
        assert!(delays.len() > 60, "{}", delays.len());
    }

    #[test]
    fn after_the_last_attempt_a_job_is_given_up() {
        assert!(delay(&job(1, MAX_ATTEMPTS - 1)).is_some());
        assert_eq!(delay(&job(1, MAX_ATTEMPTS)), None);
        assert_eq!(delay(&job(1, u32::MAX)), None);
    }
}
