//! A mailer for development, which sends nothing.

use super::render::RenderedMail;
use async_trait::async_trait;
use fasttrack_domain::{
    mail::Mail,
    ports::mail::{MailError, Mailer},
};

/// Writes recipient and subject of mails to the log instead of sending them, so that no secret is logged.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogMailer {
    log_body: bool,
}

impl LogMailer {
    /// With `log_body`, the text is logged too, including password reset tokens: for development only.
    pub fn new(log_body: bool) -> Self {
        Self { log_body }
    }
}

#[async_trait]
impl Mailer for LogMailer {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        let RenderedMail { subject, text, .. } =
            RenderedMail::render(&mail).map_err(|error| MailError::Permanent(error.into()))?;
        let to = mail.to;
        if self.log_body {
            tracing::info!(%to, subject, body = text, "a mail is not sent: SMTP_URL is not set");
        } else {
            tracing::info!(%to, subject, "a mail is not sent: SMTP_URL is not set");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fasttrack_domain::{email::Email, mail::Message, text::DisplayName, token::SecretToken};
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    async fn logged(log_body: bool) -> String {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || writer.clone())
            .finish();
        let guard = tracing::subscriber::set_default(subscriber);
        let mail = Mail {
            id: "job-1".to_owned(),
            to: Email::parse("ann@example.org").unwrap(),
            name: DisplayName::cut("Ann").unwrap(),
            message: Message::PasswordReset { token: SecretToken::new("s3cret".to_owned()), page: None },
        };
        LogMailer::new(log_body).send(mail).await.unwrap();
        drop(guard);
        let bytes = log.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[tokio::test]
    async fn mail_text_is_logged_only_if_enabled() {
        let discreet = logged(false).await;
        assert!(discreet.contains("ann@example.org") && discreet.contains("Choose a new password"), "{discreet}");
        assert!(!discreet.contains("s3cret"), "{discreet}");
        assert!(logged(true).await.contains("s3cret"));
    }
}
