//! Sends mails to a server on this machine.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use fasttrack_domain::{
    email::Email,
    id::{ProjectId, TaskId},
    mail::{Mail, Message},
    notification::TaskNames,
    ports::mail::{MailError, Mailer},
    text::DisplayName,
};
use fasttrack_infra_notify::mail::{SmtpMailer, SmtpTimeouts};
use fasttrack_testkit::smtp::{Received, Security, SmtpServer};
use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

const SECURITIES: [Security; 3] = [Security::None, Security::StartTls, Security::Tls];

fn mail() -> Mail {
    let task = TaskNames {
        task_id: TaskId::new(9),
        task: "Zaun streichen: grün\r\nBcc: eve@example.org".to_owned().try_into().unwrap(),
        project_id: ProjectId::new(7),
        project: "Gärten".to_owned().try_into().unwrap(),
    };
    let assigned_by = DisplayName::cut("Zoë").unwrap();
    Mail {
        id: "job-17".to_owned(),
        to: Email::parse("ann@example.org").unwrap(),
        name: DisplayName::cut("Ann \"é\" <eve@example.org>\r\nBcc: eve@example.org").unwrap(),
        message: Message::TaskAssigned { task, assigned_by },
    }
}

fn to(address: &str) -> Mail {
    Mail { to: Email::parse(address).unwrap(), ..mail() }
}

fn mailer(url: &str) -> SmtpMailer {
    let sender = "Die Aufgäben <noreply@tasks.example>".parse().unwrap();
    SmtpMailer::with_root_certificate(url.parse().unwrap(), sender, SmtpServer::root_pem()).unwrap()
}

/// Creates a mailer with short timeouts.
fn with_short_timeouts(url: &str) -> SmtpMailer {
    mailer(url).with_timeouts(SmtpTimeouts { reply: Duration::from_millis(300), total: Duration::from_millis(600) })
}

fn the_only(server: &SmtpServer) -> Received {
    let [mail] = server.mails().try_into().unwrap();
    mail
}

fn is_temporary(sent: &Result<(), MailError>) -> bool {
    matches!(sent, Err(MailError::Temporary(_)))
}

#[tokio::test]
async fn mail_arrives_with_each_encryption() {
    for security in SECURITIES {
        let server = SmtpServer::start(security);
        mailer(&server.url()).send(mail()).await.unwrap();
        let received = the_only(&server);
        assert_eq!(
            (received.from.as_str(), received.to.as_slice()),
            ("noreply@tasks.example", &["ann@example.org".to_owned()][..])
        );
        assert_eq!(received.subject(), "You were assigned a task: “Zaun streichen: grün Bcc: eve[@]example[.]org”");
        assert!(received.text().contains("Gärten") && received.text().starts_with("Hello Ann"), "{}", received.text());
        assert!(received.html().contains("Gärten") && received.html().contains("<html"), "{}", received.html());
    }
}

#[tokio::test]
async fn mail_headers_contain_nothing_that_users_wrote() {
    let server = SmtpServer::start(Security::None);
    mailer(&server.url()).send(mail()).await.unwrap();
    let received = the_only(&server);
    assert!(received.data.is_ascii(), "{}", received.data);
    for (name, value) in
        [("Message-ID", "<job-17@tasks.example>"), ("Auto-Submitted", "auto-generated"), ("MIME-Version", "1.0")]
    {
        assert_eq!(received.header(name).as_deref(), Some(value), "{name}");
    }
    assert!(received.header("Date").unwrap().ends_with("+0000"));
    assert!(received.header("Content-Type").unwrap().starts_with("multipart/alternative;"));
    assert!(received.header("From").unwrap().ends_with("<noreply@tasks.example>"));
    assert!(received.header("To").unwrap().ends_with("<ann@example.org>"));
    assert_eq!(received.header("Bcc"), None);
    let names: Vec<_> =
        received.data.split("\r\n\r\n").next().unwrap().lines().filter(|line| !line.starts_with([' ', '\t'])).collect();
    assert_eq!(names.len(), 8, "{names:?}");
}

#[tokio::test]
async fn concurrent_mails_arrive() {
    let server = SmtpServer::start(Security::Tls);
    let mailer = mailer(&server.url());
    let (first, second) = tokio::join!(mailer.send(to("a@example.org")), mailer.send(to("b@example.org")));
    first.unwrap();
    second.unwrap();
    mailer.send(to("c@example.org")).await.unwrap();
    let mut receivers: Vec<_> = server.mails().into_iter().flat_map(|mail| mail.to).collect();
    receivers.sort();
    assert_eq!(receivers, ["a@example.org", "b@example.org", "c@example.org"]);
}

#[tokio::test]
async fn user_and_password_log_in_under_encryption() {
    for security in SECURITIES {
        let server = SmtpServer::start(security);
        let url = server.url().replace("://", "://ann%40example.org:p%3Ass@");
        mailer(&url).send(mail()).await.unwrap();
        // NUL ann@example.org NUL p:ss
        assert_eq!(the_only(&server).login.as_deref(), Some("AGFubkBleGFtcGxlLm9yZwBwOnNz"));
    }
}

