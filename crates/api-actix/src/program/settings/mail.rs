//! Settings of mail.

use clap::Args;

/// The settings as they are given.
#[derive(Args, Clone, Default)]
#[command(next_help_heading = "Mail")]
#[expect(clippy::doc_markdown, reason = "the texts are shown in a terminal, by --help")]
pub struct RawMail {
    /// Where to hand over mail: smtp://user:password@host:587?tls=required (STARTTLS) or smtps://user:password@host (TLS) [default: mail is only logged]
    #[arg(long, env, value_name = "URL")]
    pub(super) smtp_url: Option<String>,
    /// Who mail is from, like `Name <address>` [default: `fasttrack <fasttrack@localhost>`]
    #[arg(long, env, value_name = "SENDER")]
    pub(super) mail_from: Option<String>,
    /// Whether mail that is only logged is logged with its text, secrets included: true or false [default: false]
    #[arg(long, env, value_name = "BOOL")]
    pub(super) mail_log_body: Option<String>,
    /// Page on which a forgotten password is replaced, like `https://app.example.org/reset?token={token}` [default: mails hold the token alone]
    #[arg(long, env, value_name = "URL")]
    pub(super) password_reset_url: Option<String>,
    /// Page on which an email address is verified, like `https://app.example.org/verify?token={token}` [default: mails hold the token alone]
    #[arg(long, env, value_name = "URL")]
    pub(super) email_verification_url: Option<String>,
}
