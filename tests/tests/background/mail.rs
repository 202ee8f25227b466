use fasttrack_testkit::smtp::{Received, Security, SmtpServer};
use fasttrack_tests::{Account, Installation, Server, Team, eventually};
use serde_json::json;
use std::{fs, time::Instant};

/// An installation that sends its mail to this server.
pub fn mailing(smtp: &SmtpServer) -> Installation {
    let installation = Installation::new();
    let root = installation.path("root.pem");
    fs::write(&root, SmtpServer::root_pem()).unwrap();
    installation
        .with("SMTP_URL", smtp.url())
        .with("MAIL_FROM", "The gardeners <garden@example.org>")
        .with("SSL_CERT_FILE", root.to_str().unwrap())
}

/// Waits until an address has `count` mails, and returns them.
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
async fn mail_is_sent_with_every_smtp_encryption() {
    for security in [Security::None, Security::StartTls, Security::Tls] {
        let smtp = SmtpServer::start(security);
        let server = mailing(&smtp).start();
        let (ann, bob) = (server.register().await, server.register().await);
        bob.patch("/users/me", json!({"display_name": "Bob Grün"})).await.expect(200);
        let project = bob.post("/projects", json!({"name": "Yard <3"})).await.expect(201).id();
        mails(&smtp, &bob.email, 1).await;
        let verification = &mails(&smtp, &ann.email, 1).await[0];
        assert_eq!(verification.from, "garden@example.org");
        assert!(verification.header("From").unwrap().contains("The gardeners"), "{verification:#?}");
        assert!(verification.header("To").unwrap().contains(&ann.email), "{verification:#?}");
        assert!(verification.subject().contains("Verify your email address"), "{verification:#?}");

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

/// Moves notices and waiting jobs `minutes` into the past.
fn wait(server: &Server, minutes: u32) {
    let installation = server.installation();
    let by = if installation.is_on_postgres() {
        format!("INTERVAL '{minutes} minutes'")
    } else {
        format!("{minutes} * 60000000")
    };
    installation.sql(&format!(
        "UPDATE sent_notices SET sent_at = sent_at - {by}; UPDATE jobs SET run_at = run_at - {by} WHERE worker IS NULL"
    ));
}

/// Lets all notices be as if they were sent now.
fn sent_now(server: &Server) {
    let installation = server.installation();
    let now = if installation.is_on_postgres() { "now()" } else { "CAST(unixepoch('subsec') * 1000000 AS INTEGER)" };
    installation.sql(&format!("UPDATE sent_notices SET sent_at = {now}"));
}

/// Waits until exactly these jobs are waiting.
async fn waiting(server: &Server, kinds: &[&str]) {
    eventually(&format!("{kinds:?} wait"), async || {
        let list = server.installation().command(["jobs", "list"]).run().await.succeeded();
        let jobs: Vec<_> = list.lines().map(|line| line.split('\t').collect::<Vec<_>>()).collect();
        jobs.len() == kinds.len() && jobs.iter().zip(kinds).all(|(job, kind)| job[1] == *kind && job[2] == "queued")
    })
    .await;
}

/// Waits until `count` notifications of the user and their jobs exist.
async fn dispatched(account: &Account, count: i64) {
    eventually("all is dispatched", async || {
        let newest = account.get("/notifications?limit=1").await.expect(200).items();
        newest.first().is_some_and(|notification| notification["seq"].as_i64() >= Some(count))
    })
    .await;
}

/// Moves notices and waiting jobs `minutes` into the past, again and again, until no job is left.
async fn later(server: &Server, minutes: u32) {
    eventually("no job waits", async || {
        wait(server, minutes);
        server.installation().command(["jobs", "list"]).run().await.succeeded().is_empty()
    })
    .await;
}

#[tokio::test]
async fn task_changes_are_mailed_first_and_latest_state() {
    let smtp = SmtpServer::start(Security::None);
    let server = mailing(&smtp).start();
    let team = Team::new(&server).await;
    // A member is notified of every change, also where the task isn't its own any more when that is dispatched.
    team.owner.share(team.project, &team.assignee, "viewer").await;
    let reassign = async || {
        team.owner.patch(team.path(), json!({"assignee_id": null})).await.expect(200);
        team.owner.patch(team.path(), json!({"assignee_id": team.assignee.id})).await.expect(200);
    };
    mails(&smtp, &team.assignee.email, 2).await;
    // A job ends after its mail, and the next mail waits only from then on.
    waiting(&server, &[]).await;
    for _ in 0..20 {
        reassign().await;
    }
    team.owner.patch(team.path(), json!({"title": "Dig the pond"})).await.expect(200);
    team.toggle(2).await;
    team.owner.comment(team.task).await;
    dispatched(&team.assignee, 25).await;
    waiting(&server, &["task_assigned_mail"]).await;
    mails(&smtp, &team.assignee.email, 2).await;
    later(&server, 10).await;
    let all = mails(&smtp, &team.assignee.email, 3).await;
    assert!(all[2].subject().contains("“Dig the pond”"), "{all:#?}");
    waiting(&server, &[]).await;

    // What is taken away again is no mail. It waits, as there was one just now.
    sent_now(&server);
    reassign().await;
    team.owner.patch(team.path(), json!({"assignee_id": null})).await.expect(200);
    dispatched(&team.assignee, 26).await;
    later(&server, 10).await;
    mails(&smtp, &team.assignee.email, 3).await;
}

#[tokio::test]
async fn notice_flood_becomes_digest_and_delays_no_reset() {
    let smtp = SmtpServer::start(Security::None);
    let server = mailing(&smtp).start();
    let team = Team::new(&server).await;
    let (eve, ann) = (&team.owner, &team.assignee);
    for n in 0..98 {
        let title = format!("Log in at https://evil.example/{n} or lose your account, all of your data and your cat");
        eve.task(team.project, json!({"title": title, "assignee_id": ann.id})).await;
    }
    server.anonymous().post("/auth/password/forgot", json!({"email": ann.email})).await.expect(202);
    dispatched(ann, 99).await;
    waiting(&server, &["digest_mail"]).await;
    // One to verify the address, twenty notices, and the reset.
    let all = mails(&smtp, &ann.email, 22).await;
    assert!(all.iter().any(|mail| mail.subject() == "Choose a new password"), "{all:#?}");

    wait(&server, 60);
    let all = mails(&smtp, &ann.email, 23).await;
    let digest = &all[22];
    assert_eq!(digest.subject(), "79 more notices");
    assert_eq!(digest.text().lines().filter(|line| line.starts_with("- You were assigned a task: “")).count(), 50);
    assert!(digest.text().contains("and 29 more"), "{}", digest.text());
    for mail in &all {
        for part in [mail.subject(), mail.text(), mail.html()] {
            assert!(!part.contains("evil.example") && !part.contains("your cat"), "{part}");
        }
    }
    waiting(&server, &[]).await;
    eve.task(team.project, json!({"assignee_id": ann.id})).await;
    mails(&smtp, &ann.email, 24).await;
}

#[tokio::test]
async fn slow_notices_delay_no_reset() {
    let smtp = SmtpServer::start(Security::None);
    let server = mailing(&smtp).start();
    let team = Team::new(&server).await;
    mails(&smtp, &team.assignee.email, 2).await;
    waiting(&server, &[]).await;
    let before = smtp.mails().len();
    smtp.stop_answering();
    for _ in 0..6 {
        team.owner.task(team.project, json!({"assignee_id": team.assignee.id})).await;
    }
    eventually("notices are being sent", async || smtp.unanswered() == 3).await;
    // These three get no answer any more, until the server gives up on them.
    smtp.accept();
    server.anonymous().post("/auth/password/forgot", json!({"email": team.assignee.email})).await.expect(202);
    eventually("a mail is sent", async || smtp.mails().len() > before).await;
    assert_eq!(smtp.mails()[before].subject(), "Choose a new password");
}

#[tokio::test]
async fn message_ids_are_random() {
    let id = async |smtp: &SmtpServer| {
        let server = mailing(smtp).start();
        let ann = server.register().await;
        let mail = mails(smtp, &ann.email, 1).await.remove(0);
        mail.header("Message-ID").unwrap()
    };
    let smtp = SmtpServer::start(Security::None);
    let ids = [id(&smtp).await, id(&smtp).await];
    assert_ne!(ids[0], ids[1]);
    for id in &ids {
        let random = id.strip_prefix('<').and_then(|id| id.strip_suffix("@example.org>")).unwrap();
        assert!(random.len() >= 32, "{id}");
    }
}

#[tokio::test]
async fn unreachable_mail_server_delays_only_mail() {
    let smtp = SmtpServer::start(Security::None);
    let server = mailing(&smtp).start();
    smtp.stop_answering();
    let begin = Instant::now();
    let team = Team::new(&server).await;
    let mut socket = team.assignee.follow(0).await;
    for _ in 0..12 {
        server.register().await;
        team.owner.task(team.project, json!({"assignee_id": team.assignee.id})).await;
    }
    socket.take(1..=13).await;
    // Each of 27 mails is waited for 10 s: whoever waited along would take minutes, however slow the machine.
    assert!(begin.elapsed().as_secs() < 60, "{:?}", begin.elapsed());

    let port = smtp.port();
    drop(smtp);
    let late = server.register().await;
    let smtp = SmtpServer::start_at(port, Security::None);
    mails(&smtp, &late.email, 1).await;
    mails(&smtp, &team.assignee.email, 14).await;
}

/// Returns the log of a server without a mail server, after a registration and an assignment.
async fn logged(installation: Installation) -> (Server, String, String) {
    let server = installation.start();
    let team = Team::new(&server).await;
    team.owner.task(team.project, json!({"title": "Sesame", "assignee_id": team.assignee.id})).await;
    eventually("the mails are logged", async || {
        let log = server.log();
        log.contains("You were assigned a task: “Sesame”") && log.matches("Verify your email address").count() == 2
    })
    .await;
    let log = server.log();
    (server, log, team.assignee.email.clone())
}

#[tokio::test]
async fn without_mail_server_only_subject_and_recipient_are_logged() {
    let (_server, log, email) = logged(Installation::new()).await;
    assert!(
        log.lines().any(|line| line.contains("You were assigned a task: “Sesame”") && line.contains(&email)),
        "{log}"
    );
    for said in ["gave this address as theirs", "assigned a task to you"] {
        assert!(!log.contains(said), "{said}: {log}");
    }
}

#[tokio::test]
async fn mail_text_is_logged_if_configured() {
    let (_server, log, _) = logged(Installation::new().with("MAIL_LOG_BODY", "true")).await;
    for said in ["gave this address as theirs", "assigned a task to you"] {
        assert!(log.contains(said), "{said}: {log}");
    }
}
