//! Traces that are exported, by the names that OpenTelemetry gives its variables.

use super::source::Source;
use std::str::FromStr;

/// Settings of traces.
#[derive(Debug)]
pub struct Traces {
    /// Address that spans are posted to.
    pub endpoint: String,
    /// `service.name` of every span.
    pub service_name: String,
    /// Part of the requests that begin a trace, 0 to 1.
    pub ratio: f64,
}

/// `None`: no traces are exported.
pub(super) fn read(source: &mut Source<'_>) -> Option<Traces> {
    let endpoint = source
        .setting(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "Collector of traces by OTLP over HTTP; they are posted to /v1/traces below this address",
        )
        .value_name("URL")
        .default_is("no traces are exported")
        .example("http://127.0.0.1:4318")
        .parsed();
    let service_name =
        source.setting("OTEL_SERVICE_NAME", "Name of this service in traces").value_name("NAME").text("fasttrack");
    let ratio = source
        .setting(
            "OTEL_TRACES_SAMPLER_ARG",
            "Part of the requests that begin a trace, 0 to 1; a request that is part of a trace already is traced where \
             its caller is",
        )
        .value_name("RATIO")
        .default_value("1")
        .example("0.1")
        .parsed();
    let ratio = ratio.map_or(1.0, |Ratio(ratio)| ratio);
    endpoint.map(|Collector(endpoint)| Traces { endpoint, service_name, ratio })
}

/// Address of a collector, with the path for traces.
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

/// A part, from 0 to 1.
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
    fn collector_address_gets_the_path_of_traces() {
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
    fn ratio_is_from_0_to_1() {
        let read = |text: &str| text.parse::<Ratio>().map(|Ratio(ratio)| ratio).ok();
        for (given, ratio) in [("0", 0.0), ("0.25", 0.25), (" 1 ", 1.0)] {
            assert!(read(given).is_some_and(|read| (read - ratio).abs() < f64::EPSILON), "{given}");
        }
        for wrong in ["-0.1", "1.1", "NaN", "inf", "half", ""] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
