//! Metrics, logs and traces.

use super::{
    LogFormat,
    source::Source,
    traces::{self, Traces},
};
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    str::FromStr,
};
use tracing_subscriber::EnvFilter;

/// All of our own lines, and warnings of the framework without those about clients that disconnect.
const DEFAULT_FILTER: &str = "info,actix_server=warn,actix_http::h1::dispatcher=off";

/// Reached from this machine only.
const DEFAULT_METRICS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9464);

/// Settings of metrics, logs and traces.
#[derive(Debug)]
pub struct Observability {
    pub metrics: MetricsAddress,
    pub log_format: LogFormat,
    /// Which events are logged, by module and level.
    pub log_filter: EnvFilter,
    /// `None`: no traces are exported.
    pub traces: Option<Traces>,
}

/// Address that metrics are served on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricsAddress {
    /// The default: where another program uses it already, there are no metrics.
    Default(SocketAddr),
    /// One that was chosen: where it can't be used, the server doesn't start.
    Chosen(SocketAddr),
    /// No metrics are served.
    Off,
}

impl FromStr for MetricsAddress {
    type Err = InvalidMetricsAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            "off" => Ok(Self::Off),
            address => address.parse().map(Self::Chosen).map_err(|_| InvalidMetricsAddress(text.to_owned())),
        }
    }
}

/// Neither an address nor `off`.
#[derive(Debug)]
pub struct InvalidMetricsAddress(String);

impl fmt::Display for InvalidMetricsAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no IP address with a port, nor off", self.0)
    }
}

impl Observability {
    pub(super) fn read(source: &mut Source<'_>) -> Self {
        source.group("Watching");
        Self {
            metrics: source
                .setting(
                    "METRICS_ADDR",
                    "Address and port to serve GET /metrics on, for Prometheus; off for none; where another program uses \
                     the default already, there are none",
                )
                .value_name("ADDRESS")
                .default_value(DEFAULT_METRICS)
                .parsed()
                .unwrap_or(MetricsAddress::Default(DEFAULT_METRICS)),
            log_format: source
                .setting("LOG_FORMAT", "Format of lines in the log")
                .value_name("FORMAT")
                .word(LogFormat::Text, &[("text", LogFormat::Text), ("json", LogFormat::Json)]),
            log_filter: source
                .setting("RUST_LOG", "What is logged, like info or fasttrack_app=debug,info")
                .value_name("FILTER")
                .default_value(DEFAULT_FILTER)
                .example("info")
                .parsed()
                .unwrap_or_else(|| EnvFilter::new(DEFAULT_FILTER)),
            traces: traces::read(source),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_address_is_an_address_or_off() {
        let read = |text: &str| text.parse::<MetricsAddress>().map_err(|error| error.to_string());
        assert_eq!(read("[::1]:0"), Ok(MetricsAddress::Chosen("[::1]:0".parse().unwrap())));
        assert_eq!(read("off"), Ok(MetricsAddress::Off));
        assert_eq!(read("9090"), Err("\"9090\" is no IP address with a port, nor off".to_owned()));
    }
}
