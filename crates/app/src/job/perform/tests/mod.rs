//! Mocks for the tests of jobs.

mod account_mail;
mod digest;
mod erasure;
mod invitation;
mod notice;
mod webhook;

use super::*;
use crate::fixtures::{ASSIGNEE, email, now, parsed, run, task, task_names, user};
use fasttrack_domain::{
    id::{JobId, TaskId},
    notice::MailClass,
    ports::{
        email_verification::MockEmailVerificationRepository, erasure::MockErasureRepository,
        invitation::MockInvitationRepository, mail::MockMailer, notice::MockNoticeRepository,
        password_reset::MockPasswordResetRepository, secret::MockSecretSource, task::MockTaskRepository,
        user::MockUserRepository, webhook::MockWebhookRepository,
    },
    task::Task,
};
use std::sync::Arc;

/// Mocks that fail a test which calls them without an expectation.
struct Prepared {
    users: MockUserRepository,
    tasks: MockTaskRepository,
    resets: MockPasswordResetRepository,
    verifications: MockEmailVerificationRepository,
    invitations: MockInvitationRepository,
    erasures: MockErasureRepository,
    webhooks: MockWebhookRepository,
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
            invitations: MockInvitationRepository::new(),
            erasures: MockErasureRepository::new(),
            webhooks: MockWebhookRepository::new(),
            notices: MockNoticeRepository::new(),
            secrets: MockSecretSource::new(),
            mailer: MockMailer::new(),
        }
    }

    /// Finds `found` as ASSIGNEE, any number of times.
    fn finding(mut self, found: Option<User>) -> Self {
        self.users.expect_find().withf(|id| *id == ASSIGNEE.id).returning(move |_| Ok(found.clone()));
        self
    }

    /// The tasks that are found are [`task`] with these titles and assignees; its id is its place.
    fn with_tasks(mut self, tasks: Vec<Option<Task>>) -> Self {
        self.tasks.expect_find().withf(|_, reader| *reader == ASSIGNEE.id).returning(move |id, _| {
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
            invitations: Arc::new(self.invitations),
            erasures: Arc::new(self.erasures),
            webhooks: Arc::new(self.webhooks),
            notices: Arc::new(self.notices),
            secrets: Arc::new(self.secrets),
            mailer: Arc::new(self.mailer),
            account_mails: AccountMails {
                reset_page: Some("https://app.example.org/{token}".parse().unwrap()),
                verification_page: Some("https://app.example.org/verify/{token}".parse().unwrap()),
                invitation_page: Some("https://app.example.org/join/{token}".parse().unwrap()),
                external_users_may_set_password: false,
            },
            ..Jobs::mocked()
        };
        run(jobs.perform(&Job { id: JobId::new(5), payload, attempt, nonce: "nonce".to_owned() }))
    }
}

/// Returns the task with this id and its current title.
fn called(id: i64, title: &str) -> Task {
    Task { id: TaskId::new(id), title: parsed(title), ..task().task }
}

fn assigned(id: i64) -> JobPayload {
    let task = TaskNames { task_id: TaskId::new(id), task: parsed("As it was"), ..task_names() };
    let (user_id, assigned_by) = (ASSIGNEE.id, parsed("Ann"));
    JobPayload::TaskAssignedMail { user_id, task, assigned_by, assigned_by_id: None }
}

fn told_of(id: i64, title: &str) -> Message {
    let task = TaskNames { task_id: TaskId::new(id), task: parsed(title), ..task_names() };
    Message::TaskAssigned { task, assigned_by: parsed("Ann") }
}

fn mail(message: Message) -> Mail {
    Mail { id: "nonce".to_owned(), to: email(), name: parsed("Ann"), message }
}
