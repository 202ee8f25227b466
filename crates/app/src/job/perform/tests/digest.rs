//! Digests of notices that were held back.

use super::*;
use crate::fixtures::{ASSIGNEE_ID, at};

const DIGEST: MailClass = MailClass::Digest { user_id: ASSIGNEE_ID };

/// Prepares a digest job of ASSIGNEE that holds `payloads`.
fn digest(found: Option<User>, payloads: Vec<JobPayload>, tasks: Vec<Option<Task>>) -> Prepared {
    let mut prepared = Prepared::new().finding(found).with_tasks(tasks).admitting(DIGEST, Admission::Send);
    prepared
        .notices
        .expect_digest()
        .withf(|user, nonce| *user == ASSIGNEE.id && nonce == "nonce")
        .return_once(move |_, _| Ok(HeldNotices { payloads, uncounted: false }));
    prepared
}

fn done_with(mut prepared: Prepared) -> Performed {
    prepared
        .notices
        .expect_digest_sent()
        .times(1)
        .withf(|user, nonce| *user == ASSIGNEE.id && nonce == "nonce")
        .return_once(|_, _| Ok(()));
    prepared.perform(JobPayload::DigestMail { user_id: ASSIGNEE.id }, 1).unwrap()
}

#[test]
fn a_digest_says_what_is_still_so() {
    let payloads = vec![assigned(0), assigned(1), assigned(2)];
    let tasks = vec![Some(called(0, "First")), None, Some(called(2, "Last"))];
    let expected =
        Message::Digest { notices: vec![told_of(0, "First"), told_of(2, "Last")], more: 0, uncounted: false };
    let prepared = digest(Some(user(ASSIGNEE)), payloads, tasks).sending_this(mail(expected));
    assert_eq!(done_with(prepared), Performed::Done);
}

#[test]
fn a_digest_names_fifty_and_counts_the_others() {
    let payloads: Vec<_> = (0..60).map(assigned).collect();
    let tasks: Vec<_> = (0..60).map(|id| Some(called(id, "Paint"))).collect();
    let notices = (0..50).map(|id| told_of(id, "Paint")).collect();
    let expected = Message::Digest { notices, more: 10, uncounted: false };
    done_with(digest(Some(user(ASSIGNEE)), payloads, tasks).sending_this(mail(expected)));
}

#[test]
fn a_digest_of_nothing_or_for_nobody_is_not_sent() {
    done_with(digest(Some(user(ASSIGNEE)), vec![assigned(0)], vec![None]));
    done_with(digest(None, vec![assigned(0)], vec![Some(called(0, "First"))]));
}

#[test]
fn a_digest_that_could_not_be_sent_is_tried_again_as_it_is() {
    let prepared = digest(Some(user(ASSIGNEE)), vec![assigned(0)], vec![Some(called(0, "First"))]);
    let busy = prepared
        .sending(Err(MailError::Temporary("busy".into())))
        .perform(JobPayload::DigestMail { user_id: ASSIGNEE.id }, 1);
    assert!(matches!(busy, Err(Failed::Temporary(_))), "{busy:?}");
}

#[test]
fn a_digest_waits_for_an_hour_after_the_last() {
    let prepared = Prepared::new().admitting(DIGEST, Admission::Later(at(4600)));
    let performed = prepared.perform(JobPayload::DigestMail { user_id: ASSIGNEE.id }, 1).unwrap();
    assert_eq!(performed, Performed::Later(at(4600)));
}
