//! Email verification.

use fasttrack_testkit::smtp::{Received, Security, SmtpServer};
use fasttrack_tests::{Account, BARE, Client, Installation, PASSWORD, Request, Server, all, eventually, unique_email};
use serde_json::{Value, json};

const VERIFY: &str = "Verify your email address";

/// A server with an SMTP server that keeps its mails.
struct Post {
    smtp: SmtpServer,
    server: Server,
}

impl Post {
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

#[tokio::test]
async fn verification_token_verifies_address_once() {
    let post = Post::start();
    let client = post.server.anonymous();
    let ann = post.server.register().await;
    assert_eq!(me(&ann).await["email_verified"], false);
    let token = post.token(&ann.email, 1).await;
    assert_eq!(verify(&client, &token).accept(BARE).await.expect(200).body, "null");
    let after = me(&ann).await;
    assert_eq!((&after["email_verified"], &after["pending_email"]), (&json!(true), &Value::Null));
    verify(&client, &token).await.refused(400, "invalid_verification_token");
    assert_eq!(post.smtp.mails().len(), 1, "no welcome besides");
}

#[tokio::test]
async fn unknown_verification_tokens_and_wrong_bodies_are_refused() {
    let server = Server::shared();
    let client = server.anonymous();
    for unknown in ["", "token", &"x".repeat(43), &"é".repeat(5000)] {
        verify(&client, unknown).await.refused(400, "invalid_verification_token");
    }
    client.post("/auth/email/verify", json!({})).await.invalid(&["token"]);
    client.post("/auth/email/verify", json!({"token": 7})).await.invalid(&["token"]);
    client.post("/auth/email/verify", json!({"token": "x", "email": "a@b.org"})).await.invalid(&["email"]);
    client.post("/auth/email/verify/resend", json!({})).await.refused(401, "token_missing");
}

#[tokio::test]
async fn verification_token_ends_with_next_one_or_after_a_day() {
    let post = Post::start();
    let client = post.server.anonymous();
    let ann = post.server.register().await;
    let first = post.token(&ann.email, 1).await;
    assert_eq!(resend(&ann).await.expect(202).data(), Value::Null);
    let second = post.token(&ann.email, 2).await;
    verify(&client, &first).await.refused(400, "invalid_verification_token");
    let installation = post.server.installation();
    installation.sql(if installation.is_on_postgres() {
        "UPDATE email_verifications SET expires_at = expires_at - INTERVAL '24 hours'"
    } else {
        "UPDATE email_verifications SET expires_at = expires_at - 86400 * 1000000"
    });
    verify(&client, &second).await.refused(400, "invalid_verification_token");
    resend(&ann).await.expect(202);
    verify(&client, &post.token(&ann.email, 3).await).await.expect(200);
    // There is nothing left to prove.
    resend(&ann).await.expect(202);
    let bob = post.server.register().await;
    post.token(&bob.email, 1).await;
    assert_eq!(post.mails(&ann.email, VERIFY).len(), 3);
}

#[tokio::test]
async fn at_most_five_verification_mails_are_resent_a_day() {
    let post = Post::strict();
    let client = post.server.anonymous();
    let email = unique_email("flooded");
    post.register(&email).await;
    post.token(&email, 1).await;
    let mut last = String::new();
    for count in 2..=6 {
        log_in(&client, &email).await.refused(403, "email_unverified");
        last = post.token(&email, count).await;
    }
    for _ in 0..3 {
        for answer in all((0..10).map(|_| log_in(&client, &email))).await {
            answer.refused(403, "email_unverified");
        }
        // What came first was done first.
        let other = unique_email("other");
        post.register(&other).await;
        post.token(&other, 1).await;
    }
    assert_eq!(post.mails(&email, VERIFY).len(), 6);
    verify(&client, &last).await.expect(200);
    log_in(&client, &email).await.expect(200);
}

#[tokio::test]
async fn unverified_user_logs_in_only_where_verification_is_optional() {
    let post = Post::strict();
    let client = post.server.anonymous();
    let email = unique_email("unproven");
    post.register(&email).await;
    let wrong = json!({"email": email, "password": "not this one"});
    client.post("/auth/login", wrong).await.refused(401, "invalid_credentials");
    log_in(&client, &email).await.refused(403, "email_unverified");
    verify(&client, &post.token(&email, 2).await).await.expect(200);
    log_in(&client, &email).await.expect(200);
    // Who holds the machine needs no proof.
    post.server.admin().await;

    let lenient = Server::shared();
    lenient.register().await;
}

#[tokio::test]
async fn new_address_needs_verification_and_old_one_is_notified() {
    let post = Post::start();
    let client = post.server.anonymous();
    let ann = post.proven().await;
    let next = unique_email("next");
    let changed = ann.patch("/users/me", new_address(&next)).await.expect(200).data();
    assert_eq!(
        (&changed["email"], &changed["email_verified"], &changed["pending_email"]),
        (&json!(next), &json!(false), &Value::Null)
    );
    post.noticed(&ann.email, "Your email address was changed").await;
    log_in(&client, &next).await.expect(200);
    log_in(&client, &ann.email).await.refused(401, "invalid_credentials");
    verify(&client, &post.token(&next, 1).await).await.expect(200);
    assert_eq!(me(&ann).await["email_verified"], true);
}

#[tokio::test]
async fn verified_address_stays_until_new_one_is_verified() {
    let post = Post::strict();
    let client = post.server.anonymous();
    let ann = post.proven().await;
    let (first, next) = (unique_email("first"), unique_email("next"));
    ann.patch("/users/me", new_address(&first)).await.expect(200);
    let abandoned = post.token(&first, 1).await;
    let changed = ann.patch("/users/me", new_address(&next)).await.expect(200).data();
    assert_eq!(
        (&changed["email"], &changed["email_verified"], &changed["pending_email"]),
        (&json!(ann.email), &json!(true), &json!(next))
    );
    log_in(&client, &ann.email).await.expect(200);
    log_in(&client, &next).await.refused(401, "invalid_credentials");
    verify(&client, &abandoned).await.refused(400, "invalid_verification_token");
    eventually("the old address is told", async || {
        post.mails(&ann.email, "Your email address is to be changed").len() == 2
    })
    .await;

    verify(&client, &post.token(&next, 1).await).await.expect(200);
    log_in(&client, &next).await.expect(200);
    log_in(&client, &ann.email).await.refused(401, "invalid_credentials");
    let after = me(&ann).await;
    assert_eq!((&after["email"], &after["pending_email"]), (&json!(next), &Value::Null));
}

#[tokio::test]
async fn pending_address_registered_by_another_user_is_taken() {
    let post = Post::strict();
    let client = post.server.anonymous();
    let (ann, bob) = (post.proven().await, post.proven().await);
    ann.patch("/users/me", new_address(&bob.email)).await.refused(409, "email_taken");
    let next = unique_email("wanted");
    ann.patch("/users/me", new_address(&next)).await.expect(200);
    let token = post.token(&next, 1).await;
    post.register(&next).await;
    verify(&client, &token).await.refused(409, "email_taken");
    let after = me(&ann).await;
    assert_eq!((&after["email"], &after["pending_email"]), (&json!(ann.email), &json!(next)));
}

#[tokio::test]
async fn stolen_access_token_cannot_change_address() {
    let post = Post::start();
    let ann = post.proven().await;
    let thief = unique_email("thief");
    ann.patch("/users/me", json!({"email": thief})).await.invalid(&["current_password"]);
    let answer = ann.patch("/users/me", json!({"email": thief})).await;
    assert_eq!(answer.json()["error"]["details"][0]["code"], "required");
    let guess = json!({"email": thief, "current_password": "not this one"});
    ann.patch("/users/me", guess).await.refused(401, "invalid_credentials");
    assert_eq!(me(&ann).await["email"], json!(ann.email));
    // What isn't about the address needs no password.
    ann.patch("/users/me", json!({"display_name": "Anna", "email": ann.email})).await.expect(200);
}

#[tokio::test]
async fn owner_is_notified_once_of_each_security_event() {
    let post = Post::start();
    let ann = post.proven().await;
    let change = json!({"current_password": PASSWORD, "new_password": "another horse battery"});
    ann.post("/auth/password/change", change).await.expect(200);
    post.noticed(&ann.email, "Your password was changed").await;
    for _ in 0..3 {
        ann.post("/auth/refresh", json!({"refresh_token": ann.refresh_token})).await;
    }
    post.noticed(&ann.email, "One of your sessions was ended").await;
    let set = post.server.installation().command(["user", "set-password", "--email", &ann.email]);
    set.input(PASSWORD).run().await.succeeded();
    eventually("the reset is told", async || post.mails(&ann.email, "Your password was changed").len() == 2).await;
}

#[tokio::test]
async fn password_reset_verifies_address() {
    let post = Post::strict();
    let client = post.server.anonymous();
    let email = unique_email("forgetful");
    post.register(&email).await;
    client.post("/auth/password/forgot", json!({"email": email})).await.expect(202);
    let subject = "Choose a new password";
    eventually("the mail is there", async || !post.mails(&email, subject).is_empty()).await;
    let token = token(&post.mails(&email, subject)[0]);
    client.post("/auth/password/reset", json!({"token": token, "new_password": PASSWORD})).await.expect(200);
    let ann = Account::log_in(&client, &email, PASSWORD).await;
    assert_eq!(me(&ann).await["email_verified"], true);
}

#[tokio::test]
async fn verification_mail_links_to_configured_page() {
    let page = "https://app.example.org/verify?token={token}";
    let post = Post::of(|installation| installation.with("EMAIL_VERIFICATION_URL", page));
    let ann = post.server.register().await;
    eventually("the mail is there", async || !post.mails(&ann.email, VERIFY).is_empty()).await;
    let text = post.mails(&ann.email, VERIFY)[0].text();
    let link = text.lines().find_map(|line| line.strip_prefix("    ")).unwrap();
    verify(&ann, link.strip_prefix("https://app.example.org/verify?token=").unwrap()).await.expect(200);
}

#[tokio::test]
async fn verification_token_is_only_in_the_mail() {
    let post = Post::of(|installation| installation.with("RUST_LOG", "trace"));
    let ann = post.server.register().await;
    let token = post.token(&ann.email, 1).await;
    verify(&ann, &token).await.expect(200);
    if !post.server.installation().is_on_postgres() {
        for file in ["fasttrack.db", "fasttrack.db-wal"] {
            let bytes = std::fs::read(post.server.installation().path(file)).unwrap();
            assert!(!bytes.windows(token.len()).any(|part| part == token.as_bytes()), "{file}");
        }
    }
    assert!(!post.server.log().contains(&token));
}

#[tokio::test]
async fn equivalent_addresses_are_one_account() {
    let post = Post::start();
    let client = post.server.anonymous();
    for (written, shown, others) in [
        ("ΑΝΝΑΣ@example.org", "αννας@example.org", ["αννας@example.org", "αννασ@example.org"]),
        ("İrem@example.org", "i\u{307}rem@example.org", ["i\u{307}REM@example.org", "İREM@EXAMPLE.org"]),
        ("Straße@example.org", "straße@example.org", ["STRASSE@example.org", "straẞe@example.org"]),
        ("e\u{301}va@example.org", "éva@example.org", ["Éva@example.org", "E\u{301}VA@example.org"]),
        ("ann@Bücher.example", "ann@xn--bcher-kva.example", ["ann@xn--bcher-kva.example", "ann@bu\u{308}cher.EXAMPLE"]),
    ] {
        let body = json!({"email": written, "password": PASSWORD});
        let user = client.post("/auth/register", body).await.expect(201).data();
        assert_eq!(user["email"], shown);
        for other in others {
            log_in(&client, other).await.expect(200);
            let body = json!({"email": other, "password": PASSWORD});
            client.post("/auth/register", body).await.refused(409, "email_taken");
        }
    }
    verify(&client, &post.token("ann@xn--bcher-kva.example", 1).await).await.expect(200);
}

#[tokio::test]
async fn undeliverable_address_is_invalid() {
    let server = Server::shared();
    let client = server.anonymous();
    for wrong in
        ["\"a b\"@x.org", "\"ab\"@x.org", "ann@192.0.2.1", "a\u{200b}@x.org", "ann@a_b.org", "x@external.invalid"]
    {
        let body = json!({"email": wrong, "password": PASSWORD});
        client.post("/auth/register", body.clone()).await.invalid(&["email"]);
        client.post("/api/auth/signup", body).accept(fasttrack_tests::ENVELOPE).await.invalid(&["email"]);
        client.post("/auth/password/forgot", json!({"email": wrong})).await.invalid(&["email"]);
        // A login says only whether it worked.
        log_in(&client, wrong).await.refused(401, "invalid_credentials");
    }
}
