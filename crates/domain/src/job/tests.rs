use super::*;
use crate::{
    id::{ProjectId, TaskId},
    text::{ProjectName, TaskTitle},
};
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
fn retries_of_simultaneous_failures_are_spread() {
    let delays: HashSet<_> = (1..=100).map(|id| delay(&job(id, 1))).collect();
    assert!(delays.len() > 60, "{}", delays.len());
}

fn erased() -> Erasure {
    Erasure {
        user_id: UserId::new(5),
        email: Email::parse("ann@example.org").unwrap(),
        display_name: DisplayName::parse("Ann".to_owned()).unwrap(),
        reassign_to: None,
        at: Timestamp::UNIX_EPOCH,
    }
}

fn assigned(user: i64, by: &str, by_id: Option<i64>) -> JobPayload {
    let task = TaskNames {
        task_id: TaskId::new(9),
        task: TaskTitle::parse("Paint".to_owned()).unwrap(),
        project_id: ProjectId::new(7),
        project: ProjectName::parse("Garden".to_owned()).unwrap(),
    };
    JobPayload::TaskAssignedMail {
        user_id: UserId::new(user),
        task,
        assigned_by: DisplayName::parse(by.to_owned()).unwrap(),
        assigned_by_id: by_id.map(UserId::new),
    }
}

#[test]
fn jobs_for_an_erased_user_are_deleted() {
    let (user_id, other) = (erased().user_id, Email::parse("bob@example.org").unwrap());
    let notice = Notice::PasswordChanged;
    for payload in [
        JobPayload::VerificationMail { user_id },
        JobPayload::DigestMail { user_id },
        JobPayload::WebhookEndedMail { user_id, webhook_id: WebhookId::new(3) },
        JobPayload::SecurityNoticeMail { user_id, email: other.clone(), notice },
        JobPayload::PasswordResetMail { email: erased().email },
        assigned(5, "Bob", Some(6)),
    ] {
        assert_eq!(payload.without(&erased(), erased().at), Remainder::Nothing, "{payload:?}");
    }
    for payload in [
        JobPayload::VerificationMail { user_id: UserId::new(6) },
        JobPayload::WebhookEndedMail { user_id: UserId::new(6), webhook_id: WebhookId::new(3) },
        JobPayload::PasswordResetMail { email: other },
        JobPayload::EraseUser(erased()),
    ] {
        assert_eq!(payload.without(&erased(), erased().at), Remainder::Unchanged, "{payload:?}");
    }
}

#[test]
fn name_of_an_erased_user_is_replaced_in_jobs_for_others() {
    for by_id in [Some(5), None] {
        let Remainder::Replaced(payload) = assigned(6, "Ann", by_id).without(&erased(), erased().at) else {
            panic!("{by_id:?}")
        };
        assert_eq!(payload, assigned(6, "Deleted user", by_id));
    }
    for (by, by_id) in [("Ann", Some(7)), ("Bob", None)] {
        assert_eq!(assigned(6, by, by_id).without(&erased(), erased().at), Remainder::Unchanged);
    }
}

/// The clock of the node that queued it may be ahead.
#[test]
fn only_address_and_name_depend_on_the_time_of_an_erasure() {
    let (user_id, email, later) = (erased().user_id, erased().email, erased().at + TimeDelta::microseconds(1));
    let by_id = JobPayload::SecurityNoticeMail { user_id, email: email.clone(), notice: Notice::PasswordChanged };
    assert_eq!(by_id.without(&erased(), later), Remainder::Nothing);
    assert_ne!(assigned(6, "Ann", Some(5)).without(&erased(), later), Remainder::Unchanged);
    for payload in [JobPayload::PasswordResetMail { email }, assigned(6, "Ann", None)] {
        assert_eq!(payload.without(&erased(), later), Remainder::Unchanged, "{payload:?}");
    }
}

#[test]
fn only_mails_about_tasks_need_access() {
    let audience = assigned(6, "Ann", None).audience();
    let expected = (UserId::new(6), ProjectId::new(7), Some(TaskId::new(9)));
    assert_eq!(audience.map(|it| (it.user_id, it.project_id, it.task_id)), Some(expected));
    assert_eq!(JobPayload::DigestMail { user_id: UserId::new(6) }.audience(), None);
}

#[test]
fn job_is_dead_after_the_last_attempt() {
    assert!(delay(&job(1, MAX_ATTEMPTS - 1)).is_some());
    assert_eq!(delay(&job(1, MAX_ATTEMPTS)), None);
    assert_eq!(delay(&job(1, u32::MAX)), None);
}

#[test]
fn jitter_reaches_a_quarter() {
    let delays: Vec<_> = (1..=1_000).filter_map(|id| delay(&job(id, 3))).collect();
    let (least, most) = (TimeDelta::milliseconds(40_500), TimeDelta::milliseconds(49_500));
    assert!(delays.iter().any(|delay| *delay < least) && delays.iter().any(|delay| *delay > most));
    assert_eq!(WorkerId::new("node-1".to_owned()).as_str(), "node-1");
}

#[test]
fn each_job_has_a_name_a_key_and_a_class() {
    let (user_id, email, notice) = (UserId::new(6), erased().email, Notice::PasswordChanged);
    let (invitation_id, webhook_id, task_id) = (InvitationId::new(2), WebhookId::new(3), TaskId::new(9));
    let account = Some(MailClass::Account { user_id });
    for (payload, name, key, class) in [
        (
            JobPayload::VerificationMail { user_id },
            "verification_mail",
            Some("verification_mail 6"),
            Some(MailClass::Security),
        ),
        (
            JobPayload::SecurityNoticeMail { user_id, email: email.clone(), notice },
            "security_notice_mail",
            None,
            account,
        ),
        (
            assigned(6, "Ann", None),
            "task_assigned_mail",
            Some("task_assigned_mail 6 9"),
            Some(MailClass::Task { user_id, task_id }),
        ),
        (JobPayload::DigestMail { user_id }, "digest_mail", Some("digest_mail 6"), Some(MailClass::Digest { user_id })),
        (
            JobPayload::PasswordResetMail { email },
            "password_reset_mail",
            Some("password_reset_mail ann@example.org"),
            Some(MailClass::Security),
        ),
        (
            JobPayload::InvitationMail { invitation_id },
            "invitation_mail",
            Some("invitation_mail 2"),
            Some(MailClass::Invitation),
        ),
        (
            JobPayload::WebhookEndedMail { user_id, webhook_id },
            "webhook_ended_mail",
            Some("webhook_ended_mail 3"),
            account,
        ),
        (JobPayload::EraseUser(erased()), "erase_user", Some("erase_user 5"), None),
    ] {
        assert_eq!((payload.name(), payload.key().as_deref(), payload.class()), (name, key, class));
        let priority = class.map_or(MailPriority::Task, MailClass::priority);
        assert_eq!(payload.priority(), priority, "{name}");
    }
}
