//! Limits on mails that others' actions cause, so that nobody can fill a user's mailbox.
//!
//! A user gets one mail per task in ten minutes and twenty such mails in an hour. Mails beyond that are held back for a
//! digest, which is sent at most once an hour. Mails about tasks don't reduce the number of mails about the account.

use crate::{
    Timestamp,
    id::{TaskId, UserId},
};
use chrono::TimeDelta;

/// A user gets at most one mail about a task in this time.
pub const TASK_INTERVAL: TimeDelta = TimeDelta::minutes(10);

/// The span that [`MAX_NOTICES`] is counted in, and the least time between two digests.
pub const WINDOW: TimeDelta = TimeDelta::hours(1);

/// Maximum number of mails to one user in a [`WINDOW`].
pub const MAX_NOTICES: usize = 20;

/// Maximum number of notices of one class that are held for a digest. Further ones are only counted as "more".
pub const MAX_HELD: usize = 200;

/// How long held notices are kept when their digest can't be sent.
pub const HELD_RETENTION: TimeDelta = TimeDelta::days(30);

/// Nodes' clocks differ by less. A later time was written by a clock that has been set back since.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(1);

/// The purpose of a mail, which decides its limit and priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailClass {
    /// A mail with a verification or reset token. Its number is limited where the token is requested.
    Security,
    /// An invitation to a project. Its number is limited where its token is stored.
    Invitation,
    /// A security notice about the user's account.
    Account { user_id: UserId },
    /// A notice about a task.
    Task { user_id: UserId, task_id: TaskId },
    /// A digest of held notices.
    Digest { user_id: UserId },
}

/// The order in which workers lease jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MailPriority {
    /// A user is waiting for the mail.
    Security,
    /// The mail may be a security warning.
    Account,
    /// A notice about a task, or a digest.
    Task,
}

impl MailPriority {
    /// Every value, the most urgent first.
    pub const ALL: [Self; 3] = [Self::Security, Self::Account, Self::Task];

    /// The number that storage keeps: jobs with a lower one are leased first.
    pub const fn rank(self) -> i64 {
        match self {
            Self::Security => 0,
            Self::Account => 1,
            Self::Task => 2,
        }
    }
}

/// A notice that was allowed to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentNotice {
    pub class: MailClass,
    pub at: Timestamp,
}

/// The decision on a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    Send,
    /// The job is deferred until then, and sent with the state of that time.
    Later(Timestamp),
    /// The notice goes into the next digest.
    Held {
        /// When the digest is due: an hour after the oldest of the counted notices, and after the last digest.
        digest_at: Timestamp,
    },
}

impl MailClass {
    pub const fn priority(self) -> MailPriority {
        match self {
            Self::Security => MailPriority::Security,
            Self::Account { .. } => MailPriority::Account,
            Self::Invitation | Self::Task { .. } | Self::Digest { .. } => MailPriority::Task,
        }
    }

    /// The user whose limit the mail counts against; `None` where there is no limit.
    pub const fn counted_for(self) -> Option<UserId> {
        match self {
            Self::Security | Self::Invitation => None,
            Self::Account { user_id } | Self::Task { user_id, .. } | Self::Digest { user_id } => Some(user_id),
        }
    }

