//! Reloads the certificate on SIGHUP.

use crate::background::{Stopped, Task};
use crate::program::tls::Certificate;
use std::{error::Error, sync::Arc};
use tokio::signal::unix::Signal;

pub fn start(hangups: Signal, certificate: Option<Arc<Certificate>>) -> Task {
    Task::start("reloader", |stopped| run(hangups, certificate, stopped))
}

async fn run(mut hangups: Signal, certificate: Option<Arc<Certificate>>, mut stopped: Stopped) {
    while stopped.or(hangups.recv()).await.flatten().is_some() {
        let Some(certificate) = &certificate else {
            tracing::info!("SIGHUP: nothing to reload, as TLS_CERT_FILE is not set");
            continue;
        };
        match certificate.reload() {
            Ok(()) => tracing::info!(file = %certificate.file().display(), "reloaded the certificate"),
            Err(error) => {
                tracing::error!(error = &error as &dyn Error, "kept the old certificate: the new one can't be used");
            }
        }
    }
}
