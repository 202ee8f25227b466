//! What users get by mail.

use fasttrack_testkit::smtp::{Received, Security, SmtpServer};
use fasttrack_tests::{Installation, Server, Team, eventually};
use serde_json::json;
use std::{fs, time::Instant};

/// An installation that hands its mail to this server.
pub fn mailing(smtp: &SmtpServer) -> Installation {
    let installation = Installation::new();
    let root = installation.path("root.pem");
    fs::write(&root, SmtpServer::root_pem()).unwrap();
    installation
        .with("SMTP_URL", smtp.url())
        .with("MAIL_FROM", "The gardeners <garden@example.org>")
        .with("SSL_CERT_FILE", root.to_str().unwrap())
}

/// Waits until somebody has as many mails; these.
pub async fn mails(smtp: &SmtpServer, to: &str, count: usize) -> Vec<Received> {
    let mut mails = Vec::new();
    eventually(&format!("{count} mails for {to}"), async || {
        mails = smtp.mails().into_iter().filter(|mail| mail.to == [to]).collect();
        mails.len() >= count
    })
    .await;
    assert_eq!(mails.len(), count, "{mails:#?}");
    mails
}

#[tokio::test]
async fn users_are_welcomed_and_told_of_their_tasks_however_the_mail_server_encrypts() {
    for security in [Security::None, Security::StartTls, Security::Tls] {
        let smtp = SmtpServer::start(security);
        let server = mailing(&smtp).start();
        let (ann, bob) = (server.register().await, server.register().await);
        bob.patch("/users/me", json!({"display_name": "Bob Grün"})).await.expect(200);
        let project = bob.post("/projects", json!({"name": "Yard <3"})).await.expect(201).id();
        mails(&smtp, &bob.email, 1).await;
        let welcome = &mails(&smtp, &ann.email, 1).await[0];
        assert_eq!(welcome.from, "garden@example.org");
        assert!(welcome.header("From").unwrap().contains("The gardeners"), "{welcome:#?}");
        assert!(welcome.header("To").unwrap().contains(&ann.email), "{welcome:#?}");
        assert!(welcome.subject().contains("Welcome"), "{welcome:#?}");

        bob.task(project, json!({"title": "Rosen gießen & schneiden", "assignee_id": ann.id})).await;
        // What he takes himself he knows.
        bob.task(project, json!({"assignee_id": bob.id})).await;
        let assigned = &mails(&smtp, &ann.email, 2).await[1];
        assert!(assigned.subject().contains("Rosen gießen & schneiden"), "{assigned:#?}");
        for said in ["Rosen gießen & schneiden", "Yard <3", "Bob Grün"] {
            assert!(assigned.text().contains(said), "{said}: {}", assigned.text());
        }
        assert!(assigned.html().contains("Bob Grün") && !assigned.html().contains("Yard <3"), "{}", assigned.html());
        mails(&smtp, &bob.email, 1).await;
    }
}

#[tokio::test]
async fn each_assignment_is_one_mail() {
    let smtp = SmtpServer::start(Security::None);
    let server = mailing(&smtp).start();
    let team = Team::new(&server).await;
    for _ in 0..3 {
        team.owner.patch(team.path(), json!({"assignee_id": null})).await.expect(200);
        team.owner.patch(team.path(), json!({"assignee_id": team.assignee.id})).await.expect(200);
        team.owner.patch(team.path(), json!({"assignee_id": team.assignee.id, "title": "Dig"})).await.expect(200);
    }
    team.toggle(2).await;
    team.owner.comment(team.task).await;
    let all = mails(&smtp, &team.assignee.email, 5).await;
    let mut ids: Vec<_> = all.iter().map(|mail| mail.header("Message-ID").unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 5, "{all:#?}");
}

#[tokio::test]
async fn a_mail_server_that_is_away_or_silent_delays_mail_and_nothing_else() {
    let smtp = SmtpServer::start(Security::None);
    let server = mailing(&smtp).start();
    smtp.fall_silent();
    let begin = Instant::now();
    let team = Team::new(&server).await;
    let mut socket = team.assignee.follow(0).await;
    for _ in 0..30 {
        server.register().await;
        team.owner.task(team.project, json!({"assignee_id": team.assignee.id})).await;
    }
    socket.take(1..=31).await;
    // The patience with one mail alone is longer.
    assert!(begin.elapsed().as_secs() < 9, "{:?}", begin.elapsed());

    let port = smtp.port();
    drop(smtp);
    let late = server.register().await;
    let smtp = SmtpServer::start_at(port, Security::None);
    mails(&smtp, &late.email, 1).await;
    mails(&smtp, &team.assignee.email, 32).await;
}

/// What a server without a mail server logs when somebody registers and gets a task.
async fn logged(installation: Installation) -> (Server, String, String) {
    let server = installation.start();
    let team = Team::new(&server).await;
    team.owner.task(team.project, json!({"title": "Sesame", "assignee_id": team.assignee.id})).await;
    eventually("the mails are logged", async || {
        let log = server.log();
        log.contains("You were assigned a task: “Sesame”") && log.matches("Welcome to fasttrack").count() == 2
    })
    .await;
    let log = server.log();
    (server, log, team.assignee.email.clone())
}

#[tokio::test]
async fn without_a_mail_server_subject_and_recipient_are_logged_and_nothing_more() {
    let (_server, log, email) = logged(Installation::new()).await;
    assert!(
        log.lines().any(|line| line.contains("You were assigned a task: “Sesame”") && line.contains(&email)),
        "{log}"
    );
    for said in ["Your account is ready", "assigned a task to you"] {
        assert!(!log.contains(said), "{said}: {log}");
    }
}

#[tokio::test]
async fn what_mails_say_is_logged_where_somebody_wants_it() {
    let (_server, log, _) = logged(Installation::new().with("MAIL_LOG_BODY", "true")).await;
    for said in ["Your account is ready", "assigned a task to you"] {
        assert!(log.contains(said), "{said}: {log}");
    }
}