    /// Decides on a mail at `now`, given the notices that the user was `sent` before.
    pub fn admit(self, sent: &[SentNotice], now: Timestamp) -> Admission {
        let sent: Vec<_> = sent.iter().filter(|notice| notice.at <= now + CLOCK_SKEW).collect();
        let last = |like: &dyn Fn(MailClass) -> bool| {
            sent.iter().filter(|notice| like(notice.class)).map(|notice| notice.at).max()
        };
        let last_digest = last(&|class| matches!(class, Self::Digest { .. }));
        let fills = |class: MailClass| match self {
            Self::Account { .. } => matches!(class, Self::Account { .. }),
            Self::Security | Self::Invitation | Self::Task { .. } | Self::Digest { .. } => {
                matches!(class, Self::Account { .. } | Self::Task { .. })
            }
        };
        match self {
            Self::Security | Self::Invitation => return Admission::Send,
            Self::Digest { .. } => {
                return match last_digest.map(|at| at + WINDOW).filter(|at| *at > now) {
                    Some(at) => Admission::Later(at),
                    None => Admission::Send,
                };
            }
            Self::Task { .. } => {
                if let Some(at) = last(&|class| class == self).map(|at| at + TASK_INTERVAL).filter(|at| *at > now) {
                    return Admission::Later(at);
                }
            }
            Self::Account { .. } => {}
        }
        let mut counted: Vec<_> = sent
            .iter()
            .filter(|notice| fills(notice.class) && notice.at > now - WINDOW)
            .map(|notice| notice.at)
            .collect();
        if counted.len() < MAX_NOTICES {
            return Admission::Send;
        }
        counted.sort_unstable();
        let room_at = counted[counted.len() - MAX_NOTICES] + WINDOW;
        let digest_at = last_digest.map_or(room_at, |at| room_at.max(at + WINDOW));
        Admission::Held { digest_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: UserId = UserId::new(1);
    const ACCOUNT: MailClass = MailClass::Account { user_id: ANN };
    const DIGEST: MailClass = MailClass::Digest { user_id: ANN };

    const fn task(id: i64) -> MailClass {
        MailClass::Task { user_id: ANN, task_id: TaskId::new(id) }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn sent(class: MailClass, seconds: i64) -> SentNotice {
        SentNotice { class, at: at(seconds) }
    }

    /// One mail for each of twenty tasks, one a second.
    fn twenty() -> Vec<SentNotice> {
        (0..20).map(|n| sent(task(n), n)).collect()
    }

    #[test]
    fn task_causes_one_mail_in_ten_minutes() {
        let once = [sent(task(5), 0)];
        assert_eq!(task(5).admit(&[], at(0)), Admission::Send);
        for now in [0, 1, 599] {
            assert_eq!(task(5).admit(&once, at(now)), Admission::Later(at(600)), "{now}");
            assert_eq!(task(6).admit(&once, at(now)), Admission::Send);
        }
        assert_eq!(task(5).admit(&once, at(600)), Admission::Send);
    }

    #[test]
    fn the_twenty_first_notice_of_an_hour_is_held() {
        let sent = twenty();
        assert_eq!(task(20).admit(&sent[..19], at(20)), Admission::Send);
        for now in [20, 3599] {
            assert_eq!(task(20).admit(&sent, at(now)), Admission::Held { digest_at: at(3600) }, "{now}");
        }
        assert_eq!(task(20).admit(&sent, at(3600)), Admission::Send);
    }

    #[test]
    fn mails_for_tasks_displace_none_about_the_account() {
        let mut all = twenty();
        assert_eq!(ACCOUNT.admit(&all, at(20)), Admission::Send);
        let account: Vec<_> = (0..20).map(|n| sent(ACCOUNT, n)).collect();
        assert_eq!(ACCOUNT.admit(&account, at(20)), Admission::Held { digest_at: at(3600) });
        assert_eq!(task(1).admit(&account, at(20)), Admission::Held { digest_at: at(3600) });
        all.extend(&account[..19]);
        assert_eq!(ACCOUNT.admit(&all, at(20)), Admission::Send);
    }

    #[test]
    fn there_is_one_digest_in_an_hour_and_it_takes_no_room() {
        assert_eq!(DIGEST.admit(&twenty(), at(20)), Admission::Send);
        let mut all = twenty();
        all.push(sent(DIGEST, 100));
        assert_eq!(DIGEST.admit(&all, at(200)), Admission::Later(at(3700)));
        assert_eq!(DIGEST.admit(&all, at(3700)), Admission::Send);
        assert_eq!(task(30).admit(&all, at(200)), Admission::Held { digest_at: at(3700) });
        all.remove(0);
        assert_eq!(task(30).admit(&all, at(200)), Admission::Send);
    }

    #[test]
    fn security_mails_are_not_counted_and_go_first() {
        for class in [MailClass::Security, MailClass::Invitation] {
            assert_eq!(class.admit(&twenty(), at(20)), Admission::Send);
            assert_eq!(class.counted_for(), None);
        }
        for class in [task(1), ACCOUNT, DIGEST] {
            assert_eq!(class.counted_for(), Some(ANN));
        }
        assert_eq!(MailPriority::ALL.map(MailPriority::rank), [0, 1, 2]);
        let mut classes = [task(1), DIGEST, MailClass::Invitation, ACCOUNT, MailClass::Security];
        classes.sort_by_key(|class| class.priority().rank());
        assert_eq!(classes[..2], [MailClass::Security, ACCOUNT]);
        assert!(MailPriority::ALL.is_sorted_by_key(|priority| priority.rank()));
    }

    #[test]
    fn clock_set_back_holds_no_notices() {
        let ahead: Vec<_> =
            twenty().into_iter().map(|notice| SentNotice { at: notice.at + WINDOW, ..notice }).collect();
        for class in [task(1), ACCOUNT, DIGEST] {
            assert_eq!(class.admit(&ahead, at(0)), Admission::Send);
        }
    }
}
