//! Addresses of accounts: verification, change and form.

mod change;
mod form;
mod verification;

use fasttrack_testkit::smtp::{Received, Security, SmtpServer};
use fasttrack_tests::{Account, Client, Installation, PASSWORD, Request, Server, eventually, unique_email};
use serde_json::{Value, json};

const VERIFY: &str = "Verify your email address";

/// A server with an SMTP server that keeps its mails.
struct MailSetup {
    smtp: SmtpServer,
    server: Server,
}

impl MailSetup {
    fn start() -> Self {
        Self::of(|installation| installation)
    }

    /// Requires email verification.
    fn strict() -> Self {
        Self::of(|installation| installation.with("REQUIRE_VERIFIED_EMAIL", "true"))
    }

    fn of(adjust: impl FnOnce(Installation) -> Installation) -> Self {
        let smtp = SmtpServer::start(Security::None);
        let server = adjust(Installation::new().with("SMTP_URL", smtp.url())).start();
        Self { smtp, server }
    }

    fn mails(&self, to: &str, subject: &str) -> Vec<Received> {
        let mails = self.smtp.mails().into_iter();
        mails.filter(|mail| mail.to == [to] && mail.subject() == subject).collect()
    }

    /// Waits for `count` verification mails and returns the token of the last one.
    async fn token(&self, to: &str, count: usize) -> String {
        eventually(&format!("{count} mails for {to}"), async || self.mails(to, VERIFY).len() >= count).await;
        let mails = self.mails(to, VERIFY);
        assert_eq!(mails.len(), count, "{mails:#?}");
        token(mails.last().unwrap())
    }

    /// Waits for the mail with this subject; fails if there are several.
    async fn noticed(&self, to: &str, subject: &str) {
        eventually(&format!("{subject}: {to}"), async || !self.mails(to, subject).is_empty()).await;
        assert_eq!(self.mails(to, subject).len(), 1);
    }

    /// Registers without logging in.
    async fn register(&self, email: &str) {
        let body = json!({"email": email, "password": PASSWORD});
        self.server.anonymous().post("/auth/register", body).await.expect(201);
    }

    /// Registers a user, verifies the address and logs in.
    async fn proven(&self) -> Account {
        let email = unique_email("proven");
        self.register(&email).await;
        let client = self.server.anonymous();
        verify(&client, &self.token(&email, 1).await).await.expect(200);
        Account::log_in(&client, &email, PASSWORD).await
    }
}

/// The token in a mail, which stands on a line of its own.
fn token(mail: &Received) -> String {
    let text = mail.text();
    let [token] = text.lines().filter_map(|line| line.strip_prefix("    ")).collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(token.len(), 43, "256 bits: {text}");
    token.to_owned()
}

fn verify(client: &Client, token: &str) -> Request {
    client.post("/auth/email/verify", json!({"token": token}))
}

fn resend(account: &Account) -> Request {
    account.post("/auth/email/verify/resend", json!({}))
}

fn log_in(client: &Client, email: &str) -> Request {
    client.post("/auth/login", json!({"email": email, "password": PASSWORD}))
}

fn new_address(email: &str) -> Value {
    json!({"email": email, "current_password": PASSWORD})
}

async fn me(account: &Account) -> Value {
    account.get("/auth/me").await.expect(200).data()
}
