//! Password resets by mail.

use fasttrack_testkit::smtp::{Received, Security, SmtpServer};
use fasttrack_tests::{
    Account, Answer, BARE, Client, Installation, PASSWORD, Request, Server, all, eventually, unique_email,
};
use serde_json::{Value, json};

const ANOTHER: &str = "another horse battery";

/// A server with an SMTP server that keeps its mails.
struct Post {
    smtp: SmtpServer,
    server: Server,
}

impl Post {
    fn start() -> Self {
        Self::of(|installation| installation)
    }

    fn of(adjust: impl FnOnce(Installation) -> Installation) -> Self {
        let smtp = SmtpServer::start(Security::None);
        let server = adjust(Installation::new().with("SMTP_URL", smtp.url())).start();
        Self { smtp, server }
    }

    /// The reset mails to this address.
    fn mails(&self, to: &str) -> Vec<Received> {
        let resets = self.smtp.mails().into_iter();
        resets.filter(|mail| mail.to == [to] && mail.subject() == "Choose a new password").collect()
    }

    /// Requests a reset and returns the token in the mail.
    async fn token(&self, email: &str) -> String {
        let before = self.mails(email).len();
        forgot(&self.server.anonymous(), email).await.expect(202);
        eventually("the mail is there", async || self.mails(email).len() > before).await;
        token(self.mails(email).last().unwrap())
    }
}

/// The token in a mail, which stands on a line of its own.
fn token(mail: &Received) -> String {
    let text = mail.text();
    let [token] = text.lines().filter_map(|line| line.strip_prefix("    ")).collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(token.len(), 43, "256 bits: {text}");
    token.to_owned()
}

fn forgot(client: &Client, email: &str) -> Request {
    client.post("/auth/password/forgot", json!({"email": email}))
}

fn reset(client: &Client, token: &str, password: &str) -> Request {
    client.post("/auth/password/reset", json!({"token": token, "new_password": password}))
}

async fn exchange(client: &Client, token: &str) -> Answer {
    client.post("/auth/refresh", json!({"refresh_token": token})).await
}

#[tokio::test]
async fn reset_sets_password_and_ends_every_session() {
    let post = Post::start();
    let client = post.server.anonymous();
    let (ann, bob) = (post.server.register().await, post.server.register().await);
    let sessions = [ann.log_in_again().await, ann.clone()];
    let mut socket = ann.follow(0).await;
    let token_of_ann = ann.api_token(json!({"scopes": ["tasks:read"]})).await;
    token_of_ann.get("/tasks").await.expect(200);
    assert_eq!(forgot(&client, &format!(" {} ", ann.email.to_uppercase())).await.expect(202).data(), Value::Null);
    eventually("the mail is there", async || !post.mails(&ann.email).is_empty()).await;
    let token = token(&post.mails(&ann.email)[0]);
    // Until then everything stays as it is.
    ann.get("/auth/me").await.expect(200);
    ann.log_in_again().await;

    assert_eq!(reset(&client, &token, ANOTHER).accept(BARE).await.expect(200).body, "null");
    for session in sessions {
        session.get("/auth/me").await.refused(401, "token_revoked");
        exchange(&session, &session.refresh_token).await.refused(401, "invalid_refresh_token");
    }
    assert_eq!(socket.closed().await, Some(4401));
    token_of_ann.get("/tasks").await.refused(401, "token_revoked");
    let old = json!({"email": ann.email, "password": PASSWORD});
    client.post("/auth/login", old).await.refused(401, "invalid_credentials");
    let ann = Account::log_in(&client, &ann.email, ANOTHER).await;
    assert_eq!(ann.get("/auth/sessions").await.expect(200).items().len(), 1);
    assert_eq!(ann.get("/auth/tokens").await.expect(200).items(), Vec::<Value>::new());
    bob.get("/auth/me").await.expect(200);

    reset(&client, &token, PASSWORD).await.refused(400, "invalid_reset_token");
    ann.get("/auth/me").await.expect(200);
}

