//! Work beside the requests: each task runs from the start of a node to its graceful shutdown.

mod change_watcher;
mod dispatcher;
mod guard;
mod indexer;
mod listener;
mod reminders;
mod sweeper;
mod task;
mod token_uses;
mod webhooks;
mod worker;

#[cfg(feature = "program")]
pub(crate) use task::LoggedOutage;
pub use task::{Stopped, Task};
#[cfg(feature = "program")]
pub(crate) use webhooks::MAX_ATTEMPTS;

use crate::app::Application;
use fasttrack_app::{job::Worker, webhook::WebhookSender};
use fasttrack_domain::{job::WorkerId, ports::notification_bus::NotificationListener};
use uuid::Uuid;

/// The background work of one node. Without it events are never dispatched (notifications, statistics), mail is never
/// sent, webhooks receive nothing, reminders are never given, open connections outlive their tokens and are not woken by
/// changes, uses of API tokens are not recorded, and expired rows stay.
#[derive(Debug)]
#[must_use = "only `stop` waits for the work to finish"]
pub struct Background {
    tasks: Vec<Task>,
}

impl Background {
    /// Starts the task that gives reminders, the dispatcher of events, the worker of the job queue, the sender of webhooks,
    /// the guard of open connections, the watcher of the change feed, the sweeper of expired rows, the indexer of tasks of
    /// former releases, the task that records the uses of API tokens, and, with `news`, the listener to other nodes on the
    /// same database. Needs a running tokio runtime.
    ///
    /// An adapter with work of its own, like an audit log that queues its lines, is [added](Self::add).
    pub fn start(application: &Application, news: Option<Box<dyn NotificationListener>>) -> Self {
        let use_cases = &application.api.use_cases;
        let worker = Worker::new(use_cases.jobs.clone(), worker_id());
        let sender = WebhookSender::new(use_cases.webhook_deliveries.clone(), worker_id());
        let mut tasks = vec![
            // Before the dispatcher, which dispatches at its end what was given.
            reminders::start(use_cases.reminders.clone()),
            dispatcher::start(use_cases.events.clone()),
            worker::start(worker),
            webhooks::start(sender),
            guard::start(application.api.clone(), application.realtime.clone()),
            change_watcher::start(use_cases.changes.clone(), application.realtime.clone()),
            sweeper::start(use_cases.maintenance.clone()),
            indexer::start(use_cases.search.clone()),
            token_uses::start(use_cases.api_tokens.clone()),
        ];
        tasks.extend(news.map(|news| listener::start(news, use_cases.notifications.clone())));
        Self { tasks }
    }

    /// Adds a task, which is stopped after those before it.
    pub fn add(&mut self, task: Task) {
        self.tasks.push(task);
    }

    /// Stops one task after the other, each when it has finished what it began. To be called after the HTTP server has
    /// stopped, so that what the last requests caused is done, too.
    pub async fn stop(self) {
        for task in self.tasks {
            task.stop().await;
        }
    }
}

fn worker_id() -> WorkerId {
    WorkerId::new(Uuid::new_v4().to_string())
}
