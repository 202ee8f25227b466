//! Logs on standard error, and traces for a collector.

mod lines;
#[cfg_attr(not(feature = "otlp"), path = "no_traces.rs")]
mod traces;

use crate::program::settings::{LogFormat, Observability};
use lines::Lines;
use std::{
    any::Any,
    io::{IsTerminal, stderr},
    panic,
    time::Duration,
};
use traces::Export;
use tracing::{Level, Subscriber};
use tracing_subscriber::{
    Layer,
    filter::{FilterExt, filter_fn},
    fmt::layer,
    layer::SubscriberExt,
    registry::LookupSpan,
    util::SubscriberInitExt,
};

/// How long the end of the program waits for standard error to be read.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// Events of the exporter that `traces` logs itself, once an outage instead of once a batch.
const LOGGED_BY_TRACES: [&str; 2] = ["BatchSpanProcessor.ExportError", "BatchSpanProcessor.Shutdown.Timeout"];

/// Modules of actix that log what clients did, like a malformed request or a reset connection, as errors of the server.
/// `http_service` logs them.
const CAUSED_BY_CLIENTS: [&str; 3] = ["actix_http::h1::dispatcher", "actix_http::h1::decoder", "actix_http::ws"];

/// Flushes logs and traces when it is dropped.
pub struct Telemetry {
    lines: Option<Lines>,
    export: Option<Export>,
}

impl Telemetry {
    /// Begins to log as the settings say, and to export traces where `exports`. Logs go to standard error: standard
    /// output is for what a command answers.
    pub fn start(settings: &mut Observability, exports: bool) -> Self {
        let filter = std::mem::take(&mut settings.log_filter);
        let is_logged = filter_fn(|event| {
            let is_by_client = || CAUSED_BY_CLIENTS.iter().any(|module| event.target().starts_with(module));
            event.is_event()
                && !LOGGED_BY_TRACES.contains(&event.name())
                && !(*event.level() == Level::ERROR && is_by_client())
        });
        let lines = Lines::start(stderr());
        let log = log(settings.log_format, lines.clone()).with_filter(filter.and(is_logged));
        let export = settings.traces.as_ref().filter(|_| exports).map(Export::start).transpose();
        let (export, failure) = export.map_or_else(|failure| (None, Some(failure)), |export| (export, None));
        let log = tracing_subscriber::registry().with(log);
        let outcome = match &export {
            Some(export) => log.with(export.layer()).try_init(),
            None => log.try_init(),
        };
        // A program that embeds this one may have set a subscriber of its own, which stays.
        if let Err(error) = outcome {
            tracing::debug!(%error, "logging was set up already");
            return Self { lines: None, export: None };
        }
        panic::set_hook(Box::new(|panic| {
            let thread = std::thread::current();
            let (thread, location) = (thread.name().unwrap_or("?"), panic.location().map(tracing::field::display));
            tracing::error!(thread, location, "panicked: {}", message(panic.payload()));
        }));
        if let Some(failure) = failure {
            tracing::warn!("traces can't be exported: {failure}");
        }
        Self { lines: Some(lines), export }
    }
}

impl Drop for Telemetry {
    /// Waits for a bounded time until both are flushed.
    fn drop(&mut self) {
        if let Some(export) = self.export.take() {
            export.finish();
        }
        if let Some(lines) = self.lines.take() {
            lines.finish(FLUSH_TIMEOUT);
        }
    }
}

fn log<S: Subscriber + Send + Sync + for<'a> LookupSpan<'a>>(
    format: LogFormat,
    lines: Lines,
) -> Box<dyn Layer<S> + Send + Sync> {
    let layer = layer().with_writer(lines);
    match format {
        // It has colors unless NO_COLOR forbids them (<https://no-color.org>).
        LogFormat::Text if stderr().is_terminal() => layer.boxed(),
        LogFormat::Text => layer.with_ansi(false).boxed(),
        LogFormat::Json => layer.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed(),
    }
}

/// The message of a panic.
fn message(payload: &dyn Any) -> &str {
    let owned = || payload.downcast_ref::<String>().map(String::as_str);
    payload.downcast_ref::<&str>().copied().or_else(owned).unwrap_or("no message")
}
