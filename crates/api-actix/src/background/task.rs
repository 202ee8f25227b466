//! One task of the background work, and how it is stopped.

use fasttrack_domain::failure::Outage;
use std::{error::Error, future::Future};
use tokio::{sync::oneshot, task::JoinHandle};

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
    /// Returns the result of `work`; `None`, and `work` is dropped, as soon as the task is to stop.
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
    /// `step` is a verb phrase that completes the log line "can't …", like "measure the backlog".
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
