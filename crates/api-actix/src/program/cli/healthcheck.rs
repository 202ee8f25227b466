//! `fasttrack healthcheck`

use crate::program::{server, settings::Settings, start::StartError};
use std::time::Duration;

/// Orchestrators time out after a few seconds.
const TIMEOUT: Duration = Duration::from_secs(5);

pub async fn run(settings: &Settings) -> Result<(), StartError> {
    let scheme = if settings.server.tls.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{}/health/ready", server::local_address(settings));
    let failed = |error: reqwest::Error| StartError::failed("not ready", &error);
    // No secret is sent, and the server is this machine. Its certificate is for another name, and may differ from the one
    // on disk by now: the check is for readiness, not for the certificate.
    let client = reqwest::Client::builder().tls_danger_accept_invalid_certs(true);
    let client = client.timeout(TIMEOUT).no_proxy().build().map_err(failed)?;
    let response = client.get(&url).send().await.map_err(failed)?;
    if response.status().is_success() {
        return Ok(());
    }
    Err(StartError::Failed(format!("not ready: {url} answered {}", response.status().as_u16())))
}
