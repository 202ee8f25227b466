//! Replaces `traces` in a build without OpenTelemetry.

use crate::program::settings::Traces;
use tracing::Subscriber;
use tracing_subscriber::{Layer, layer::Identity};

pub enum Export {}

impl Export {
    pub fn start(_: &Traces) -> Result<Self, String> {
        Err("this program was built without the feature `otlp`".to_owned())
    }

    #[expect(clippy::unused_self, reason = "the feature `otlp` has a layer that needs it")]
    pub fn layer<S: Subscriber>(&self) -> impl Layer<S> + Send + Sync + use<S> {
        Identity::new()
    }

    pub fn finish(self) {
        match self {}
    }
}
