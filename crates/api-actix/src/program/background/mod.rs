//! What runs beside the requests: each a loop on a task of its own, from the start of the server to its end.

pub mod auditor;
pub mod dispatcher;
pub mod guard;
pub mod idle;
pub mod listener;
pub mod reloader;
pub mod sampler;
pub mod sweeper;
pub mod worker;

use fasttrack_domain::failure::Outage;
use std::{error::Error, future::Future};
use tokio::{sync::oneshot, task::JoinHandle};

/// A loop that runs until it is stopped.
#[derive(Debug)]
pub struct Background {
    name: &'static str,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Background {
    /// Starts it. It must look at [`Stopped`] whenever it waits.
    pub fn start<F>(name: &'static str, run: impl FnOnce(Stopped) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (stop, stopped) = oneshot::channel();
        Self { name, stop, task: tokio::spawn(run(Stopped(stopped))) }
    }

    /// Tells it to stop, and waits until it has put everything away.
    pub async fn stop(self) {
        drop(self.stop);
        if let Err(error) = self.task.await {
            tracing::error!(name = self.name, error = &error as &dyn Error, "a background loop failed");
        }
    }
}

/// Tells a loop when to stop.
#[derive(Debug)]
pub struct Stopped(oneshot::Receiver<()>);

impl Stopped {
    /// What `work` gives; `None` where it is time to stop, and then `work` is dropped where it waited.
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
struct LoggedOutage {
    what: &'static str,
    outage: Outage,
}

impl LoggedOutage {
    /// `what` completes "can't …".
    fn new(what: &'static str) -> Self {
        Self { what, outage: Outage::default() }
    }

    /// Logs what has changed, and returns the value.
    fn log<T, E: Error + 'static>(&self, result: Result<T, E>) -> Option<T> {
        let what = self.what;
        match &result {
            Ok(_) if self.outage.recovered() => tracing::info!("can {what} again"),
            Err(error) if self.outage.failed() => {
                tracing::error!(error = error as &dyn Error, "can't {what}; retrying");
            }
            _ => {}
        }
        result.ok()
    }
}
