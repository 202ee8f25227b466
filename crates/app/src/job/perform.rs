//! One job is done.

use fasttrack_domain::{
    email::Email,
    id::UserId,
    job::{Job, JobPayload},
    mail::{Mail, Message, ResetPage},
    password_reset::NewPasswordReset,
    ports::{
        RepositoryError,
        clock::Clock,
        mail::{MailError, Mailer},
        password_reset::PasswordResetRepository,
        secret::SecretSource,
        user::UserRepository,
    },
    user::User,
};
use std::{error::Error as StdError, sync::Arc};

/// Why a job was not done.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// It may be done later.
    #[error("{0}")]
    Temporary(#[source] Box<dyn StdError + Send + Sync>),
    /// It will never be done.
    #[error("{0}")]
    Permanent(#[source] Box<dyn StdError + Send + Sync>),
}

impl From<RepositoryError> for Failed {
    fn from(error: RepositoryError) -> Self {
        Self::Temporary(error.into())
    }
}

impl From<MailError> for Failed {
    fn from(error: MailError) -> Self {
        match error {
            MailError::Temporary(_) => Self::Temporary(error.into()),
            MailError::Permanent(_) => Self::Permanent(error.into()),
        }
    }
}

/// Does what jobs say.
pub struct Perform {
    users: Arc<dyn UserRepository>,
    resets: Arc<dyn PasswordResetRepository>,
    secrets: Arc<dyn SecretSource>,
    mailer: Arc<dyn Mailer>,
    clock: Arc<dyn Clock>,
    reset_page: Option<ResetPage>,
}

impl Perform {
    /// Over these ports. Mails with a reset token link to `reset_page`, if there is one.
    pub fn new(
        users: Arc<dyn UserRepository>,
        resets: Arc<dyn PasswordResetRepository>,
        secrets: Arc<dyn SecretSource>,
        mailer: Arc<dyn Mailer>,
        clock: Arc<dyn Clock>,
        reset_page: Option<ResetPage>,
    ) -> Self {
        Self { users, resets, secrets, mailer, clock, reset_page }
    }

    /// Does it, again where it was done before and nobody knows.
    pub async fn execute(&self, job: &Job) -> Result<(), Failed> {
        match &job.payload {
            JobPayload::WelcomeMail { user_id } => self.mail(job, *user_id, Message::Welcome).await,
            JobPayload::TaskAssignedMail { user_id, task, assigned_by } => {
                let message = Message::TaskAssigned { task: task.clone(), assigned_by: assigned_by.clone() };
                self.mail(job, *user_id, message).await
            }
            JobPayload::PasswordResetMail { email } => self.reset(job, email).await,
        }
    }

    /// To the address that the user has now; one who is deactivated or has none gets none.
    async fn mail(&self, job: &Job, user_id: UserId, message: Message) -> Result<(), Failed> {
        let Some(user) = self.users.find(user_id).await?.filter(can_be_told) else { return Ok(()) };
        let mail = Mail { id: format!("job-{}", job.id), to: user.email, name: user.display_name, message };
        Ok(self.mailer.send(mail).await?)
    }

    /// Nobody asked for more than a mail: an address of nobody, or of somebody who got enough of them, gets none, and
    /// nobody is told.
    async fn reset(&self, job: &Job, email: &Email) -> Result<(), Failed> {
        let found = self.users.find_credentials(email).await?;
        let Some(user) = found.map(|found| found.user).filter(can_be_told) else { return Ok(()) };
        let (drawn, created_at) = (self.secrets.draw(), self.clock.now());
        let reset = NewPasswordReset {
            user_id: user.id,
            email: user.email.clone(),
            hash: drawn.hash,
            again: job.attempt > 1,
            created_at,
        };
        if !self.resets.create(reset).await? {
            return Ok(());
        }
        let message = Message::PasswordReset { token: drawn.secret, page: self.reset_page.clone() };
        // Each attempt has a token of its own, and so is a mail of its own.
        let id = format!("job-{}-{}", job.id, created_at.timestamp_micros());
        Ok(self.mailer.send(Mail { id, to: user.email, name: user.display_name, message }).await?)
    }
}

/// Whether mail may be for this user, and gets there.
fn can_be_told(user: &User) -> bool {
    user.is_active && !user.email.is_placeholder()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ASSIGNEE, clock, email, now, parsed, run, task_names, unavailable, user};
    use fasttrack_domain::{
        id::JobId,
        ports::{
            mail::MockMailer, password_reset::MockPasswordResetRepository, secret::MockSecretSource,
            user::MockUserRepository,
        },
        ticket::{DrawnSecret, SecretHash},
        token::SecretToken,
        user::Credentials,
    };

    /// That can keep no reset token and draw no secret.
    fn without_resets(users: MockUserRepository, mailer: MockMailer) -> Perform {
        let (resets, secrets) = (Arc::new(MockPasswordResetRepository::new()), Arc::new(MockSecretSource::new()));
        Perform::new(Arc::new(users), resets, secrets, Arc::new(mailer), clock(), None)
    }

    fn perform(
        payload: JobPayload,
        found: Result<Option<User>, RepositoryError>,
        mailer: MockMailer,
    ) -> Result<(), Failed> {
        let mut users = MockUserRepository::new();
        users.expect_find().times(1).withf(|id| *id == ASSIGNEE.id).return_once(|_| found);
        let job = Job { id: JobId::new(5), payload, attempt: 2 };
        run(without_resets(users, mailer).execute(&job))
    }

    fn welcome() -> JobPayload {
        JobPayload::WelcomeMail { user_id: ASSIGNEE.id }
    }

    fn sending(sent: Result<(), MailError>) -> MockMailer {
        let mut mailer = MockMailer::new();
        mailer.expect_send().times(1).return_once(|_| sent);
        mailer
    }

    #[test]
    fn each_kind_of_mail_goes_to_the_address_that_the_user_has_now() {
        let (task, assigned_by) = (task_names(), parsed("Ann"));
        let assigned =
            JobPayload::TaskAssignedMail { user_id: ASSIGNEE.id, task: task.clone(), assigned_by: parsed("Ann") };
        for (payload, message) in
            [(welcome(), Message::Welcome), (assigned, Message::TaskAssigned { task, assigned_by })]
        {
            let expected = Mail { id: "job-5".to_owned(), to: email(), name: parsed("Ann"), message };
            let mut mailer = MockMailer::new();
            mailer.expect_send().times(1).withf(move |mail| *mail == expected).return_once(|_| Ok(()));
            perform(payload, Ok(Some(user(ASSIGNEE))), mailer).unwrap();
        }
    }

    #[test]
    fn who_is_gone_or_deactivated_gets_no_mail() {
        let unreachable = User { email: Email::placeholder("x"), ..user(ASSIGNEE) };
        for found in [None, Some(User { is_active: false, ..user(ASSIGNEE) }), Some(unreachable)] {
            perform(welcome(), Ok(found), MockMailer::new()).unwrap();
        }
    }

    #[test]
    fn what_may_succeed_later_is_told_from_what_never_will() {
        let user = || Ok(Some(user(ASSIGNEE)));
        let busy = perform(welcome(), user(), sending(Err(MailError::Temporary("busy".into()))));
        assert!(matches!(&busy, Err(Failed::Temporary(error)) if error.to_string().contains("busy")), "{busy:?}");
        let unknown = perform(welcome(), user(), sending(Err(MailError::Permanent("no such user".into()))));
        assert!(matches!(&unknown, Err(Failed::Permanent(error)) if error.to_string().contains("no such user")));
        let storage = perform(welcome(), Err(unavailable()), MockMailer::new());
        assert!(matches!(storage, Err(Failed::Temporary(_))), "{storage:?}");
    }

    const HASH: SecretHash = SecretHash::new([7; 32]);

    /// Does the job's `attempt` for [`email`], where this is found and the token is kept or not.
    fn reset(attempt: u32, found: Option<User>, kept: Option<bool>, mailer: MockMailer) -> Result<(), Failed> {
        let mut users = MockUserRepository::new();
        let found = found.map(|user| Credentials { user, password_hash: None });
        users.expect_find_credentials().times(1).withf(|asked| *asked == email()).return_once(|_| Ok(found));
        let (mut resets, mut secrets) = (MockPasswordResetRepository::new(), MockSecretSource::new());
        if let Some(kept) = kept {
            let secret = SecretToken::new("s3cret".to_owned());
            secrets.expect_draw().times(1).return_once(|| DrawnSecret { secret, hash: HASH });
            let expected = NewPasswordReset {
                user_id: ASSIGNEE.id,
                email: email(),
                hash: HASH,
                again: attempt > 1,
                created_at: now(),
            };
            resets.expect_create().times(1).withf(move |given| *given == expected).return_once(move |_| Ok(kept));
        }
        let page = "https://app.example.org/{token}".parse().unwrap();
        let (users, resets, secrets) = (Arc::new(users), Arc::new(resets), Arc::new(secrets));
        let perform = Perform::new(users, resets, secrets, Arc::new(mailer), clock(), Some(page));
        let payload = JobPayload::PasswordResetMail { email: email() };
        run(perform.execute(&Job { id: JobId::new(5), payload, attempt }))
    }

    #[test]
    fn each_attempt_to_mail_a_reset_token_is_a_mail_with_a_token_of_its_own() {
        for attempt in [1, 2] {
            let mut mailer = MockMailer::new();
            mailer
                .expect_send()
                .times(1)
                .withf(move |mail| {
                    let Message::PasswordReset { token, page: Some(page) } = &mail.message else { return false };
                    let link = page.link(token);
                    mail.id == "job-5-1000000000" && mail.to == email() && link == "https://app.example.org/s3cret"
                })
                .return_once(|_| Ok(()));
            reset(attempt, Some(user(ASSIGNEE)), Some(true), mailer).unwrap();
        }
    }

    #[test]
    fn an_address_of_nobody_and_one_that_got_enough_mails_get_none_and_that_is_no_failure() {
        let inactive = User { is_active: false, ..user(ASSIGNEE) };
        let unreachable = User { email: Email::placeholder("x"), ..user(ASSIGNEE) };
        for (found, kept) in
            [(None, None), (Some(inactive), None), (Some(unreachable), None), (Some(user(ASSIGNEE)), Some(false))]
        {
            reset(1, found, kept, MockMailer::new()).unwrap();
        }
    }

    #[test]
    fn a_reset_mail_that_could_not_be_sent_is_tried_again() {
        let busy = reset(1, Some(user(ASSIGNEE)), Some(true), sending(Err(MailError::Temporary("busy".into()))));
        assert!(matches!(busy, Err(Failed::Temporary(_))), "{busy:?}");
    }
}