#[tokio::test]
async fn refused_smtp_password_is_temporary_and_not_shown() {
    let server = SmtpServer::start(Security::Tls);
    server.refuse_at("AUTH", 535);
    let url = server.url().replace("://", "://ann:s3cret@");
    let error = mailer(&url).send(mail()).await.unwrap_err();
    assert!(matches!(error, MailError::Temporary(_)), "{error}");
    let said = format!("{error} {error:?}");
    assert!(said.contains("535") && !said.contains("s3cret") && !said.contains("AGFubgBzM2NyZXQ"), "{said}");
}

#[tokio::test]
async fn nothing_is_sent_without_required_encryption() {
    let server = SmtpServer::start(Security::None);
    let url = format!("{}?tls=required", server.url().replace("://", "://ann:s3cret@"));
    let sent = mailer(&url).send(mail()).await;
    assert!(is_temporary(&sent), "{sent:?}");
    let encrypting = SmtpServer::start(Security::StartTls);
    encrypting.refuse_at("STARTTLS", 454);
    let sent = mailer(&encrypting.url()).send(mail()).await;
    assert!(is_temporary(&sent), "{sent:?}");
    assert_eq!((server.mails(), encrypting.mails()), (Vec::new(), Vec::new()));
}

#[tokio::test]
async fn untrusted_or_foreign_certificate_is_refused() {
    for security in [Security::StartTls, Security::Tls] {
        let server = SmtpServer::start(security);
        let sender = "noreply@tasks.example".parse().unwrap();
        let distrusting = SmtpMailer::new(server.url().parse().unwrap(), sender).unwrap();
        let elsewhere = mailer(&server.url().replace("127.0.0.1", "localhost"));
        for mailer in [distrusting, elsewhere] {
            let error = mailer.send(mail()).await.unwrap_err();
            assert!(matches!(error, MailError::Temporary(_)), "{error}");
            assert!(error.to_string().contains("certificate"), "{error}");
        }
        assert_eq!(server.mails(), []);
    }
}

#[tokio::test]
async fn smtp_replies_are_permanent_or_temporary() {
    let server = SmtpServer::start(Security::None);
    let mailer = mailer(&server.url());
    for (command, code, for_good) in [
        ("RCPT", 550, true),
        ("DATA", 554, true),
        (".", 552, true),
        ("RCPT", 451, false),
        (".", 452, false),
        // Authentication or the sender is at fault here, not the mail.
        ("RCPT", 530, false),
        ("MAIL", 550, false),
        ("EHLO", 550, false),
    ] {
        server.refuse_at(command, code);
        let error = mailer.send(mail()).await.unwrap_err();
        assert_eq!(matches!(error, MailError::Permanent(_)), for_good, "{command} {code}: {error}");
        assert!(error.to_string().contains(&code.to_string()), "{error}");
    }
    assert_eq!(server.mails(), []);
    server.accept();
    mailer.send(mail()).await.unwrap();
}

#[tokio::test]
async fn closed_port_fails_at_once_and_restarted_server_is_used() {
    let server = SmtpServer::start(Security::None);
    let (port, mailer) = (server.port(), mailer(&server.url()));
    drop(server);
    let begin = Instant::now();
    let sent = mailer.send(mail()).await;
    assert!(is_temporary(&sent), "{sent:?}");
    assert!(begin.elapsed() < Duration::from_secs(3));
    let server = SmtpServer::start_at(port, Security::None);
    mailer.send(mail()).await.unwrap();
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn silent_smtp_server_times_out() {
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = mute.local_addr().unwrap().port();
    let silent = SmtpServer::start(Security::StartTls);
    silent.stop_answering();
    for url in [format!("smtp://127.0.0.1:{port}"), format!("smtps://127.0.0.1:{port}"), silent.url()] {
        let begin = Instant::now();
        let sent = with_short_timeouts(&url).send(mail()).await;
        assert!(is_temporary(&sent), "{sent:?}");
        assert!(
            (Duration::from_millis(150)..Duration::from_secs(5)).contains(&begin.elapsed()),
            "{:?}",
            begin.elapsed()
        );
    }
    silent.accept();
    with_short_timeouts(&silent.url()).send(mail()).await.unwrap();
}

#[tokio::test]
async fn silent_server_times_out_and_quit_is_not_awaited() {
    let server = SmtpServer::start(Security::None);
    for command in ["EHLO", "MAIL", "RCPT", "DATA", "."] {
        server.stop_answering_at(command);
        let sent = with_short_timeouts(&server.url()).send(mail()).await;
        assert!(is_temporary(&sent), "{command}: {sent:?}");
    }
    // The mail was accepted and the reply lost: the next attempt has the same id.
    let id = the_only(&server).header("Message-ID");
    server.stop_answering_at("QUIT");
    let begin = Instant::now();
    mailer(&server.url()).send(mail()).await.unwrap();
    assert!(begin.elapsed() < Duration::from_secs(5));
    assert_eq!(server.mails()[1].header("Message-ID"), id);
}

#[tokio::test]
async fn international_domain_is_sent_in_ascii() {
    let server = SmtpServer::start(Security::None);
    let mailer = mailer(&server.url());
    mailer.send(to("ann@bücher.example")).await.unwrap();
    assert_eq!(the_only(&server).to, ["ann@xn--bcher-kva.example"]);
    let error = mailer.send(to("jürgen@example.org")).await.unwrap_err();
    assert!(matches!(error, MailError::Permanent(_)), "{error}");
}
