//! Sends mails by an SMTP server (RFC 5321).

use super::{
    quote,
    render::RenderedMail,
    sender::Sender,
    url::{Security, SmtpUrl},
};
use async_trait::async_trait;
use fasttrack_domain::{
    email::Email,
    mail::Mail,
    ports::mail::{MailError, Mailer},
};
use lettre::{
    Address, Message,
    address::AddressError,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{
        self,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        commands,
        extension::{ClientId, Extension, MailBodyParameter, MailParameter},
    },
};
use std::time::Duration;
use tokio::time::timeout;

/// The timeouts of an SMTP server.
#[derive(Clone, Copy, Debug)]
pub struct SmtpTimeouts {
    /// The timeout of connecting, and of each reply.
    pub reply: Duration,
    /// The timeout of a whole mail.
    pub total: Duration,
}

impl Default for SmtpTimeouts {
    fn default() -> Self {
        Self { reply: Duration::from_secs(10), total: Duration::from_secs(30) }
    }
}

/// The timeout of `QUIT`, which is short as the mail has been accepted.
const QUIT_TIMEOUT: Duration = Duration::from_secs(1);

/// The trusted certificates can't be loaded.
#[derive(Debug, thiserror::Error)]
#[error("TLS for mail can't be set up: {0}")]
pub struct TlsError(#[source] smtp::Error);

// @spec SPEC-011
/// Sends each mail over a new connection: mails are rare, and an idle connection may be dead.
pub struct SmtpMailer {
    url: SmtpUrl,
    /// Absent for an unencrypted connection.
    tls: Option<TlsParameters>,
    sender: Sender,
    /// The name in `EHLO`: the sender's domain, as this machine may have no public name.
    hello: ClientId,
    timeouts: SmtpTimeouts,
}

/// Why the server did not accept a mail.
#[derive(Debug, thiserror::Error)]
enum SmtpFailure {
    #[error(transparent)]
    Smtp(#[from] smtp::Error),
    #[error("no answer for {0:?}")]
    Timeout(Duration),
    #[error("the server takes no addresses beyond ASCII")]
    NoSmtpUtf8,
}

impl SmtpMailer {
    /// Creates a mailer from `sender` through the server at `url`. The server's certificate must be issued by an
    /// authority that the operating system trusts.
    pub fn new(url: SmtpUrl, sender: Sender) -> Result<Self, TlsError> {
        Self::build(url, sender, None)
    }

    /// Creates a mailer that also trusts this authority's certificate.
    pub fn with_root_certificate(url: SmtpUrl, sender: Sender, root_pem: &str) -> Result<Self, TlsError> {
        let root = Certificate::from_pem(root_pem.as_bytes()).map_err(TlsError)?;
        Self::build(url, sender, Some(root))
    }

    fn build(url: SmtpUrl, sender: Sender, root: Option<Certificate>) -> Result<Self, TlsError> {
        let tls = match url.security {
            Security::Plain => None,
            Security::StartTls | Security::Tls => {
                let mut parameters = TlsParameters::builder(url.host.clone());
                if let Some(root) = root {
                    parameters = parameters.add_root_certificate(root);
                }
                Some(parameters.build().map_err(TlsError)?)
            }
        };
        let hello = ClientId::Domain(sender.address().domain().to_owned());
        Ok(Self { url, tls, sender, hello, timeouts: SmtpTimeouts::default() })
    }

    #[must_use]
    pub fn with_timeouts(self, timeouts: SmtpTimeouts) -> Self {
        Self { timeouts, ..self }
    }

    fn compose(&self, mail: &Mail, to: Address) -> Result<Vec<u8>, MailError> {
        let RenderedMail { subject, text, html } = RenderedMail::render(mail).map_err(permanent)?;
        let id = format!("<{}@{}>", mail.id, self.sender.address().domain());
        let message = Message::builder()
            .from(self.sender.mailbox().clone())
            .to(Mailbox::new(Some(quote::name(mail.name.as_str())), to))
            .subject(subject)
            .message_id(Some(id))
            // RFC 3834: the header prevents automatic replies.
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
            .multipart(MultiPart::alternative_plain_html(text, html))
            .map_err(permanent)?;
        Ok(message.formatted())
    }

    async fn step<T>(&self, answer: impl Future<Output = Result<T, smtp::Error>>) -> Result<T, SmtpFailure> {
        let limit = self.timeouts.reply;
        Ok(timeout(limit, answer).await.map_err(|_| SmtpFailure::Timeout(limit))??)
    }

    /// Connects, encrypts and authenticates as the URL says.
    async fn connect(&self) -> Result<AsyncSmtpConnection, SmtpFailure> {
        let SmtpUrl { host, port, security, credentials } = &self.url;
        let implicit = self.tls.clone().filter(|_| *security == Security::Tls);
        // The host may have a second address that answers.
        let per_address = Some(self.timeouts.reply / 2);
        let server = (host.as_str(), *port);
        let connection = AsyncSmtpConnection::connect_tokio1(server, per_address, &self.hello, implicit, None);
        let mut connection = self.step(connection).await?;
        if let (Security::StartTls, Some(tls)) = (security, &self.tls) {
            self.step(connection.starttls(tls.clone(), &self.hello)).await?;
        }
        if let Some((user, password)) = credentials {
            let credentials = Credentials::new(user.clone(), password.clone());
            self.step(connection.auth(DEFAULT_MECHANISMS, &credentials)).await?;
        }
        Ok(connection)
    }

    async fn deliver(&self, to: Address, message: &[u8]) -> Result<AsyncSmtpConnection, MailError> {
        let mut connection = self.connect().await.map_err(temporary)?;
        let mut parameters = Vec::new();
        if !is_ascii(&to) {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                return Err(permanent(SmtpFailure::NoSmtpUtf8));
            }
            parameters = vec![MailParameter::SmtpUtfEight, MailParameter::Body(MailBodyParameter::EightBitMime)];
        }
        // An operator can correct a refused sender, so that the failure is temporary.
        let from = commands::Mail::new(Some(self.sender.address().clone()), parameters);
        self.step(connection.command(from)).await.map_err(temporary)?;
        self.step(connection.command(commands::Rcpt::new(to, Vec::new()))).await.map_err(refusal)?;
        self.step(connection.command(commands::Data)).await.map_err(refusal)?;
        self.step(connection.message(message)).await.map_err(refusal)?;
        Ok(connection)
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        let to = address(&mail.to).map_err(permanent)?;
        let message = self.compose(&mail, to.clone())?;
        let limit = self.timeouts.total;
        let mut connection =
            timeout(limit, self.deliver(to, &message)).await.map_err(|_| temporary(SmtpFailure::Timeout(limit)))??;
        timeout(QUIT_TIMEOUT, connection.quit()).await.ok();
        Ok(())
    }
}

/// Converts without validation: the domain of an [`Email`] is ASCII, and its rules are stricter than lettre's, which
/// refuses combining characters.
fn address(email: &Email) -> Result<Address, AddressError> {
    let (local, domain) = email.as_str().rsplit_once('@').ok_or(AddressError::MissingParts)?;
    // The address is older than the present rules.
    if local.contains(['"', '<', '>', ' ']) || !domain.is_ascii() {
        return email.as_str().parse();
    }
    Ok(Address::new_dangerous(local, domain))
}

fn is_ascii(address: &Address) -> bool {
    AsRef::<str>::as_ref(address).is_ascii()
}

fn temporary(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> MailError {
    MailError::Temporary(error.into())
}

fn permanent(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> MailError {
    MailError::Permanent(error.into())
}

/// Classifies the server's reply to the recipient or the mail.
fn refusal(failure: SmtpFailure) -> MailError {
    match &failure {
        // RFC 4954 section 6: with these codes the server demands authentication or encryption, which an operator can
        // set up.
        SmtpFailure::Smtp(error) if error.is_permanent() && !matches!(code(error), 530 | 535 | 538) => {
            permanent(failure)
        }
        SmtpFailure::Smtp(_) | SmtpFailure::Timeout(_) | SmtpFailure::NoSmtpUtf8 => temporary(failure),
    }
}

fn code(error: &smtp::Error) -> u16 {
    error.status().map_or(0, u16::from)
}
