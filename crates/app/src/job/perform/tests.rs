use super::*;
use crate::fixtures::{ASSIGNEE, OWNER, at, email, now, parsed, run, task, task_names, unavailable, user};
use fasttrack_domain::{
    id::{JobId, TaskId},
    mail::Notice as SecurityNotice,
    notice::MailClass,
    ports::{
        email_verification::MockEmailVerificationRepository, mail::MockMailer, notice::MockNoticeRepository,
        password_reset::MockPasswordResetRepository, secret::MockSecretSource, task::MockTaskRepository,
        user::MockUserRepository,
    },
    task::Task,
    ticket::{DrawnSecret, SecretHash},
    token::SecretToken,
    user::Credentials,
};
use std::sync::Arc;

/// Ports that do nothing: what a test doesn't prepare must not happen.
struct Prepared {
    users: MockUserRepository,
    tasks: MockTaskRepository,
    resets: MockPasswordResetRepository,
    verifications: MockEmailVerificationRepository,
    notices: MockNoticeRepository,
    secrets: MockSecretSource,
    mailer: MockMailer,
}

impl Prepared {
    fn new() -> Self {
        Self {
            users: MockUserRepository::new(),
            tasks: MockTaskRepository::new(),
            resets: MockPasswordResetRepository::new(),
            verifications: MockEmailVerificationRepository::new(),
            notices: MockNoticeRepository::new(),
            secrets: MockSecretSource::new(),
            mailer: MockMailer::new(),
        }
    }

    /// ASSIGNEE is found like this, however often.
    fn finding(mut self, found: Option<User>) -> Self {
        self.users.expect_find().withf(|id| *id == ASSIGNEE.id).returning(move |_| Ok(found.clone()));
        self
    }

    /// The tasks that are found are [`task`] with these titles and assignees; its id is its place.
    fn with_tasks(mut self, tasks: Vec<Option<Task>>) -> Self {
        self.tasks.expect_find().returning(move |id| {
            let place = usize::try_from(id.get()).unwrap();
            let found = tasks.get(place).cloned().flatten();
            Ok(found.map(|found| TaskInProject { task: found, ..task() }))
        });
        self
    }

    fn admitting(mut self, class: MailClass, admission: Admission) -> Self {
        self.notices
            .expect_admit()
            .times(1)
            .withf(move |job, of, at| job.nonce == "nonce" && *of == class && *at == now())
            .return_once(move |_, _, _| Ok(admission));
        self
    }

    fn sending(mut self, sent: Result<(), MailError>) -> Self {
        self.mailer.expect_send().times(1).return_once(|_| sent);
        self
    }

    fn sending_this(mut self, expected: Mail) -> Self {
        self.mailer.expect_send().times(1).withf(move |mail| *mail == expected).return_once(|_| Ok(()));
        self
    }

    fn perform(self, payload: JobPayload, attempt: u32) -> Result<Performed, Failed> {
        let jobs = Jobs {
            users: Arc::new(self.users),
            tasks: Arc::new(self.tasks),
            resets: Arc::new(self.resets),
            verifications: Arc::new(self.verifications),
            notices: Arc::new(self.notices),
            secrets: Arc::new(self.secrets),
            mailer: Arc::new(self.mailer),
            account_mails: AccountMails {
                reset_page: Some("https://app.example.org/{token}".parse().unwrap()),
                verification_page: Some("https://app.example.org/verify/{token}".parse().unwrap()),
                external_users_may_set_password: false,
            },
            ..Jobs::mocked()
        };
        run(jobs.perform(&Job { id: JobId::new(5), payload, attempt, nonce: "nonce".to_owned() }))
    }
}

fn former() -> Email {
    Email::parse("former@example.org").unwrap()
}

fn changed() -> JobPayload {
    JobPayload::SecurityNoticeMail { user_id: ASSIGNEE.id, email: former(), notice: SecurityNotice::EmailChanged }
}

const ACCOUNT: MailClass = MailClass::Account { user_id: ASSIGNEE.id };
const DIGEST: MailClass = MailClass::Digest { user_id: ASSIGNEE.id };

fn class(task: TaskId) -> MailClass {
    MailClass::Task { user_id: ASSIGNEE.id, task_id: task }
}

/// The task of this number, called like this by now.
fn called(id: i64, title: &str) -> Task {
    Task { id: TaskId::new(id), title: parsed(title), ..task().task }
}

fn assigned(id: i64) -> JobPayload {
    let task = TaskNames { task_id: TaskId::new(id), task: parsed("As it was"), ..task_names() };
    JobPayload::TaskAssignedMail { user_id: ASSIGNEE.id, task, assigned_by: parsed("Ann") }
}

fn told_of(id: i64, title: &str) -> Message {
    let task = TaskNames { task_id: TaskId::new(id), task: parsed(title), ..task_names() };
    Message::TaskAssigned { task, assigned_by: parsed("Ann") }
}

