//! Reads what may change while the server runs, when it gets SIGHUP.

use super::{Background, Stopped};
use crate::program::tls::Certificate;
use std::{error::Error, sync::Arc};
use tokio::signal::unix::Signal;

/// Reloads the certificate, where there is one, at each of these signals.
pub fn start(hangups: Signal, certificate: Option<Arc<Certificate>>) -> Background {
    Background::start("reloader", |stopped| run(hangups, certificate, stopped))
}

async fn run(mut hangups: Signal, certificate: Option<Arc<Certificate>>, mut stopped: Stopped) {
    while stopped.or(hangups.recv()).await.flatten().is_some() {
        let Some(certificate) = &certificate else {
            tracing::info!("SIGHUP: nothing to read again, TLS doesn't end here");
            continue;
        };
        match certificate.reload() {
            Ok(()) => tracing::info!(file = %certificate.file().display(), "took the new certificate"),
            Err(error) => {
                tracing::error!(error = &error as &dyn Error, "kept the old certificate: the new one can't be used");
            }
        }
    }
}
