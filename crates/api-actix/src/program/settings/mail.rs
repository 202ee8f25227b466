//! How mail is sent, and where its links lead.

use super::source::Source;
use crate::program::wiring::types::{Sender, SmtpUrl};
use fasttrack_domain::mail::TokenPage;

/// Fit for a mail server of one's own; others demand an address of theirs.
const DEFAULT_SENDER: &str = "fasttrack <fasttrack@localhost>";

/// Settings of mail.
#[derive(Debug)]
pub struct Mail {
    /// The server that mail is handed to; `None`: mail is only logged.
    pub smtp_url: Option<SmtpUrl>,
    /// Sender of every mail; `None` only where the setting is at fault.
    pub from: Option<Sender>,
    /// Whether mail that is only logged is logged with its text.
    pub log_body: bool,
    /// Page for a new password; `None`: mails contain the token alone.
    pub reset_page: Option<TokenPage>,
    /// Page that verifies an email address; `None`: mails contain the token alone.
    pub verification_page: Option<TokenPage>,
    /// Page on which an invitation is accepted; `None`: mails contain the token alone.
    pub invitation_page: Option<TokenPage>,
}

impl Mail {
    pub(super) fn read(source: &mut Source<'_>) -> Self {
        source.group("Mail");
        let smtp_url = source
            .setting(
                "SMTP_URL",
                "Mail server, like smtp://user:password@host:587?tls=required (STARTTLS) or smtps://user:password@host \
                 (TLS)",
            )
            .value_name("URL")
            .default_is("mail is only logged")
            .example("smtps://user:password@mail.example.org")
            .parsed();
        let from = source
            .setting("MAIL_FROM", "Sender of mail, like `Name <address>`")
            .value_name("SENDER")
            .example("fasttrack <tasks@example.org>")
            .parsed_or(DEFAULT_SENDER);
        let log_body = source
            .setting("MAIL_LOG_BODY", "Whether mail that is only logged is logged with its text, secrets included")
            .flag(false);
        let mut page = |name, help, example| {
            let setting = source.setting(name, help).value_name("URL").example(example);
            setting.default_is("mails contain the token alone").parsed()
        };
        Self {
            smtp_url,
            from,
            log_body,
            reset_page: page(
                "PASSWORD_RESET_URL",
                "Page on which a forgotten password is replaced; {token} stands for the token",
                "https://app.example.org/reset?token={token}",
            ),
            verification_page: page(
                "EMAIL_VERIFICATION_URL",
                "Page on which an email address is verified; {token} stands for the token",
                "https://app.example.org/verify?token={token}",
            ),
            invitation_page: page(
                "INVITATION_URL",
                "Page on which an invitation to a project is accepted; {token} stands for the token",
                "https://app.example.org/invitation?token={token}",
            ),
        }
    }
}
