//! Clients that write without a pause while the database fails.

use fasttrack_tests::{Account, Answer, Client};
use serde_json::json;
use std::{collections::BTreeMap, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::timeout,
};

/// The longest a request may take during an outage: twice the server's timeout, and time for a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The outcome of a write.
pub enum Event {
    /// The row was acknowledged.
    Written(i64, String),
    /// The server sent another response.
    Refused(Box<Answer>),
    /// The server doesn't respond any more, and the writer has ended.
    Gone,
}

/// Concurrent writers and their outcomes.
pub struct Writers {
    events: mpsc::Receiver<Event>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    /// Titles of the acknowledged rows by their ids.
    pub written: BTreeMap<i64, String>,
}

impl Writers {
    /// Starts a writer for each account, which creates tasks in `project` one after the other.
    pub fn start(accounts: impl IntoIterator<Item = Account>, project: i64) -> Self {
        let (sender, events) = mpsc::channel(1);
        let (stop, stopped) = watch::channel(false);
        let write = |(writer, account)| write(account, project, writer, sender.clone(), stopped.clone());
        let tasks = accounts.into_iter().enumerate().map(write).collect();
        Self { events, stop, tasks, written: BTreeMap::new() }
    }

    /// Waits for the next outcome. An acknowledged row is recorded.
    ///
    /// # Panics
    ///
    /// Where no writer is left, or an id was given out twice.
    pub async fn next(&mut self) -> Event {
        let event = self.events.recv().await.unwrap();
        self.note(&event);
        event
    }

    /// Waits until `more` further rows are acknowledged, and ignores errors meanwhile.
    pub async fn write(&mut self, more: usize) {
        let enough = self.written.len() + more;
        while self.written.len() < enough {
            self.next().await;
        }
    }

    /// Stops the writers after their current request and returns the acknowledged rows.
    pub async fn finish(mut self) -> BTreeMap<i64, String> {
        self.stop.send_replace(true);
        while let Some(event) = self.events.recv().await {
            self.note(&event);
        }
        self.tasks.join_all().await;
        self.written
    }

    fn note(&mut self, event: &Event) {
        if let Event::Written(id, title) = event {
            assert_eq!(self.written.insert(*id, title.clone()), None);
        }
    }
}

async fn write(
    account: Account,
    project: i64,
    writer: usize,
    events: mpsc::Sender<Event>,
    stopped: watch::Receiver<bool>,
) {
    for n in 0.. {
        let title = format!("{writer}/{n}");
        let request = account.post(format!("/projects/{project}/tasks"), json!({"title": title}));
        let Ok(answer) = timeout(PATIENCE, request.try_send()).await else { panic!("{title}: still no answer") };
        let event = match answer {
            Some(answer) if answer.status == 201 => Event::Written(answer.id(), title),
            Some(answer) => Event::Refused(Box::new(answer)),
            None => Event::Gone,
        };
        let last = matches!(event, Event::Gone) || *stopped.borrow();
        if events.send(event).await.is_err() || last {
            return;
        }
    }
}

/// Fails unless every acknowledged row is stored unchanged.
pub async fn all_there(client: &Client, written: &BTreeMap<i64, String>) {
    for (id, title) in written {
        let task = client.get(format!("/tasks/{id}")).await.expect(200).data();
        assert_eq!(task["title"].as_str(), Some(title.as_str()));
    }
}
