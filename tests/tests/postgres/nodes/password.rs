//! Changes to sessions and passwords apply on all nodes.

use super::{on, two};
use fasttrack_testkit::smtp::{Security, SmtpServer};
use fasttrack_tests::{Account, Installation, PASSWORD, SOON, Server, all, eventually};
use serde_json::{Value, json};
use std::time::Instant;

const ANOTHER: &str = "another horse battery";

/// Waits until another node refuses the session's tokens; fails if that takes too long.
async fn heard(what: &str, elsewhere: &Account) {
    let begin = Instant::now();
    eventually(what, async || elsewhere.get("/auth/me").await.status == 401).await;
    assert!(begin.elapsed() < SOON, "{what}: heard after {:?}", begin.elapsed());
    elsewhere.get("/auth/me").await.refused(401, "token_revoked");
    let refresh = json!({"refresh_token": elsewhere.refresh_token});
    elsewhere.post("/auth/refresh", refresh).await.refused(401, "invalid_refresh_token");
}

/// Returns the id of the current session, as `/auth/sessions` lists it.
async fn session(account: &Account) -> Value {
    let sessions = account.get("/auth/sessions").await.expect(200).items();
    sessions.into_iter().find(|session| session["current"] == true).unwrap()["id"].clone()
}

#[tokio::test]
async fn revoked_session_ends_on_the_other_node() {
    let [here, there] = two();
    let ann = here.register().await;
    let phone = on(&there, &ann.log_in_again().await).await;
    let mut socket = phone.follow(0).await;
    ann.delete(format!("/auth/sessions/{}", session(&phone).await)).await.expect(204);
    heard("a revoked session", &phone).await;
    assert_eq!(socket.closed().await, Some(4401));
    on(&there, &ann).await.get("/auth/me").await.expect(200);
}

#[tokio::test]
async fn password_change_ends_sessions_on_the_other_node() {
    let [here, there] = two();
    let ann = here.register().await;
    let mut phones = Vec::new();
    for _ in 0..5 {
        phones.push(on(&there, &ann.log_in_again().await).await);
    }
    let change = json!({"current_password": PASSWORD, "new_password": ANOTHER});
    ann.post("/auth/password/change", change).await.expect(200);
    for phone in &phones {
        heard("a changed password", phone).await;
    }
    on(&there, &ann).await.get("/auth/me").await.expect(200);
    Account::log_in(&there.anonymous(), &ann.email, ANOTHER).await;
}

#[tokio::test]
async fn one_of_concurrent_password_changes_on_two_nodes_succeeds() {
    let [here, there] = two();
    let ann = here.register().await;
    let mut sessions = Vec::new();
    for n in 0..8 {
        sessions.push(on([&here, &there][n % 2], &ann.log_in_again().await).await);
    }
    let change = |(n, session): (usize, &Account)| {
        let body = json!({"current_password": PASSWORD, "new_password": format!("{ANOTHER} {n}")});
        session.post("/auth/password/change", body)
    };
    let answers = all(sessions.iter().enumerate().map(change)).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((won.len(), lost.len()), (1, 7));
    assert!(lost.iter().all(|answer| answer.status == 401), "{lost:#?}");
    eventually("one session is left", async || {
        let mut left = 0;
        for session in &sessions {
            left += usize::from(session.get("/auth/me").await.status == 200);
        }
        left == 1
    })
    .await;
}

#[tokio::test]
async fn reset_token_is_mailed_and_used_once_across_nodes() {
    let smtp = SmtpServer::start(Security::None);
    let installation = Installation::new().with("SMTP_URL", smtp.url());
    let nodes: [Server; 2] = [installation.start(), installation.start()];
    let ann = nodes[0].register().await;
    let phone = on(&nodes[1], &ann).await;
    let clients = [nodes[0].anonymous(), nodes[1].anonymous()];
    let forgot = |n: usize| clients[n % 2].post("/auth/password/forgot", json!({"email": ann.email}));
    for answer in all((0..4).map(forgot)).await {
        answer.expect(202);
    }
    let mails = || {
        let mails = smtp.mails().into_iter();
        mails.filter(|mail| mail.to == [ann.email.as_str()] && mail.subject() == "Choose a new password")
    };
    eventually("the last token is there", async || {
        let Some(mail) = mails().next_back() else { return false };
        let text = mail.text();
        let token = text.lines().find_map(|line| line.strip_prefix("    ")).unwrap().to_owned();
        let reset =
            |n: usize| clients[n % 2].post("/auth/password/reset", json!({"token": token, "new_password": ANOTHER}));
        let answers = all((0..20).map(reset)).await;
        let won = answers.iter().filter(|answer| answer.status == 200).count();
        assert!(won <= 1 && answers.iter().all(|answer| [200, 400].contains(&answer.status)), "{answers:#?}");
        won == 1
    })
    .await;
    assert!((1..=4).contains(&mails().count()));
    for session in [&ann, &phone] {
        heard("a reset", session).await;
    }
    Account::log_in(&clients[1], &ann.email, ANOTHER).await;
}
