//! `fasttrack jobs`, and jobs whose server stops or is killed.

use super::mail::{mailing, mails};
use fasttrack_testkit::smtp::{Security, SmtpServer};
use fasttrack_tests::{Installation, eventually};

/// A line that `jobs list` printed.
#[derive(Debug)]
struct Job {
    id: String,
    kind: String,
    state: String,
    attempts: u32,
    error: String,
}

async fn jobs(installation: &Installation, more: &[&str]) -> Vec<Job> {
    let list = installation.command(["jobs", "list"].iter().chain(more).copied()).run().await.succeeded();
    let parse = |line: &str| {
        let [id, kind, state, attempts, _, error] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let [id, kind, state, error] = [id, kind, state, error].map(str::to_owned);
        Job { id, kind, state, attempts: attempts.parse().unwrap(), error }
    };
    list.lines().map(parse).collect()
}

/// Waits until there is one job, and it matches.
async fn stands(installation: &Installation, what: &str, like: impl Fn(&Job) -> bool) -> Job {
    let mut found = None;
    eventually(what, async || {
        let mut jobs = jobs(installation, &[]).await;
        assert!(jobs.len() < 2, "{jobs:#?}");
        found = jobs.pop();
        found.as_ref().is_some_and(&like)
    })
    .await;
    found.unwrap()
}

#[tokio::test]
async fn failed_job_keeps_its_reason_until_done() {
    let smtp = SmtpServer::start(Security::None);
    smtp.refuse(451);
    let server = mailing(&smtp).start();
    let installation = server.installation();
    let ann = server.register().await;
    let job = stands(installation, "the mail was tried", |job| job.attempts == 1 && job.state == "queued").await;
    assert_eq!(job.kind, "verification_mail");
    assert!(job.error.contains("451"), "{job:#?}");
    assert_eq!(jobs(installation, &["--state", "queued"]).await.len(), 1);
    for other in ["running", "dead"] {
        assert_eq!(jobs(installation, &["--state", other]).await.len(), 0);
    }
    // It's nobody's to retry by hand, for it will be.
    installation.command(["jobs", "retry", &job.id]).run().await.failed(1);
    smtp.accept();
    mails(&smtp, &ann.email, 1).await;
    eventually("nothing is left", async || jobs(installation, &[]).await.is_empty()).await;
}

#[tokio::test]
async fn permanently_refused_mail_becomes_dead_job() {
    let smtp = SmtpServer::start(Security::None);
    smtp.refuse(550);
    let server = mailing(&smtp).start();
    let installation = server.installation();
    let ann = server.register().await;
    let dead = stands(installation, "the mail was given up", |job| job.state == "dead").await;
    assert!(dead.attempts == 1 && dead.error.contains("550"), "{dead:#?}");
    assert_eq!(jobs(installation, &["--state", "dead"]).await.len(), 1);
    smtp.accept();
    installation.command(["jobs", "retry", &dead.id]).run().await.succeeded();
    mails(&smtp, &ann.email, 1).await;
    eventually("nothing is left", async || jobs(installation, &[]).await.is_empty()).await;
    // Nor is there anything to retry.
    installation.command(["jobs", "retry", &dead.id]).run().await.failed(1);
    installation.command(["jobs", "retry", "--all"]).run().await.succeeded();
    for wrong in [vec!["jobs", "retry"], vec!["jobs", "retry", "x"], vec!["jobs", "list", "--state", "x"]] {
        installation.command(wrong).run().await.failed(2);
    }
}

#[tokio::test]
async fn all_dead_jobs_can_be_retried_at_once() {
    let smtp = SmtpServer::start(Security::None);
    smtp.refuse(550);
    let server = mailing(&smtp).start();
    let installation = server.installation();
    let accounts = [server.register().await, server.register().await, server.register().await];
    eventually("all are given up", async || jobs(installation, &["--state", "dead"]).await.len() == 3).await;
    smtp.accept();
    let said = installation.command(["jobs", "retry", "--all"]).run().await.succeeded();
    assert!(said.contains('3'), "{said}");
    for account in &accounts {
        mails(&smtp, &account.email, 1).await;
    }
}

#[tokio::test]
async fn stopped_server_releases_its_jobs() {
    let smtp = SmtpServer::start(Security::None);
    smtp.stop_answering();
    let server = mailing(&smtp).start();
    let installation = server.installation().clone();
    let ann = server.register().await;
    stands(&installation, "the mail is being sent", |job| job.state == "running").await;
    assert_eq!(server.stop().await.code(), Some(0));
    let job = stands(&installation, "the job is there", |_| true).await;
    assert_eq!((job.state.as_str(), job.attempts), ("queued", 0), "{job:#?}");
    smtp.accept();
    let _next = installation.start();
    mails(&smtp, &ann.email, 1).await;
}

#[tokio::test]
async fn job_of_killed_server_runs_after_its_lease() {
    let smtp = SmtpServer::start(Security::None);
    smtp.stop_answering();
    let server = mailing(&smtp).start();
    let installation = server.installation().clone();
    let ann = server.register().await;
    stands(&installation, "the mail is being sent", |job| job.state == "running").await;
    server.kill();
    smtp.accept();
    let _next = installation.start();
    let job = stands(&installation, "the job is still leased", |_| true).await;
    assert_eq!((job.state.as_str(), job.attempts), ("running", 1), "{job:#?}");
    installation.sql(if installation.is_on_postgres() {
        "UPDATE jobs SET leased_until = leased_until - interval '1 minute'"
    } else {
        "UPDATE jobs SET leased_until = leased_until - 60000000"
    });
    mails(&smtp, &ann.email, 1).await;
}
