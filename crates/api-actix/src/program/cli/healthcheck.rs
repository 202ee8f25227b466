//! `fasttrack healthcheck`

use crate::program::{server, settings::Settings, start::StartError};
use std::time::Duration;

/// An orchestrator gives up after a few seconds by itself.
const TIMEOUT: Duration = Duration::from_secs(5);

pub async fn run(settings: &Settings) -> Result<(), StartError> {
    let scheme = if settings.server.tls.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{}/health/ready", server::local_address(settings));
    let failed = |error: reqwest::Error| StartError::failed("not ready", &error);
    // Nothing secret is told, and the other end is this machine. Its certificate has another name, and may be another
    // than the one on disk by now: whether it's the right one is not what is asked here.
    let client = reqwest::Client::builder().tls_danger_accept_invalid_certs(true);
    let client = client.timeout(TIMEOUT).no_proxy().build().map_err(failed)?;
    let response = client.get(&url).send().await.map_err(failed)?;
    if response.status().is_success() {
        return Ok(());
    }
    Err(StartError::Failed(format!("not ready: {url} answered {}", response.status().as_u16())))
}
