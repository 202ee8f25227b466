//! Work beside the requests: each task runs from the start of a node to its graceful shutdown.

mod dispatcher;
mod guard;
mod listener;
mod sweeper;
mod worker;

use crate::app::Application;
use fasttrack_app::job::Worker;
use fasttrack_domain::{failure::Outage, job::WorkerId, ports::news::NewsSource};
use std::{error::Error, future::Future};
use tokio::{sync::oneshot, task::JoinHandle};
use uuid::Uuid;

/// The background work of one node. Without it events are never dispatched (notifications, statistics), mail is never
/// sent, open connections outlive their tokens, and expired rows stay.
#[derive(Debug)]
#[must_use = "only `stop` waits for the work to finish"]
pub struct Background {
    tasks: Vec<Task>,
}

impl Background {
    /// Starts the dispatcher of events, the worker of the job queue, the guard of open connections, the sweeper of
    /// expired rows, and, with `news`, the listener to other nodes on the same database. Needs a running tokio runtime.
    ///
    /// An adapter with work of its own, like an audit log that queues its lines, is [added](Self::add).
    pub fn start(application: &Application, news: Option<Box<dyn NewsSource>>) -> Self {
        let use_cases = &application.api.use_cases;
        let worker = Worker::new(use_cases.jobs.clone(), WorkerId::new(Uuid::new_v4().to_string()));
        let mut tasks = vec![
            dispatcher::start(use_cases.events.clone()),
            worker::start(worker),
            guard::start(application.api.clone(), application.realtime.clone()),
            sweeper::start(use_cases.maintenance.clone()),
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

/// A loop that runs until it is stopped.
#[derive(Debug)]
pub struct Task {
    name: &'static str,
    stop: oneshot::Sender<()>,
    handle: JoinHandle<()>,
}

impl Task {
    /// Spawns `run`, which has to wait through [`Stopped::or`]. The name is for the log.
    pub fn start<F>(name: &'static str, run: impl FnOnce(Stopped) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (stop, stopped) = oneshot::channel();
        Self { name, stop, handle: tokio::spawn(run(Stopped(stopped))) }
    }

    /// Requests the end of the loop, and waits for it.
    pub async fn stop(self) {
        drop(self.stop);
        if let Err(error) = self.handle.await {
            tracing::error!(name = self.name, error = &error as &dyn Error, "a background task failed");
        }
    }
}

/// Ends the waits of a task when it is to stop.
#[derive(Debug)]
pub struct Stopped(oneshot::Receiver<()>);

impl Stopped {
    /// The result of `work`; `None`, and `work` is dropped, as soon as the task is to stop.
    pub async fn or<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            _ = &mut self.0 => None,
            result = work => Some(result),
        }
    }
}

/// Logs the first failure of a step and its recovery, not each retry in between.
#[derive(Debug)]
pub(crate) struct LoggedOutage {
    step: &'static str,
    outage: Outage,
}

impl LoggedOutage {
    /// `step` completes "can't …".
    pub(crate) fn new(step: &'static str) -> Self {
        Self { step, outage: Outage::default() }
    }

    /// Logs a change between failure and success, and returns the value.
    pub(crate) fn log<T, E: Error + 'static>(&self, result: Result<T, E>) -> Option<T> {
        let step = self.step;
        match &result {
            Ok(_) if self.outage.recovered() => tracing::info!("can {step} again"),
            Err(error) if self.outage.failed() => {
                tracing::error!(error = error as &dyn Error, "can't {step}; retrying");
            }
            _ => {}
        }
        result.ok()
    }
}
