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
