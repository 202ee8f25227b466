use super::*;
use fasttrack_domain::{email::Email, id::ProjectId, notification::TaskNames, text::DisplayName, token::SecretToken};

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

fn invitation(project: &str, invited_by: &str, page: Option<&str>) -> Message {
    Message::Invitation {
        project: project.to_owned().try_into().unwrap(),
        role: GrantedRole::Commenter,
        invited_by: DisplayName::cut(invited_by).unwrap(),
        token: SecretToken::new("s3cret-token".to_owned()),
        page: page.map(|page| page.parse().unwrap()),
    }
}

fn webhook_ended(host: &str) -> Message {
    Message::WebhookEnded { project: "Garden".to_owned().try_into().unwrap(), host: host.to_owned() }
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
    let invitation = |page: Option<&str>| invitation("Garden", "Zoë", page);
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
        (invitation(None), ["“Zoë” invites you to the project “Garden”", "a commenter, who", "s3cret-token"]),
        (invitation(page), ["app.example.org/reset?a=1", "token=s3cret-token", "7 days"]),
        (webhook_ended("localhost"), ["project “Garden” was ended", "receiver “localhost”", "five days"]),
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
    let invitation = invitation("Garden", "Zoë", None);
    let notice = Message::Notice(Notice::SessionRevoked);
    for message in
        [verification, notice, assigned("x"), reset, invitation, webhook_ended("example.org"), digest(3, false)]
    {
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
fn invitation_quotes_what_its_sender_wrote() {
    let message = invitation("<b>Pay</b> at https://evil.example", "Ann\r\nwww.evil.example", None);
    let RenderedMail { subject, text, html } = rendered("bob", message);
    assert_eq!(subject, "You are invited to a project: “<b>Pay</b> at https[:]//evil[.]example”");
    for part in [subject, text, html.clone()] {
        assert!(!part.contains("evil.example") && !part.contains("://"), "{part}");
    }
    assert!(!html.contains("<b>"), "{html}");
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