fn mail(message: Message) -> Mail {
    Mail { id: "nonce".to_owned(), to: email(), name: parsed("Ann"), message }
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
    let others = Task { assignee_id: Some(OWNER.id), ..called(0, "As it is") };
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

/// A digest of what was held.
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

const HASH: SecretHash = SecretHash::new([7; 32]);

/// Does the job's `attempt` for [`email`], where this is found and the token is kept or not.
fn reset(attempt: u32, found: Option<User>, kept: Option<bool>, mailer: MockMailer) -> Result<Performed, Failed> {
    let mut prepared = Prepared { mailer, ..Prepared::new() };
    let found = found.map(|user| Credentials { user, password_hash: None });
    prepared.users.expect_find_credentials().times(1).withf(|asked| *asked == email()).return_once(|_| Ok(found));
    if let Some(kept) = kept {
        let secret = SecretToken::new("s3cret".to_owned());
        prepared.secrets.expect_draw().times(1).return_once(|| DrawnSecret { secret, hash: HASH });
        let expected = NewPasswordReset {
            user_id: ASSIGNEE.id,
            email: email(),
            hash: HASH,
            again: attempt > 1,
            created_at: now(),
        };
        prepared.resets.expect_create().times(1).withf(move |given| *given == expected).return_once(move |_| Ok(kept));
    }
    prepared.perform(JobPayload::PasswordResetMail { email: email() }, attempt)
}

#[test]
fn each_reset_attempt_sends_a_new_token() {
    for attempt in [1, 2] {
        let mut mailer = MockMailer::new();
        mailer
            .expect_send()
            .times(1)
            .withf(move |mail| {
                let Message::PasswordReset { token, page: Some(page) } = &mail.message else { return false };
                let link = page.link(token);
                mail.id == "nonce-1000000000" && mail.to == email() && link == "https://app.example.org/s3cret"
            })
            .return_once(|_| Ok(()));
        reset(attempt, Some(user(ASSIGNEE)), Some(true), mailer).unwrap();
    }
}

#[test]
fn reset_mail_is_skipped_for_unknown_or_limited_address() {
    let inactive = User { is_active: false, ..user(ASSIGNEE) };
    let unreachable = User { email: Email::placeholder("x"), ..user(ASSIGNEE) };
    let external = User { is_external: true, ..user(ASSIGNEE) };
    for found in [None, Some(inactive), Some(unreachable), Some(external)] {
        reset(1, found, None, MockMailer::new()).unwrap();
    }
    reset(1, Some(user(ASSIGNEE)), Some(false), MockMailer::new()).unwrap();
}

/// Does the job's `attempt` for `found`, whose token for an address is kept or not.
fn verify(attempt: u32, found: User, kept: Option<(Email, bool)>, mailer: MockMailer) -> Result<Performed, Failed> {
    let mut prepared = Prepared { mailer, ..Prepared::new() }.finding(Some(found));
    if let Some((to, kept)) = kept {
        let secret = SecretToken::new("s3cret".to_owned());
        prepared.secrets.expect_draw().times(1).return_once(|| DrawnSecret { secret, hash: HASH });
        let again = attempt > 1;
        let expected = NewEmailVerification { user_id: ASSIGNEE.id, email: to, hash: HASH, again, created_at: now() };
        prepared
            .verifications
            .expect_create()
            .times(1)
            .withf(move |given| *given == expected)
            .return_once(move |_| Ok(kept));
    }
    prepared.perform(JobPayload::VerificationMail { user_id: ASSIGNEE.id }, attempt)
}

#[test]
fn verification_mail_goes_to_the_address_to_be_proven() {
    let next = Email::parse("next@example.org").unwrap();
    let unproven = User { email_verified: false, ..user(ASSIGNEE) };
    let pending = User { pending_email: Some(next.clone()), ..user(ASSIGNEE) };
    for (attempt, found, to) in [(1, unproven, email()), (2, pending, next)] {
        let mut mailer = MockMailer::new();
        let expected = to.clone();
        mailer
            .expect_send()
            .times(1)
            .withf(move |mail| {
                let Message::EmailVerification { token, page: Some(page) } = &mail.message else { return false };
                let link = page.link(token);
                mail.id == "nonce-1000000000" && mail.to == expected && link == "https://app.example.org/verify/s3cret"
            })
            .return_once(|_| Ok(()));
        verify(attempt, found, Some((to, true)), mailer).unwrap();
    }
}

#[test]
fn who_has_nothing_to_prove_or_too_many_mails_gets_none() {
    let unproven = User { email_verified: false, ..user(ASSIGNEE) };
    let inactive = User { is_active: false, ..unproven.clone() };
    for found in [user(ASSIGNEE), inactive] {
        verify(1, found, None, MockMailer::new()).unwrap();
    }
    verify(1, unproven, Some((email(), false)), MockMailer::new()).unwrap();
}

#[test]
fn a_reset_mail_that_could_not_be_sent_is_tried_again() {
    let mut mailer = MockMailer::new();
    mailer.expect_send().times(1).return_once(|_| Err(MailError::Temporary("busy".into())));
    let busy = reset(1, Some(user(ASSIGNEE)), Some(true), mailer);
    assert!(matches!(busy, Err(Failed::Temporary(_))), "{busy:?}");
}
