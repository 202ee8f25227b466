//! Traces for a collector, by OTLP over HTTP. A thread of its own sends them, in batches and from a bounded queue: a
//! collector that is slow or gone costs spans, never a request.

use crate::program::settings::Traces;
use async_trait::async_trait;
use fasttrack_domain::failure::{Outage, chain};
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{Sampler, SdkTracerProvider},
};
use std::{error::Error, time::Duration};
use tokio::runtime::{Builder, Runtime};
use tracing::{Metadata, Subscriber, level_filters::LevelFilter, subscriber::Interest};
use tracing_subscriber::{Layer, filter::dynamic_filter_fn, registry::LookupSpan};

/// How long a collector may take for a batch.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How long the end of the program waits for the last spans to be exported.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(3);

/// Maximum length in bytes of a collector's response.
const MAX_RESPONSE: usize = 64 * 1024;

/// Targets of spans that may begin a trace. Other spans are exported as a part of one only.
const ROOTS: [&str; 2] = ["fasttrack::request", "fasttrack::job"];

// @spec SPEC-017
/// Exports spans to a collector.
pub struct Export {
    provider: SdkTracerProvider,
}

impl Export {
    /// Starts the exporter. The collector need not be reachable.
    pub fn start(settings: &Traces) -> Result<Self, Box<dyn Error>> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let http = reqwest::Client::builder().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none()).build()?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(OtlpClient { runtime, http, outage: Outage::default() })
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(&settings.endpoint)
            .with_timeout(TIMEOUT)
            .build()?;
        let resource = Resource::builder()
            .with_service_name(settings.service_name.clone())
            .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(settings.ratio))))
            .with_resource(resource)
            .build();
        Ok(Self { provider })
    }

    /// The layer that records spans.
    pub fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        // Each of these would be exported with every span.
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("fasttrack"))
            .with_context_activation(false)
            .with_location(false)
            .with_target(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(
                dynamic_filter_fn(|callsite, context| {
                    is_ours(callsite) && (is_root(callsite) || context.lookup_current().is_some())
                })
                .with_max_level_hint(LevelFilter::INFO)
                .with_callsite_filter(|callsite| {
                    if is_ours(callsite) { Interest::sometimes() } else { Interest::never() }
                }),
            )
    }

    /// Exports the last spans, within a bounded time.
    pub fn finish(self) {
        if let Err(error) = self.provider.shutdown_with_timeout(FLUSH_TIMEOUT) {
            tracing::warn!(%error, "the last traces could not be exported in time, and are lost");
        }
    }
}

/// Whether a callsite is a span of ours. Events are for the log alone: they may contain more than a trace should.
fn is_ours(callsite: &Metadata<'_>) -> bool {
    callsite.is_span() && callsite.target().starts_with("fasttrack")
}

fn is_root(span: &Metadata<'_>) -> bool {
    ROOTS.contains(&span.target())
}

/// Posts batches to the collector. Only the thread of the exporter waits for it.
#[derive(Debug)]
struct OtlpClient {
    runtime: Runtime,
    http: reqwest::Client,
    outage: Outage,
}

#[async_trait]
impl HttpClient for OtlpClient {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        // reqwest needs a runtime, and the exporter's thread has none.
        let response = self.runtime.block_on(self.send(request));
        self.log(&response);
        response
    }
}

impl OtlpClient {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let without_url = reqwest::Error::without_url;
        let mut answer = self.http.execute(request.try_into()?).await.map_err(without_url)?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(without_url)? {
            if body.len() + chunk.len() > MAX_RESPONSE {
                return Err("the response is too large".into());
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = Response::new(body.into());
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        Ok(response)
    }

    /// Logs the beginning and the end of an outage, not each batch.
    fn log(&self, answer: &Result<Response<Bytes>, HttpError>) {
        let failure = match answer {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(format!("the collector answered {}", answer.status())),
            Err(error) => Some(chain(&**error)),
        };
        match failure {
            Some(error) if self.outage.failed() => {
                tracing::warn!(error, "traces can't be exported, and are lost meanwhile");
            }
            None if self.outage.recovered() => tracing::info!("traces can be exported again"),
            _ => {}
        }
    }
}
