//! Renders mails from templates.

#![expect(clippy::ref_binding_to_reference, clippy::ref_option_ref, reason = "what askama makes of an enum")]

use super::quote::{self, quoted};
use askama::Template;
use fasttrack_domain::{
    id::TaskId,
    mail::{Mail, Message, Notice},
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
        Message::Digest { notices, more, uncounted } => {
            let count = notices.len() as u64 + more;
            format!("{}{count} more notices", if *uncounted { "More than " } else { "" })
        }
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
mod tests {
    use super::*;
    use fasttrack_domain::{
        email::Email, id::ProjectId, notification::TaskNames, text::DisplayName, token::SecretToken,
    };

    fn rendered(name: &str, message: Message) -> RenderedMail {
        let to = Email::parse("ann@example.org").unwrap();
        let name = DisplayName::parse(name.to_owned()).unwrap();
        RenderedMail::render(&Mail { id: "job-1".to_owned(), to, name, message }).unwrap()
    }

    fn assigned(title: &str) -> Message {
        let task = TaskNames {
            task_id: TaskId::new(9),
            task: title.to_owned().try_into().unwrap(),
            project_id: ProjectId::new(7),
            project: "Garden".to_owned().try_into().unwrap(),
        };
        Message::TaskAssigned { task, assigned_by: DisplayName::cut("Zoë").unwrap() }
    }

    fn digest(more: u64, uncounted: bool) -> Message {
        Message::Digest { notices: vec![assigned("One <1>"), assigned("Two")], more, uncounted }
    }

    #[test]
    fn text_and_html_have_the_same_content() {
        let reset = |page: Option<&str>| Message::PasswordReset {
            token: SecretToken::new("s3cret-token".to_owned()),
            page: page.map(|page| page.parse().unwrap()),
        };
        let page = Some("https://app.example.org/reset?a=1&token={token}");
        let verification = |page: Option<&str>| Message::EmailVerification {
            token: SecretToken::new("s3cret-token".to_owned()),
            page: page.map(|page| page.parse().unwrap()),
        };
        for (message, said) in [
            (verification(None), ["s3cret-token", "24 hours", "Ann"]),
            (verification(page), ["app.example.org/reset?a=1", "token=s3cret-token", "24 hours"]),
            (Message::Notice(Notice::PasswordChanged), ["Ann", "password", "administrator"]),
            (Message::Notice(Notice::EmailChanged), ["Ann", "another email address now", "administrator"]),
            (Message::Notice(Notice::EmailChangeRequested), ["Ann", "is verified", "password"]),
            (Message::Notice(Notice::SessionRevoked), ["Ann", "refresh token", "ended"]),
            (assigned("Paint the fence"), ["Paint the fence", "Garden", "Zoë"]),
            (reset(None), ["s3cret-token", "30 minutes", "Ann"]),
            (reset(page), ["app.example.org/reset?a=1", "token=s3cret-token", "30 minutes"]),
        ] {
            let RenderedMail { text, html, .. } = rendered("Ann", message);
            for words in said {
                assert!(text.to_lowercase().contains(&words.to_lowercase()), "{words}: {text}");
                assert!(html.to_lowercase().contains(&words.to_lowercase()), "{words}: {html}");
            }
            assert!(!text.contains("&#") && !text.contains("{{"), "{text}");
        }
    }

    #[test]
    fn texts_of_users_are_escaped_and_load_nothing() {
        let html = rendered("<b>Ann</b>", assigned("<img src=\"https://evil.example\">")).html;
        assert!(!html.contains("<b>Ann") && !html.contains("<img"), "{html}");
        assert!(html.contains("&#60;img"), "{html}");
        let reset = Message::PasswordReset { token: SecretToken::new("t".into()), page: None };
        let verification = Message::EmailVerification { token: SecretToken::new("t".into()), page: None };
        for message in [verification, Message::Notice(Notice::SessionRevoked), assigned("x"), reset, digest(3, false)] {
            let html = rendered("Ann", message).html;
            for remote in ["http:", "https:", "src=", "url(", "<script", "<link"] {
                assert!(!html.contains(remote), "{remote}: {html}");
            }
        }
    }

    #[test]
    fn texts_of_users_stay_on_one_line() {
        let RenderedMail { subject, text, .. } =
            rendered("Ann\r\n\r\nPay here", assigned("Paint\r\nBcc: eve\u{2028}\u{85}\u{1b}[1mnow"));
        assert_eq!(subject, "You were assigned a task: “Paint Bcc: eve [1mnow”");
        assert!(text.starts_with("Hello Ann Pay here,\n"), "{text}");
        assert!(text.contains("\n    “Paint Bcc: eve [1mnow”\n"), "{text}");
    }

    #[test]
    fn subject_quotes_texts_of_users() {
        let title = "Your account is closed! Log in at https://evil.example/login within the hour or lose it all";
        let RenderedMail { subject, text, html } = rendered("Ann www.evil.example", assigned(title));
        let quotation = "“Your account is closed! Log in at https[:]//evil[.]example/login…”";
        assert_eq!(subject, format!("You were assigned a task: {quotation}"));
        assert!(text.contains(quotation) && html.contains(quotation), "{text}\n{html}");
        for part in [subject, text, html] {
            assert!(!part.contains("evil.example") && !part.contains("://") && !part.contains("lose it"), "{part}");
        }
    }

    #[test]
    fn a_digest_has_a_line_for_each_notice_and_counts_the_rest() {
        let RenderedMail { subject, text, html } = rendered("Ann", digest(3, false));
        assert_eq!(subject, "5 more notices");
        for part in [&text, &html] {
            for title in ["“One <1>”", "“Two”"] {
                let shown = title.replace('<', "&#60;").replace('>', "&#62;");
                assert!(part.contains(title) || part.contains(&shown), "{title}: {part}");
            }
            assert!(part.contains("and 3 more"), "{part}");
        }
        assert!(text.contains("\n- You were assigned a task: “Two”\n"), "{text}");
        let RenderedMail { subject, text, .. } = rendered("Ann", digest(0, false));
        assert!(subject == "2 more notices" && !text.contains("and 0"), "{text}");
        let RenderedMail { subject, text, .. } = rendered("Ann", digest(3, true));
        assert!(subject == "More than 5 more notices" && text.contains("and more than 3 others"), "{text}");
    }
}
