use super::Jobs;
use crate::{Config, erasure::do_portions};
use fasttrack_domain::{
    Timestamp,
    email::Email,
    email_verification::NewEmailVerification,
    erasure::Erasure,
    id::{InvitationId, UserId, WebhookId},
    invitation::{InvitationToSend, NewInvitationToken},
    job::{Job, JobPayload},
    mail::{Mail, Message, TokenPage},
    notice::Admission,
    notification::TaskNames,
    password_reset::NewPasswordReset,
    ports::{RepositoryError, mail::MailError, notice::HeldNotices},
    task::TaskInProject,
    text::DisplayName,
    user::User,
    webhook::WebhookInProject,
};
use std::error::Error as StdError;

/// Maximum number of notices that a digest lists. Further ones are only counted.
const DIGEST_LINES: usize = 50;

/// Portions of an erasure that one run of its job does. Then it gives way to other jobs, and keeps all its attempts.
const PORTIONS_OF_RUN: usize = 50;

#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// A retry may succeed.
    #[error("{0}")]
    Temporary(#[source] Box<dyn StdError + Send + Sync>),
    /// A retry can't succeed.
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Performed {
    /// The job is complete, also where there was nothing left to do.
    Done,
    /// The job is deferred until this time.
    Later(Timestamp),
}

/// Settings of mails about accounts.
#[derive(Clone, Debug, Default)]
pub struct AccountMails {
    /// Mails with a reset token link to this page; without one they contain the token alone.
    pub reset_page: Option<TokenPage>,
    /// Mails with a verification token link to this page; without one they contain the token alone.
    pub verification_page: Option<TokenPage>,
    /// Where mails with an invitation link to; without a page they hold the token alone.
    pub invitation_page: Option<TokenPage>,
    /// Whether accounts that another issuer made may reset a password.
    pub external_users_may_set_password: bool,
}

impl AccountMails {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            reset_page: config.reset_page.clone(),
            verification_page: config.verification_page.clone(),
            invitation_page: config.invitation_page.clone(),
            external_users_may_set_password: config.accounts.external_users_may_set_password,
        }
    }
}

/// A notice mail without its id.
struct Notice {
    to: Email,
    name: DisplayName,
    message: Message,
}

impl Notice {
    /// Addresses the mail to the user's current address.
    fn to(user: User, message: Message) -> Self {
        Self { to: user.email, name: user.display_name, message }
    }

    fn into_mail(self, id: String) -> Mail {
        Mail { id, to: self.to, name: self.name, message: self.message }
    }
}

impl Jobs {
    // @spec SPEC-011
    /// Performs a job. May run more than once for one job, as a worker can die before the queue has the result.
    pub async fn perform(&self, job: &Job) -> Result<Performed, Failed> {
        match &job.payload {
            JobPayload::PasswordResetMail { email } => {
                self.reset(job, email).await?;
                Ok(Performed::Done)
            }
            JobPayload::VerificationMail { user_id } => {
                self.verification(job, *user_id).await?;
                Ok(Performed::Done)
            }
            JobPayload::InvitationMail { invitation_id } => {
                self.invitation(job, *invitation_id).await?;
                Ok(Performed::Done)
            }
            JobPayload::EraseUser(erasure) => self.erase(erasure).await,
            JobPayload::DigestMail { user_id } => self.digest(job, *user_id).await,
            JobPayload::SecurityNoticeMail { .. }
            | JobPayload::TaskAssignedMail { .. }
            | JobPayload::WebhookEndedMail { .. } => {
                let Some(notice) = self.notice(&job.payload).await? else { return Ok(Performed::Done) };
                match self.admit(job).await? {
                    Admission::Send => {}
                    Admission::Later(at) => return Ok(Performed::Later(at)),
                    Admission::Held { .. } => return Ok(Performed::Done),
                }
                self.mailer.send(notice.into_mail(job.nonce.clone())).await?;
                Ok(Performed::Done)
            }
        }
    }

    async fn admit(&self, job: &Job) -> Result<Admission, Failed> {
        match job.payload.class() {
            Some(class) => Ok(self.notices.admit(job.clone(), class, self.clock.now()).await?),
            None => Ok(Admission::Send),
        }
    }

    /// Returns the mail of this job as of now; `None` where its reason or its receiver is gone.
    async fn notice(&self, payload: &JobPayload) -> Result<Option<Notice>, Failed> {
        Ok(match payload {
            // To the address that the account had when it happened, as whoever did it may have changed that since.
            JobPayload::SecurityNoticeMail { user_id, email, notice } => {
                let user = self.users.find(*user_id).await?.filter(|user| user.is_active);
                let (to, message) = (email.clone(), Message::Notice(*notice));
                user.map(|user| Notice { to, name: user.display_name, message })
            }
            JobPayload::TaskAssignedMail { user_id, task, assigned_by, .. } => {
                let Some(task) = self.assigned(*user_id, task).await? else { return Ok(None) };
                let message = Message::TaskAssigned { task, assigned_by: assigned_by.clone() };
                self.receiver(*user_id).await?.map(|user| Notice::to(user, message))
            }
            JobPayload::WebhookEndedMail { user_id, webhook_id } => {
                let Some(message) = self.webhook_ended(*user_id, *webhook_id).await? else { return Ok(None) };
                self.receiver(*user_id).await?.map(|user| Notice::to(user, message))
            }
            JobPayload::DigestMail { .. }
            | JobPayload::PasswordResetMail { .. }
            | JobPayload::VerificationMail { .. }
            | JobPayload::InvitationMail { .. }
            | JobPayload::EraseUser(_) => None,
        })
    }

