//! The mail that servers send.

use crate::{Installation, eventually};
use fasttrack_testkit::smtp::{Received, Security, SmtpServer};

/// The subject of the mail that follows a registration.
const VERIFICATION: &str = "Verify your email address";

/// An SMTP server that keeps its mails.
#[derive(Debug)]
pub struct Mailbox {
    smtp: SmtpServer,
}

impl Mailbox {
    pub fn start() -> Self {
        Self { smtp: SmtpServer::start(Security::None) }
    }

    /// Configures an installation to send its mails here.
    pub fn receiving(&self, installation: Installation) -> Installation {
        installation.with("SMTP_URL", self.smtp.url())
    }

    /// Returns the mails to an address, except for those that verify it.
    pub fn mails(&self, to: &str) -> Vec<Received> {
        let mails = self.smtp.mails().into_iter();
        mails.filter(|mail| mail.to == [to] && mail.subject() != VERIFICATION).collect()
    }

    /// Waits until an address has `count` mails, and returns them.
    ///
    /// # Panics
    ///
    /// If it has more.
    pub async fn wait_for(&self, to: &str, count: usize) -> Vec<Received> {
        eventually(&format!("{count} mails for {to}"), async || self.mails(to).len() >= count).await;
        let mails = self.mails(to);
        assert_eq!(mails.len(), count, "{mails:#?}");
        mails
    }

    /// Waits until an address has `count` mails, and returns the token in the last one, which stands on a line of its
    /// own.
    ///
    /// # Panics
    ///
    /// If it has more mails, or the last one has no token.
    pub async fn token(&self, to: &str, count: usize) -> String {
        let text = self.wait_for(to, count).await.pop().unwrap().text();
        let token = text.lines().filter_map(|line| line.strip_prefix("    ")).find(|line| line.len() == 43);
        token.unwrap_or_else(|| panic!("{text}")).to_owned()
    }

    /// Refuses every mail with this code.
    pub fn refuse(&self, code: u16) {
        self.smtp.refuse(code);
    }

    /// Accepts mails again.
    pub fn accept(&self) {
        self.smtp.accept();
    }
}
