//! Settings of the traces that are exported, by the names that OpenTelemetry gives them.

use super::{
    InvalidSetting,
    value::{parsed, text},
};
use clap::Args;
use std::str::FromStr;

/// The settings as they are given.
#[derive(Args, Clone, Default)]
#[expect(clippy::doc_markdown, reason = "the texts are shown in a terminal, by --help")]
#[expect(clippy::struct_field_names, reason = "the variables are named after them")]
pub struct RawTraces {
    /// Collector that takes traces by OTLP over HTTP, like http://127.0.0.1:4318: they are posted to /v1/traces below it [default: none are exported]
    #[arg(long, env, value_name = "URL")]
    otel_exporter_otlp_endpoint: Option<String>,
    /// What this service is called in traces [default: fasttrack]
    #[arg(long, env, value_name = "NAME")]
    otel_service_name: Option<String>,
    /// Part of the requests that are traced, 0 to 1; one that is part of a trace already is as its caller decided [default: 1]
    #[arg(long, env, value_name = "RATIO")]
    otel_traces_sampler_arg: Option<String>,
}

/// What is traced, and for whom.
#[derive(Debug)]
pub struct Traces {
    /// Where spans are posted.
    pub endpoint: String,
    /// `service.name`
    pub service_name: String,
    /// Part of the requests that begin a trace, 0 to 1.
    pub ratio: f64,
}

impl RawTraces {
    /// Reports what is wrong, and goes on. `None`: no traces are exported.
    pub fn check(self, faults: &mut impl FnMut(InvalidSetting)) -> Option<Traces> {
        let endpoint =
            parsed("OTEL_EXPORTER_OTLP_ENDPOINT", self.otel_exporter_otlp_endpoint, "http://127.0.0.1:4318", faults);
        let service_name = text("OTEL_SERVICE_NAME", self.otel_service_name, "fasttrack", "fasttrack", faults);
        let ratio = parsed("OTEL_TRACES_SAMPLER_ARG", self.otel_traces_sampler_arg, "0.1", faults);
        endpoint.map(|Collector(endpoint)| Traces {
            endpoint,
            service_name,
            ratio: ratio.map_or(1.0, |Ratio(ratio)| ratio),
        })
    }
}

/// Where a collector takes traces.
struct Collector(String);

impl FromStr for Collector {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = reqwest::Url::parse(text.trim()).ok();
        let is_bare = |url: &reqwest::Url| {
            url.has_host() && url.query().is_none() && url.username().is_empty() && url.password().is_none()
        };
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && is_bare(url));
        // What was given isn't repeated: there may be a password in it.
        let url = url.ok_or(
            "must be an http:// or https:// address; what the collector asks for besides goes into OTEL_EXPORTER_OTLP_HEADERS",
        )?;
        Ok(Self(format!("{}/v1/traces", url.as_str().trim_end_matches('/'))))
    }
}

/// From none to all.
struct Ratio(f64);

impl FromStr for Ratio {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let ratio = text.trim().parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio));
        ratio.map(Self).ok_or_else(|| format!("{text:?} is no number from 0 to 1"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_is_an_address_below_which_traces_are_posted() {
        let read = |text: &str| text.parse::<Collector>().map(|Collector(endpoint)| endpoint);
        for (given, endpoint) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            (" https://collector.example.org/ ", "https://collector.example.org/v1/traces"),
            ("https://[::1]:1/otlp/", "https://[::1]:1/otlp/v1/traces"),
        ] {
            assert_eq!(read(given).as_deref(), Ok(endpoint));
        }
        for wrong in [
            "127.0.0.1:4318",
            "grpc://collector",
            "http://",
            "http://collector/?key=secret",
            "http://ann:secret@collector",
        ] {
            assert!(!read(wrong).unwrap_err().contains("secret"), "{wrong}");
        }
    }

    #[test]
    fn a_ratio_is_between_none_and_all() {
        let read = |text: &str| text.parse::<Ratio>().map(|Ratio(ratio)| ratio).ok();
        for (given, ratio) in [("0", 0.0), ("0.25", 0.25), (" 1 ", 1.0)] {
            assert!(read(given).is_some_and(|read| (read - ratio).abs() < f64::EPSILON), "{given}");
        }
        for wrong in ["-0.1", "1.1", "NaN", "inf", "half", ""] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
