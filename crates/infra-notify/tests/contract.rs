//! The adapters keep the promises of their ports.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use async_trait::async_trait;
use fasttrack_infra_notify::{bus::LocalNotificationBus, mail::SmtpMailer};
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

async fn local_bus() -> (contract::notification_bus::Ports, ()) {
    (contract::notification_bus::Ports { bus: Arc::new(LocalNotificationBus::default()) }, ())
}

contract_tests!(mailer, smtp);
contract_tests!(notification_bus, local_bus);
