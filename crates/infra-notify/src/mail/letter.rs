//! How mails are worded.

#![expect(clippy::ref_binding_to_reference, clippy::ref_option_ref, reason = "what askama makes of an enum")]

use askama::Template;
use fasttrack_domain::{
    id::TaskId,
    mail::{Mail, Message},
};

/// Characters of a text that stand in a subject at most: what mail programs show of it, and well below what a header
/// may hold.
const MAX_IN_SUBJECT: usize = 100;

/// A mail in words.
pub(super) struct Letter {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

#[derive(Template)]
enum Text<'a> {
    #[template(path = "welcome.txt")]
    Welcome { name: &'a str },
    #[template(path = "task_assigned.txt")]
    TaskAssigned { name: &'a str, task_id: TaskId, task: &'a str, project: &'a str, assigned_by: &'a str },
    #[template(path = "password_reset.txt")]
    PasswordReset { name: &'a str, token: &'a str, link: Option<&'a str> },
}

#[derive(Template)]
enum Html<'a> {
    #[template(path = "welcome.html")]
    Welcome { name: &'a str },
    #[template(path = "task_assigned.html")]
    TaskAssigned { name: &'a str, task_id: TaskId, task: &'a str, project: &'a str, assigned_by: &'a str },
    #[template(path = "password_reset.html")]
    PasswordReset { name: &'a str, token: &'a str, link: Option<&'a str> },
}

impl Letter {
    pub(super) fn write(mail: &Mail) -> Result<Self, askama::Error> {
        let name = &line(mail.name.as_str());
        let (subject, text, html) = match &mail.message {
            Message::Welcome => {
                ("Welcome to fasttrack".to_owned(), Text::Welcome { name }.render()?, Html::Welcome { name }.render()?)
            }
            Message::TaskAssigned { task: names, assigned_by } => {
                let task_id = names.task_id;
                let [task, project, assigned_by] =
                    &[names.task.as_str(), names.project.as_str(), assigned_by.as_str()].map(line);
                (
                    format!("Your task: {}", cut(task)),
                    Text::TaskAssigned { name, task_id, task, project, assigned_by }.render()?,
                    Html::TaskAssigned { name, task_id, task, project, assigned_by }.render()?,
                )
            }
            Message::PasswordReset { token, page } => {
                let link = page.as_ref().map(|page| page.link(token));
                let (token, link) = (token.expose(), link.as_deref());
                (
                    "Choose a new password".to_owned(),
                    Text::PasswordReset { name, token, link }.render()?,
                    Html::PasswordReset { name, token, link }.render()?,
                )
            }
        };
        Ok(Self { subject, text, html })
    }
}

/// On one line and without control characters: what users call themselves and their tasks must not pass for a header,
/// nor for a paragraph of ours.
pub(super) fn line(text: &str) -> String {
    let words: Vec<_> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_IN_SUBJECT) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fasttrack_domain::{
        email::Email, id::ProjectId, notification::TaskNames, text::DisplayName, token::SecretToken,
    };

    fn letter(name: &str, message: Message) -> Letter {
        let to = Email::parse("ann@example.org").unwrap();
        let name = DisplayName::parse(name.to_owned()).unwrap();
        Letter::write(&Mail { id: "job-1".to_owned(), to, name, message }).unwrap()
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

    #[test]
    fn both_parts_of_each_letter_say_the_same() {
        let reset = |page: Option<&str>| Message::PasswordReset {
            token: SecretToken::new("s3cret-token".to_owned()),
            page: page.map(|page| page.parse().unwrap()),
        };
        let page = Some("https://app.example.org/reset?a=1&token={token}");
        for (message, said) in [
            (Message::Welcome, ["Ann", "welcome", "ready"]),
            (assigned("Paint the fence"), ["Paint the fence", "Garden", "Zoë"]),
            (reset(None), ["s3cret-token", "30 minutes", "Ann"]),
            (reset(page), ["app.example.org/reset?a=1", "token=s3cret-token", "30 minutes"]),
        ] {
            let Letter { text, html, .. } = letter("Ann", message);
            for words in said {
                assert!(text.to_lowercase().contains(&words.to_lowercase()), "{words}: {text}");
                assert!(html.to_lowercase().contains(&words.to_lowercase()), "{words}: {html}");
            }
            assert!(!text.contains("&#") && !text.contains("{{"), "{text}");
        }
    }

    #[test]
    fn what_users_wrote_is_no_markup_and_loads_nothing() {
        let html = letter("<b>Ann</b>", assigned("<img src=\"https://evil.example\">")).html;
        assert!(!html.contains("<b>Ann") && !html.contains("<img"), "{html}");
        assert!(html.contains("&#60;img"), "{html}");
        let reset = Message::PasswordReset { token: SecretToken::new("t".into()), page: None };
        for message in [Message::Welcome, assigned("x"), reset] {
            let html = letter("Ann", message).html;
            for remote in ["http:", "https:", "src=", "url(", "<script", "<link"] {
                assert!(!html.contains(remote), "{remote}: {html}");
            }
        }
    }

    #[test]
    fn what_users_wrote_stays_on_its_line() {
        let Letter { subject, text, .. } =
            letter("Ann\r\n\r\nPay here", assigned("Paint\r\nBcc: eve@example.org\u{2028}\u{85}\u{1b}[1mnow"));
        assert_eq!(subject, "Your task: Paint Bcc: eve@example.org [1mnow");
        assert!(text.starts_with("Hello Ann Pay here,\n"), "{text}");
        assert!(text.contains("\n    Paint Bcc: eve@example.org [1mnow\n"), "{text}");
    }

    #[test]
    fn a_long_title_is_cut_in_the_subject_and_whole_in_the_letter() {
        let title = "é".repeat(200);
        let Letter { subject, text, .. } = letter("Ann", assigned(&title));
        assert_eq!(subject, format!("Your task: {}…", "é".repeat(100)));
        assert!(text.contains(&title));
        assert_eq!(letter("Ann", assigned(&"é".repeat(100))).subject, format!("Your task: {}", "é".repeat(100)));
    }
}
