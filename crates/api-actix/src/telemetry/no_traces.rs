//! A build without OpenTelemetry.

use crate::settings::Traces;
use actix_web::http::header::HeaderMap;
use tracing::{Span, Subscriber};
use tracing_subscriber::{Layer, layer::Identity};

pub enum Export {}

impl Export {
    pub fn start(_: &Traces) -> Result<Self, String> {
        Err("this program was built without the feature `opentelemetry`".to_owned())
    }

    pub fn layer<S: Subscriber>(&self) -> impl Layer<S> + Send + Sync + use<S> {
        Identity::new()
    }

    pub fn finish(self) {
        match self {}
    }
}

pub fn continue_trace(_: &Span, _: &HeaderMap) {}

pub fn rename(_: &Span, _: String) {}

pub fn trace_id(_: &Span) -> Option<String> {
    None
}
