//! One job is done.

use fasttrack_domain::{
    id::UserId,
    job::{Job, JobPayload},
    mail::{Mail, Message},
    ports::{
        RepositoryError,
        mail::{MailError, Mailer},
        user::UserRepository,
    },
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
    mailer: Arc<dyn Mailer>,
}

impl Perform {
    /// Over these ports.
    pub fn new(users: Arc<dyn UserRepository>, mailer: Arc<dyn Mailer>) -> Self {
        Self { users, mailer }
    }

    /// Does it, again where it was done before and nobody knows.
    pub async fn execute(&self, job: &Job) -> Result<(), Failed> {
        match &job.payload {
            JobPayload::WelcomeMail { user_id } => self.mail(job, *user_id, Message::Welcome).await,
            JobPayload::TaskAssignedMail { user_id, task, assigned_by } => {
                let message = Message::TaskAssigned { task: task.clone(), assigned_by: assigned_by.clone() };
                self.mail(job, *user_id, message).await
            }
        }
    }

    /// To the address that the user has now; a deactivated one gets none.
    async fn mail(&self, job: &Job, user_id: UserId, message: Message) -> Result<(), Failed> {
        let Some(user) = self.users.find(user_id).await?.filter(|user| user.is_active) else { return Ok(()) };
        let mail = Mail { id: format!("job-{}", job.id), to: user.email, name: user.display_name, message };
        Ok(self.mailer.send(mail).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ASSIGNEE, email, parsed, run, task_names, unavailable, user};
    use fasttrack_domain::{
        id::JobId,
        ports::{mail::MockMailer, user::MockUserRepository},
        user::User,
    };

    fn perform(
        payload: JobPayload,
        found: Result<Option<User>, RepositoryError>,
        mailer: MockMailer,
    ) -> Result<(), Failed> {
        let mut users = MockUserRepository::new();
        users.expect_find().times(1).withf(|id| *id == ASSIGNEE.id).return_once(|_| found);
        let job = Job { id: JobId::new(5), payload, attempt: 2 };
        run(Perform::new(Arc::new(users), Arc::new(mailer)).execute(&job))
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
        for found in [None, Some(User { is_active: false, ..user(ASSIGNEE) })] {
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
}
