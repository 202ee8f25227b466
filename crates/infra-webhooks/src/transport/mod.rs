//! Sends signed requests by HTTP.

use crate::{
    endpoint::AllowedEndpoints,
    failure::{describe, refused},
    lookup::Lookups,
    policy::HttpEndpointPolicy,
    resolver::EndpointResolver,
    retry_after, signature,
};
use async_trait::async_trait;
use fasttrack_domain::ports::webhook::{SendError, WebhookRequest, WebhookResponse, WebhookTransport};
use reqwest::{
    Client, Response,
    header::{CONTENT_TYPE, RETRY_AFTER},
    redirect,
};
use std::{error::Error, future::ready, sync::Arc, time::Duration};
use tokio::sync::OnceCell;

/// How much of an answer's body is read. It is not used: a connection can be used again only if its answer was read.
const MAX_BODY: usize = 64 * 1024;

/// How long a connection is kept for further requests, and how many of one host: both are bounded by open files.
const IDLE_TIMEOUT: Duration = Duration::from_secs(2);
const MAX_IDLE_PER_HOST: usize = 2;

/// The timeouts of a request.
#[derive(Clone, Copy, Debug)]
pub struct WebhookTimeouts {
    /// The timeout of resolving the host and connecting to it.
    pub connect: Duration,
    /// The timeout of the whole exchange, the answer's body included.
    pub total: Duration,
}

impl Default for WebhookTimeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), total: Duration::from_secs(15) }
    }
}

// @spec SPEC-025
/// Sends requests to allowed endpoints, without redirects, cookies and proxies.
#[derive(Debug)]
pub struct HttpWebhookTransport {
    endpoints: Arc<AllowedEndpoints>,
    lookups: Arc<Lookups>,
    timeouts: WebhookTimeouts,
    /// The clients of the two schemes are built when they are needed: whoever has no webhooks needs no certificates.
    https: OnceCell<Client>,
    http: OnceCell<Client>,
}

impl HttpWebhookTransport {
    pub fn new(endpoints: Arc<AllowedEndpoints>) -> Self {
        let (https, http) = (OnceCell::new(), OnceCell::new());
        let lookups = Arc::new(Lookups::new());
        Self { endpoints, lookups, timeouts: WebhookTimeouts::default(), https, http }
    }

    #[must_use]
    pub fn with_timeouts(self, timeouts: WebhookTimeouts) -> Self {
        Self { timeouts, ..self }
    }

    /// Returns the policy of the URLs, which looks names up together with this transport.
    pub fn policy(&self) -> HttpEndpointPolicy {
        HttpEndpointPolicy::new(self.endpoints.clone(), self.lookups.clone())
    }

    async fn client(&self, is_tls: bool) -> Result<&Client, SendError> {
        let cell = if is_tls { &self.https } else { &self.http };
        cell.get_or_try_init(|| ready(self.build(is_tls))).await.map_err(|error| {
            tracing::error!(error = &error as &dyn Error, "no HTTP client for webhooks can be made");
            SendError("the server can't make connections".to_owned())
        })
    }

    fn build(&self, is_tls: bool) -> Result<Client, reqwest::Error> {
        let resolver = EndpointResolver::new(self.endpoints.clone(), self.lookups.clone(), is_tls);
        let client = Client::builder()
            .dns_resolver(Arc::new(resolver))
            .connect_timeout(self.timeouts.connect)
            .timeout(self.timeouts.total)
            // A redirect would lead past the check of the URL.
            .redirect(redirect::Policy::none())
            // A proxy would resolve the host itself.
            .no_proxy()
            .https_only(is_tls)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(MAX_IDLE_PER_HOST)
            .user_agent(concat!("fasttrack-webhooks/", env!("CARGO_PKG_VERSION")));
        // Without TLS the certificates of the system would be loaded for nothing, and may be absent.
        let client = if is_tls { client } else { client.tls_certs_only([]) };
        client.build()
    }
}

#[async_trait]
impl WebhookTransport for HttpWebhookTransport {
    async fn send(&self, request: WebhookRequest) -> Result<WebhookResponse, SendError> {
        let WebhookRequest { url, message_id, timestamp, body, secrets } = request;
        let url = self.endpoints.judge(url.as_str()).map_err(refused)?;
        let timestamp = timestamp.timestamp();
        let signature = signature::sign(&secrets, message_id.as_str(), timestamp, &body);
        let client = self.client(url.scheme() == "https").await?;
        let response = client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", message_id.as_str())
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature)
            .body(body)
            .send()
            .await
            .map_err(|error| describe(&error))?;
        let status = response.status();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after = retry_after.and_then(retry_after::parse);
        match read_to_end(response).await {
            // A success is one when all of it is there. A failure has said all that matters.
            Err(error) if status.is_success() => Err(describe(&error)),
            _ => Ok(WebhookResponse { status: status.as_u16(), retry_after }),
        }
    }
}

/// Reads a body to its end or its bound, whichever comes first.
async fn read_to_end(mut response: Response) -> Result<(), reqwest::Error> {
    let mut length = 0;
    while let Some(chunk) = response.chunk().await? {
        length += chunk.len();
        if length > MAX_BODY {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
