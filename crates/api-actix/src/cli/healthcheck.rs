//! `fasttrack healthcheck`

use crate::{server, settings::Settings, start::StartError};
use std::time::Duration;

/// An orchestrator gives up after a few seconds by itself.
const TIMEOUT: Duration = Duration::from_secs(5);

pub async fn run(settings: &Settings) -> Result<(), StartError> {
    let url = format!("http://{}/health/ready", server::local_address(settings));
    let failed = |error: reqwest::Error| StartError::failed("not ready", &error);
    let client = reqwest::Client::builder().timeout(TIMEOUT).no_proxy().build().map_err(failed)?;
    let response = client.get(&url).send().await.map_err(failed)?;
    if response.status().is_success() {
        return Ok(());
    }
    Err(StartError::Failed(format!("not ready: {url} answered {}", response.status().as_u16())))
}