#[tokio::test]
async fn forgot_password_reveals_no_account() {
    let post = Post::start();
    let client = post.server.anonymous();
    let (ann, gone, admin) = (post.server.register().await, post.server.register().await, post.server.admin().await);
    let former = post.token(&gone.email).await;
    admin.patch(format!("/users/{}", gone.id), json!({"is_active": false})).await.expect(200);
    let unknown = unique_email("unknown");
    let answers =
        [forgot(&client, &unknown).await, forgot(&client, &gone.email).await, forgot(&client, &ann.email).await];
    let shown = answers.map(|answer| {
        let answer = answer.expect(202);
        let names: Vec<_> = answer.headers.keys().cloned().collect();
        (answer.json()["data"].clone(), answer.body.len(), names)
    });
    assert!(shown[0] == shown[1] && shown[1] == shown[2], "{shown:#?}");

    eventually("the mail is there", async || !post.mails(&ann.email).is_empty()).await;
    // What came first was done first.
    post.token(&ann.email).await;
    assert_eq!((post.mails(&unknown).len(), post.mails(&gone.email).len()), (0, 1));
    reset(&client, &former, ANOTHER).await.refused(400, "invalid_reset_token");
    admin.patch(format!("/users/{}", gone.id), json!({"is_active": true})).await.expect(200);
    reset(&client, &former, ANOTHER).await.refused(400, "invalid_reset_token");
    let log = post.server.log();
    assert!(!log.contains(&unknown) && !log.contains(&ann.email), "{log}");
}

#[tokio::test]
async fn invalid_reset_body_is_refused() {
    let server = Server::shared();
    let client = server.anonymous();
    for wrong in [json!("ann"), json!(""), json!("a\0b@example.org"), Value::Null, json!(7)] {
        client.post("/auth/password/forgot", json!({"email": wrong})).await.invalid(&["email"]);
    }
    client.post("/auth/password/forgot", json!({})).await.invalid(&["email"]);
    let foreign = json!({"email": unique_email("x"), "url": "https://evil.example"});
    client.post("/auth/password/forgot", foreign).await.invalid(&["url"]);

    for wrong in ["sesame", &"x".repeat(129), "sesame\0sesame"] {
        reset(&client, "token", wrong).await.invalid(&["new_password"]);
    }
    client.post("/auth/password/reset", json!({})).await.invalid(&["token", "new_password"]);
    client.post("/auth/password/reset", json!({"token": 7, "new_password": ANOTHER})).await.invalid(&["token"]);
    for unknown in ["", "token", &"x".repeat(43), &"é".repeat(5000)] {
        reset(&client, unknown, ANOTHER).await.refused(400, "invalid_reset_token");
    }
}

#[tokio::test]
async fn reset_token_ends_with_next_one_or_account_change() {
    let post = Post::start();
    let client = post.server.anonymous();
    let ann = post.server.register().await;
    let first = post.token(&ann.email).await;
    let second = post.token(&ann.email).await;
    reset(&client, &first, ANOTHER).await.refused(400, "invalid_reset_token");
    reset(&client, &second, ANOTHER).await.expect(200);

    let ann = Account::log_in(&client, &ann.email, ANOTHER).await;
    let token = post.token(&ann.email).await;
    let change = json!({"current_password": ANOTHER, "new_password": PASSWORD});
    ann.post("/auth/password/change", change).await.expect(200);
    reset(&client, &token, ANOTHER).await.refused(400, "invalid_reset_token");

    let token = post.token(&ann.email).await;
    let set = post.server.installation().command(["user", "set-password", "--email", &ann.email]);
    set.input(PASSWORD).run().await.succeeded();
    reset(&client, &token, ANOTHER).await.refused(400, "invalid_reset_token");

    let token = post.token(&ann.email).await;
    let ann = Account::log_in(&client, &ann.email, PASSWORD).await;
    ann.patch("/users/me", json!({"email": unique_email("moved"), "current_password": PASSWORD})).await.expect(200);
    reset(&client, &token, ANOTHER).await.refused(400, "invalid_reset_token");
    ann.get("/auth/me").await.expect(200);
}

