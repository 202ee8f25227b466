//! Notices of tasks and accounts.

use super::*;
use crate::fixtures::{ASSIGNEE_ID, OWNER_ID, at, unavailable};
use fasttrack_domain::mail::Notice as SecurityNotice;

fn former() -> Email {
    Email::parse("former@example.org").unwrap()
}

fn changed() -> JobPayload {
    JobPayload::SecurityNoticeMail { user_id: ASSIGNEE.id, email: former(), notice: SecurityNotice::EmailChanged }
}

const ACCOUNT: MailClass = MailClass::Account { user_id: ASSIGNEE_ID };
fn class(task: TaskId) -> MailClass {
    MailClass::Task { user_id: ASSIGNEE.id, task_id: task }
}

#[test]
fn notice_of_a_task_goes_to_the_address_that_the_user_has_now() {
    let prepared = Prepared::new().finding(Some(user(ASSIGNEE))).with_tasks(vec![Some(called(0, "As it is"))]);
    let prepared = prepared.admitting(class(TaskId::new(0)), Admission::Send);
    let performed = prepared.sending_this(mail(told_of(0, "As it is"))).perform(assigned(0), 2);
    assert_eq!(performed.unwrap(), Performed::Done);
}

#[test]
fn account_notice_goes_to_the_address_of_the_event() {
    let expected = Mail { to: former(), ..mail(Message::Notice(SecurityNotice::EmailChanged)) };
    let prepared = Prepared::new().finding(Some(user(ASSIGNEE))).admitting(ACCOUNT, Admission::Send);
    assert_eq!(prepared.sending_this(expected).perform(changed(), 1).unwrap(), Performed::Done);
}

#[test]
fn who_is_gone_or_deactivated_gets_no_mail() {
    let inactive = User { is_active: false, ..user(ASSIGNEE) };
    let unreachable = User { email: Email::placeholder("x"), ..user(ASSIGNEE) };
    for found in [None, Some(inactive.clone()), Some(unreachable)] {
        let prepared = Prepared::new().finding(found).with_tasks(vec![Some(called(0, "As it is"))]);
        assert_eq!(prepared.perform(assigned(0), 1).unwrap(), Performed::Done);
    }
    for found in [None, Some(inactive)] {
        assert_eq!(Prepared::new().finding(found).perform(changed(), 1).unwrap(), Performed::Done);
    }
}

#[test]
fn a_task_that_is_no_longer_the_users_is_worth_no_mail() {
    let others = Task { assignee_id: Some(OWNER_ID), ..called(0, "As it is") };
    for found in [None, Some(others), Some(Task { assignee_id: None, ..called(0, "As it is") })] {
        let prepared = Prepared::new().finding(Some(user(ASSIGNEE))).with_tasks(vec![found]);
        assert_eq!(prepared.perform(assigned(0), 1).unwrap(), Performed::Done);
    }
}

#[test]
fn a_notice_waits_or_is_held_as_storage_decides() {
    for (admission, performed) in [
        (Admission::Later(at(1600)), Performed::Later(at(1600))),
        (Admission::Held { digest_at: at(4600) }, Performed::Done),
    ] {
        let prepared = Prepared::new().finding(Some(user(ASSIGNEE))).admitting(ACCOUNT, admission);
        assert_eq!(prepared.perform(changed(), 1).unwrap(), performed);
    }
}

#[test]
fn what_may_succeed_later_is_told_from_what_never_will() {
    let prepared = || Prepared::new().finding(Some(user(ASSIGNEE))).admitting(ACCOUNT, Admission::Send);
    let busy = prepared().sending(Err(MailError::Temporary("busy".into()))).perform(changed(), 1);
    assert!(matches!(&busy, Err(Failed::Temporary(error)) if error.to_string().contains("busy")), "{busy:?}");
    let unknown = prepared().sending(Err(MailError::Permanent("no such user".into()))).perform(changed(), 1);
    assert!(matches!(&unknown, Err(Failed::Permanent(error)) if error.to_string().contains("no such user")));
    let mut storage = Prepared::new();
    storage.users.expect_find().times(1).return_once(|_| Err(unavailable()));
    let storage = storage.perform(changed(), 1);
    assert!(matches!(storage, Err(Failed::Temporary(_))), "{storage:?}");
}
