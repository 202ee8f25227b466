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
        assert_eq!(payload.without(&erased()), Remainder::Nothing, "{payload:?}");
    }
    for payload in [
        JobPayload::VerificationMail { user_id: UserId::new(6) },
        JobPayload::WebhookEndedMail { user_id: UserId::new(6), webhook_id: WebhookId::new(3) },
        JobPayload::PasswordResetMail { email: other },
        JobPayload::EraseUser(erased()),
    ] {
        assert_eq!(payload.without(&erased()), Remainder::Unchanged, "{payload:?}");
    }
}

#[test]
fn name_of_an_erased_user_is_replaced_in_jobs_for_others() {
    for by_id in [Some(5), None] {
        let Remainder::Replaced(payload) = assigned(6, "Ann", by_id).without(&erased()) else { panic!("{by_id:?}") };
        assert_eq!(payload, assigned(6, "Deleted user", by_id));
    }
    for (by, by_id) in [("Ann", Some(7)), ("Bob", None)] {
        assert_eq!(assigned(6, by, by_id).without(&erased()), Remainder::Unchanged);
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