#[tokio::test]
async fn reset_token_expires() {
    let post = Post::start();
    let ann = post.server.register().await;
    let token = post.token(&ann.email).await;
    let installation = post.server.installation();
    // Half an hour later.
    installation.sql(if installation.is_on_postgres() {
        "UPDATE password_resets SET expires_at = expires_at - INTERVAL '30 minutes'"
    } else {
        "UPDATE password_resets SET expires_at = expires_at - 1800 * 1000000"
    });
    reset(&ann, &token, ANOTHER).await.refused(400, "invalid_reset_token");
    ann.get("/auth/me").await.expect(200);
}

#[tokio::test]
async fn one_of_concurrent_resets_succeeds() {
    let post = Post::start();
    let client = post.server.anonymous();
    let ann = post.server.register().await;
    let token = post.token(&ann.email).await;
    let requests = (0..20).map(|n| {
        let (password, request) = (format!("{ANOTHER} {n}"), reset(&client, &token, &format!("{ANOTHER} {n}")));
        Box::pin(async move { (request.await, password) })
    });
    let (won, lost): (Vec<_>, Vec<_>) = all(requests).await.into_iter().partition(|(answer, _)| answer.status == 200);
    assert_eq!((won.len(), lost.len()), (1, 19));
    for (answer, _) in lost {
        answer.refused(400, "invalid_reset_token");
    }
    Account::log_in(&client, &ann.email, &won[0].1).await;
}

#[tokio::test]
async fn reset_mails_per_address_are_limited() {
    let post = Post::start();
    let client = post.server.anonymous();
    let (ann, bob) = (post.server.register().await, post.server.register().await);
    let mut last = String::new();
    for _ in 0..5 {
        last = post.token(&ann.email).await;
    }
    for _ in 0..3 {
        for answer in all((0..20).map(|_| forgot(&client, &ann.email))).await {
            answer.expect(202);
        }
        // What came first was done first.
        post.token(&bob.email).await;
    }
    assert_eq!(post.mails(&ann.email).len(), 5);
    reset(&client, &last, ANOTHER).await.expect(200);
    post.token(&ann.email).await;
}

#[tokio::test]
async fn reset_token_is_only_in_the_mail() {
    let post = Post::of(|installation| installation.with("RUST_LOG", "trace"));
    let ann = post.server.register().await;
    let token = post.token(&ann.email).await;
    reset(&ann, &token, ANOTHER).await.expect(200);
    if !post.server.installation().is_on_postgres() {
        for file in ["fasttrack.db", "fasttrack.db-wal"] {
            let bytes = std::fs::read(post.server.installation().path(file)).unwrap();
            assert!(!bytes.windows(token.len()).any(|part| part == token.as_bytes()), "{file}");
        }
    }
    let log = post.server.log();
    for line in log.lines() {
        assert!(!line.contains(&token) && !line.contains(ANOTHER), "{line}");
    }
}

#[tokio::test]
async fn reset_mail_links_to_configured_page() {
    let page = "https://app.example.org/reset?lang=en&token={token}";
    let post = Post::of(|installation| installation.with("PASSWORD_RESET_URL", page));
    let ann = post.server.register().await;
    forgot(&ann, &ann.email).await.expect(202);
    eventually("the mail is there", async || !post.mails(&ann.email).is_empty()).await;
    let mail = &post.mails(&ann.email)[0];
    let text = mail.text();
    let link = text.lines().find_map(|line| line.strip_prefix("    ")).unwrap();
    let token = link.strip_prefix("https://app.example.org/reset?lang=en&token=").unwrap();
    let href = link.replace('&', "&#38;");
    assert!(mail.html().contains(&format!("<a href=\"{href}\">{href}</a>")), "{}", mail.html());
    reset(&ann, token, ANOTHER).await.expect(200);
}
