//! The SMTP mailer keeps the promises of its port.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use async_trait::async_trait;
use fasttrack_infra_notify::mail::SmtpMailer;
use fasttrack_testkit::{
    contract::{self, mailer::MailServer},
    contract_tests,
    smtp::{Security, SmtpServer},
};
use std::sync::Arc;

struct Server(SmtpServer);

#[async_trait]
impl MailServer for Server {
    async fn accepted(&self) -> Vec<(String, String)> {
        self.0.mails().into_iter().map(|mail| (mail.to.join(" "), mail.text())).collect()
    }

    async fn refuse_receivers(&self) {
        self.0.refuse(550);
    }

    async fn be_busy(&self) {
        self.0.refuse(451);
    }

    async fn stop_answering(&self) {
        self.0.stop_answering();
    }
}

async fn smtp() -> (contract::mailer::Ports, ()) {
    let server = SmtpServer::start(Security::None);
    let sender = "fasttrack <noreply@tasks.example>".parse().unwrap();
    let mailer = Arc::new(SmtpMailer::new(server.url().parse().unwrap(), sender).unwrap());
    (contract::mailer::Ports { mailer, server: Arc::new(Server(server)) }, ())
}

contract_tests!(mailer, smtp);