    /// Returns the user, or `None` if it can't receive mail: deactivated, or without an address.
    async fn receiver(&self, user_id: UserId) -> Result<Option<User>, Failed> {
        Ok(self.users.find(user_id).await?.filter(can_be_told))
    }

    /// The present names of the task, if it is still assigned to the user, who has access to it as long as it is.
    async fn assigned(&self, user_id: UserId, task: &TaskNames) -> Result<Option<TaskNames>, Failed> {
        let found = self.tasks.find(task.task_id, user_id).await?;
        let found = found.filter(|found| found.task.assignee_id == Some(user_id));
        Ok(found.map(|TaskInProject { task, project, .. }| TaskNames {
            task_id: task.id,
            task: task.title,
            project_id: project.id,
            project: project.name,
        }))
    }

    /// The message about a webhook that the server ended, if it is still so and the user owns its project.
    async fn webhook_ended(&self, user_id: UserId, id: WebhookId) -> Result<Option<Message>, Failed> {
        let found = self.webhooks.find(id, user_id).await?;
        let found = found.filter(|found| !found.webhook.is_active && found.project.owner_id == user_id);
        Ok(found.map(|WebhookInProject { webhook, project }| Message::WebhookEnded {
            project: project.name,
            host: webhook.url.host().to_owned(),
        }))
    }

    /// Sends the notices that were held for the user, as of now, without those for another address than the user's.
    async fn digest(&self, job: &Job, user_id: UserId) -> Result<Performed, Failed> {
        match self.admit(job).await? {
            Admission::Later(at) => return Ok(Performed::Later(at)),
            Admission::Send | Admission::Held { .. } => {}
        }
        if let Some(user) = self.receiver(user_id).await? {
            let HeldNotices { payloads, uncounted } = self.notices.digest(user_id, job.nonce.clone()).await?;
            let (mut notices, mut more) = (Vec::new(), 0);
            for payload in payloads {
                if notices.len() == DIGEST_LINES {
                    more += 1;
                } else if let Some(notice) = self.notice(&payload).await?.filter(|notice| notice.to == user.email) {
                    notices.push(notice.message);
                }
            }
            if !notices.is_empty() {
                let digest = Notice::to(user, Message::Digest { notices, more, uncounted });
                self.mailer.send(digest.into_mail(job.nonce.clone())).await?;
            }
        }
        self.notices.digest_sent(user_id, job.nonce.clone()).await?;
        Ok(Performed::Done)
    }

    /// Sends nothing where the address is proven by now, or the user got too many mails.
    async fn verification(&self, job: &Job, user_id: UserId) -> Result<(), Failed> {
        let Some(user) = self.users.find(user_id).await?.filter(|user| user.is_active) else { return Ok(()) };
        let Some(to) = user.unproven_email().cloned() else { return Ok(()) };
        let (drawn, created_at) = (self.secrets.draw(), self.clock.now());
        let verification =
            NewEmailVerification { user_id, email: to.clone(), hash: drawn.hash, again: job.attempt > 1, created_at };
        if !self.verifications.create(verification).await? {
            return Ok(());
        }
        let page = self.account_mails.verification_page.clone();
        let message = Message::EmailVerification { token: drawn.secret, page };
        // Each attempt has a token of its own, and so is a mail of its own.
        let id = format!("{}-{}", job.nonce, created_at.timestamp_micros());
        Ok(self.mailer.send(Mail { id, to, name: user.display_name, message }).await?)
    }

    /// Sends nothing where the invitation is no longer open, or the address got too many.
    async fn invitation(&self, job: &Job, id: InvitationId) -> Result<(), Failed> {
        let created_at = self.clock.now();
        let Some(found) = self.invitations.find_to_send(id, created_at).await? else { return Ok(()) };
        let drawn = self.secrets.draw();
        let token = NewInvitationToken { invitation_id: id, hash: drawn.hash, again: job.attempt > 1, created_at };
        if !self.invitations.set_token(token).await? {
            return Ok(());
        }
        let InvitationToSend { invitation, project, invited_by } = found;
        let page = self.account_mails.invitation_page.clone();
        let message = Message::Invitation { project, role: invitation.role, invited_by, token: drawn.secret, page };
        // Each attempt has a token of its own, and so is a mail of its own.
        let id = format!("{}-{}", job.nonce, created_at.timestamp_micros());
        // Not the name of an account, which the invitation is sent without looking for.
        let name = invitation.email.default_display_name();
        Ok(self.mailer.send(Mail { id, to: invitation.email, name, message }).await?)
    }

    async fn erase(&self, erasure: &Erasure) -> Result<Performed, Failed> {
        let is_done = do_portions(&*self.erasures, erasure, PORTIONS_OF_RUN).await?;
        Ok(if is_done { Performed::Done } else { Performed::Later(self.clock.now()) })
    }

    /// Sends nothing, without an error, where no account has the address, or its user got too many mails.
    async fn reset(&self, job: &Job, email: &Email) -> Result<(), Failed> {
        let found = self.users.find_credentials(email).await?;
        let external_users_may = self.account_mails.external_users_may_set_password;
        let may_reset = |user: &User| can_be_told(user) && user.may_have_password(external_users_may);
        let Some(user) = found.map(|found| found.user).filter(may_reset) else { return Ok(()) };
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
        let message = Message::PasswordReset { token: drawn.secret, page: self.account_mails.reset_page.clone() };
        // Each attempt has a token of its own, and so is a mail of its own.
        let id = format!("{}-{}", job.nonce, created_at.timestamp_micros());
        Ok(self.mailer.send(Mail { id, to: user.email, name: user.display_name, message }).await?)
    }
}

/// Whether the user is active and has an address.
fn can_be_told(user: &User) -> bool {
    user.is_active && !user.email.is_placeholder()
}

#[cfg(test)]
mod tests;
