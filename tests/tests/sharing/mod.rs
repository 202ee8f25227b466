//! Projects that users share: members, invitations, and what each of them may do.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod acceptance;
mod invitations;
mod journey;
mod members;
mod people;
mod quotas;
mod races;
mod removal;
mod rights;
mod silence;
mod transfer;

use fasttrack_tests::{Account, Answer, Installation, Mailbox, Server, unique_email};
use serde_json::Value;

/// A server with an SMTP server that keeps its mails.
struct Mailing {
    mailbox: Mailbox,
    server: Server,
}

impl Mailing {
    fn start() -> Self {
        Self::of(Installation::new())
    }

    fn of(installation: Installation) -> Self {
        let mailbox = Mailbox::start();
        Self { server: mailbox.receiving(installation).start(), mailbox }
    }

    /// Invites a new address and returns the token in its mail.
    async fn invitation(&self, owner: &Account, project: i64, role: &str) -> String {
        let guest = unique_email("guest");
        owner.invite(project, &guest, role).await;
        self.mailbox.token(&guest, 1).await
    }
}

/// Returns the role of the account in a project.
async fn role(account: &Account, project: i64) -> Value {
    account.get(format!("/projects/{project}")).await.expect(200).data()["role"].clone()
}

/// Returns each member of a project with its role, by ascending id.
async fn members(reader: &Account, project: i64) -> Vec<(i64, String)> {
    let page = reader.get(format!("/projects/{project}/members?limit=100")).await.expect(200);
    let member = |item: &Value| (item["user_id"].as_i64().unwrap(), item["role"].as_str().unwrap().to_owned());
    page.items().iter().map(member).collect()
}

/// Partitions responses by this status.
fn part(answers: Vec<Answer>, status: u16) -> (Vec<Answer>, Vec<Answer>) {
    answers.into_iter().partition(|answer| answer.status == status)
}
