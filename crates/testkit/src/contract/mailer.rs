//! Sending of mail: [`Mailer`], beside a server that a test controls.

use crate::builders::{display_name, project_name, title};
use async_trait::async_trait;
use fasttrack_domain::{
    email::Email,
    id::{ProjectId, TaskId},
    mail::{Mail, Message, Notice},
    membership::GrantedRole,
    notification::TaskNames,
    ports::mail::{MailError, Mailer},
    token::SecretToken,
};
use std::time::{Duration, Instant};

/// The server that the mailer under test uses. It accepts mails until it is set to do otherwise.
#[async_trait]
pub trait MailServer: Send + Sync {
    /// The receiver and the text of each mail that was accepted, in order.
    async fn accepted(&self) -> Vec<(String, String)>;

    /// Refuses receivers as unknown from now on.
    async fn refuse_receivers(&self);

    /// Answers that it is busy from now on.
    async fn be_busy(&self);

    /// Answers nothing from now on, and keeps connections open.
    async fn stop_answering(&self);
}

contract! { $
    mailer { mailer: Mailer, server: MailServer }
    every_kind_of_mail_is_sent,
    a_refused_receiver_is_a_permanent_error,
    a_busy_server_is_a_temporary_error,
    a_server_without_answer_is_given_up_in_half_a_minute,
}

fn mail(message: Message) -> Mail {
    Mail {
        id: "mail-1".to_owned(),
        to: Email::parse("ann@example.org").unwrap(),
        name: display_name("Ann \"Ä\" <eve@example.org>"),
        message,
    }
}

fn assigned() -> Message {
    let task = TaskNames {
        task_id: TaskId::new(9),
        task: title("Paint the fence"),
        project_id: ProjectId::new(7),
        project: project_name("House"),
    };
    Message::TaskAssigned { task, assigned_by: display_name("Zoë") }
}

fn invitation(token: SecretToken) -> Message {
    let (project, invited_by) = (project_name("House"), display_name("Zoë"));
    Message::Invitation { project, role: GrantedRole::Commenter, invited_by, token, page: None }
}

/// Each mail is sent to its receiver alone, and its text has what it is about.
async fn every_kind_of_mail_is_sent(ports: &Ports) {
    let token = || SecretToken::new("a-B_9".to_owned());
    let mut expected = 0;
    for (message, part) in [
        (Message::EmailVerification { token: token(), page: None }, "a-B_9"),
        (Message::PasswordReset { token: token(), page: None }, "a-B_9"),
        (invitation(token()), "a-B_9"),
        (invitation(token()), "House"),
        (invitation(token()), "Zoë"),
        (Message::Notice(Notice::PasswordChanged), ""),
        (Message::Notice(Notice::EmailChanged), ""),
        (Message::Notice(Notice::EmailChangeRequested), ""),
        (Message::Notice(Notice::SessionRevoked), ""),
        (assigned(), "Paint the fence"),
        (Message::WebhookEnded { project: project_name("House"), host: "receiver.example".to_owned() }, "House"),
        (Message::Digest { notices: vec![assigned()], more: 3, uncounted: true }, "Paint the fence"),
    ] {
        ports.mailer.send(mail(message)).await.unwrap();
        expected += 1;
        let accepted = ports.server.accepted().await;
        let (receiver, text) = accepted.last().unwrap();
        assert_eq!((accepted.len(), receiver.as_str()), (expected, "ann@example.org"));
        assert!(!text.is_empty() && text.contains(part), "{text}");
    }
}

async fn a_refused_receiver_is_a_permanent_error(ports: &Ports) {
    ports.server.refuse_receivers().await;
    let sent = ports.mailer.send(mail(assigned())).await;
    assert!(matches!(sent, Err(MailError::Permanent(_))), "{sent:?}");
    assert_eq!(ports.server.accepted().await, []);
}

async fn a_busy_server_is_a_temporary_error(ports: &Ports) {
    ports.server.be_busy().await;
    let sent = ports.mailer.send(mail(assigned())).await;
    assert!(matches!(sent, Err(MailError::Temporary(_))), "{sent:?}");
    assert_eq!(ports.server.accepted().await, []);
}

async fn a_server_without_answer_is_given_up_in_half_a_minute(ports: &Ports) {
    ports.server.stop_answering().await;
    let begun = Instant::now();
    let sent = ports.mailer.send(mail(assigned())).await;
    assert!(matches!(sent, Err(MailError::Temporary(_))), "{sent:?}");
    assert!(begun.elapsed() < Duration::from_secs(31));
}
