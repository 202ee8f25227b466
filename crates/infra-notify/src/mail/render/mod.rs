//! Renders mails from templates.

#![expect(clippy::ref_binding_to_reference, clippy::ref_option_ref, reason = "what askama makes of an enum")]

use super::quote::{self, quoted};
use askama::Template;
use fasttrack_domain::{
    id::TaskId,
    mail::{Mail, Message, Notice},
    membership::GrantedRole,
};

/// A mail's subject, and its body as text and HTML.
pub(super) struct RenderedMail {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

#[derive(Template)]
enum Text<'a> {
    #[template(path = "email_verification.txt")]
    EmailVerification { name: &'a str, token: &'a str, link: Option<&'a str> },
    #[template(path = "notice.txt")]
    Notice { name: &'a str, what: &'a str, advice: &'a str },
    #[template(path = "task_assigned.txt")]
    TaskAssigned { name: &'a str, task_id: TaskId, task: &'a str, project: &'a str, assigned_by: &'a str },
    #[template(path = "password_reset.txt")]
    PasswordReset { name: &'a str, token: &'a str, link: Option<&'a str> },
    #[template(path = "invitation.txt")]
    Invitation {
        name: &'a str,
        project: &'a str,
        role: &'a str,
        invited_by: &'a str,
        token: &'a str,
        link: Option<&'a str>,
    },
    #[template(path = "webhook_ended.txt")]
    WebhookEnded { name: &'a str, project: &'a str, host: &'a str },
    #[template(path = "digest.txt")]
    Digest { name: &'a str, lines: &'a [String], more: u64, uncounted: bool },
}

#[derive(Template)]
enum Html<'a> {
    #[template(path = "email_verification.html")]
    EmailVerification { name: &'a str, token: &'a str, link: Option<&'a str> },
    #[template(path = "notice.html")]
    Notice { name: &'a str, what: &'a str, advice: &'a str },
    #[template(path = "task_assigned.html")]
    TaskAssigned { name: &'a str, task_id: TaskId, task: &'a str, project: &'a str, assigned_by: &'a str },
    #[template(path = "password_reset.html")]
    PasswordReset { name: &'a str, token: &'a str, link: Option<&'a str> },
    #[template(path = "invitation.html")]
    Invitation {
        name: &'a str,
        project: &'a str,
        role: &'a str,
        invited_by: &'a str,
        token: &'a str,
        link: Option<&'a str>,
    },
    #[template(path = "webhook_ended.html")]
    WebhookEnded { name: &'a str, project: &'a str, host: &'a str },
    #[template(path = "digest.html")]
    Digest { name: &'a str, lines: &'a [String], more: u64, uncounted: bool },
}

impl RenderedMail {
    pub(super) fn render(mail: &Mail) -> Result<Self, askama::Error> {
        let name = &quote::name(mail.name.as_str());
        let (text, html) = match &mail.message {
            Message::EmailVerification { token, page } => {
                let link = page.as_ref().map(|page| page.link(token));
                let (token, link) = (token.expose(), link.as_deref());
                (
                    Text::EmailVerification { name, token, link }.render()?,
                    Html::EmailVerification { name, token, link }.render()?,
                )
            }
            Message::Notice(notice) => {
                let (what, advice) = words_of(*notice);
                (Text::Notice { name, what, advice }.render()?, Html::Notice { name, what, advice }.render()?)
            }
            Message::TaskAssigned { task: names, assigned_by } => {
                let task_id = names.task_id;
                let [task, project, assigned_by] =
                    &[names.task.as_str(), names.project.as_str(), assigned_by.as_str()].map(quoted);
                (
                    Text::TaskAssigned { name, task_id, task, project, assigned_by }.render()?,
                    Html::TaskAssigned { name, task_id, task, project, assigned_by }.render()?,
                )
            }
            Message::PasswordReset { token, page } => {
                let link = page.as_ref().map(|page| page.link(token));
                let (token, link) = (token.expose(), link.as_deref());
                (
                    Text::PasswordReset { name, token, link }.render()?,
                    Html::PasswordReset { name, token, link }.render()?,
                )
            }
            Message::Invitation { project, role, invited_by, token, page } => {
                let link = page.as_ref().map(|page| page.link(token));
                let (token, link, role) = (token.expose(), link.as_deref(), words_of_role(*role));
                let [project, invited_by] = &[project.as_str(), invited_by.as_str()].map(quoted);
                (
                    Text::Invitation { name, project, role, invited_by, token, link }.render()?,
                    Html::Invitation { name, project, role, invited_by, token, link }.render()?,
                )
            }
            Message::WebhookEnded { project, host } => {
                let [project, host] = &[project.as_str(), host.as_str()].map(quoted);
                (
                    Text::WebhookEnded { name, project, host }.render()?,
                    Html::WebhookEnded { name, project, host }.render()?,
                )
            }
            Message::Digest { notices, more, uncounted } => {
                let lines: &[_] = &notices.iter().map(subject).collect::<Vec<_>>();
                let (more, uncounted) = (*more, *uncounted);
                (
                    Text::Digest { name, lines, more, uncounted }.render()?,
                    Html::Digest { name, lines, more, uncounted }.render()?,
                )
            }
        };
        Ok(Self { subject: subject(&mail.message), text, html })
    }
}

/// The subject, which is also the mail's line in a digest. Texts of users are quoted.
fn subject(message: &Message) -> String {
    match message {
        Message::EmailVerification { .. } => "Verify your email address".to_owned(),
        Message::Notice(Notice::PasswordChanged) => "Your password was changed".to_owned(),
        Message::Notice(Notice::EmailChanged) => "Your email address was changed".to_owned(),
        Message::Notice(Notice::EmailChangeRequested) => "Your email address is to be changed".to_owned(),
        Message::Notice(Notice::SessionRevoked) => "One of your sessions was ended".to_owned(),
        Message::TaskAssigned { task, .. } => format!("You were assigned a task: {}", quoted(task.task.as_str())),
        Message::PasswordReset { .. } => "Choose a new password".to_owned(),
        Message::Invitation { project, .. } => format!("You are invited to a project: {}", quoted(project.as_str())),
        Message::WebhookEnded { project, .. } => {
            format!("A webhook was ended in the project {}", quoted(project.as_str()))
        }
        Message::Digest { notices, more, uncounted } => {
            let count = notices.len() as u64 + more;
            format!("{}{count} more notices", if *uncounted { "More than " } else { "" })
        }
    }
}

/// A role and its rights.
fn words_of_role(role: GrantedRole) -> &'static str {
    match role {
        GrantedRole::Editor => "an editor, who may read it, comment, and change its tasks",
        GrantedRole::Commenter => "a commenter, who may read it and comment",
        GrantedRole::Viewer => "a viewer, who may read it",
    }
}

/// The event of a notice, and the advice to the owner.
fn words_of(notice: Notice) -> (&'static str, &'static str) {
    match notice {
        Notice::PasswordChanged => (
            "the password of your account was changed.",
            "If it wasn't you, choose another one with \"forgot password\" at once, and tell an administrator.",
        ),
        Notice::EmailChanged => (
            "your account has another email address now. Mails about it go there from now on.",
            "If it wasn't you, tell an administrator at once.",
        ),
        Notice::EmailChangeRequested => (
            "your account is to have another email address. It changes when the new address is verified.",
            "If it wasn't you, change your password at once, and set your address again.",
        ),
        Notice::SessionRevoked => (
            "a refresh token of one of your sessions was used twice, so that the session was ended. Somebody may have \
             copied the token, or an app sent it again.",
            "Log in again. If it happens more than once, change your password.",
        ),
    }
}

#[cfg(test)]
mod tests;
