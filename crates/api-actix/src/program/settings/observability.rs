//! Settings of what the server tells about itself.

use super::{
    InvalidSetting, LogFormat, Traces,
    traces::RawTraces,
    value::{one_of, parsed, present},
};
use clap::Args;
use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    str::FromStr,
};
use tracing_subscriber::EnvFilter;

/// Our own lines, and of the framework only what is amiss; it counts clients that go away among that.
const DEFAULT_FILTER: &str = "info,actix_server=warn,actix_http::h1::dispatcher=off";

/// Of this machine only.
const DEFAULT_METRICS: MetricsAddress =
    MetricsAddress::Default(SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 9464));

/// The settings as they are given.
#[derive(Args, Clone, Default)]
#[command(next_help_heading = "Watching")]
#[expect(clippy::doc_markdown, reason = "the texts are shown in a terminal, by --help")]
pub struct RawObservability {
    /// Address and port to serve GET /metrics on, for Prometheus; off for none; the default gives way to whoever has it [default: 127.0.0.1:9464]
    #[arg(long, env, value_name = "ADDRESS")]
    metrics_addr: Option<String>,
    /// How lines are logged: text or json [default: text]
    #[arg(long, env, value_name = "FORMAT")]
    log_format: Option<String>,
    /// What is logged, like info or fasttrack_app=debug,info [default: `info,actix_server=warn,actix_http::h1::dispatcher=off`]
    #[arg(long, env = "RUST_LOG", value_name = "FILTER")]
    rust_log: Option<String>,
    #[command(flatten)]
    traces: RawTraces,
}

/// The settings, checked.
#[derive(Debug)]
pub struct Observability {
    /// Where metrics are served.
    pub metrics: MetricsAddress,
    /// How lines are logged.
    pub log_format: LogFormat,
    /// What is logged.
    pub log_filter: EnvFilter,
    /// What is traced, and for whom; `None`: nothing.
    pub traces: Option<Traces>,
}

/// Where metrics are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricsAddress {
    /// Where nobody chose: whoever has it already keeps it.
    Default(SocketAddr),
    /// Where somebody relies on finding them.
    Chosen(SocketAddr),
    /// Nowhere.
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

impl RawObservability {
    /// Reports what is wrong, and goes on.
    pub fn check(self, faults: &mut impl FnMut(InvalidSetting)) -> Observability {
        Observability {
            metrics: present(self.metrics_addr).map_or(DEFAULT_METRICS, |raw| {
                parsed("METRICS_ADDR", Some(raw), "127.0.0.1:9464", faults).unwrap_or(MetricsAddress::Off)
            }),
            log_format: one_of(
                "LOG_FORMAT",
                self.log_format,
                LogFormat::Text,
                &[("text", LogFormat::Text), ("json", LogFormat::Json)],
                faults,
            ),
            log_filter: parsed("RUST_LOG", self.rust_log, "info", faults)
                .unwrap_or_else(|| EnvFilter::new(DEFAULT_FILTER)),
            traces: self.traces.check(faults),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_served_where_the_setting_says() {
        let read = |text: &str| text.parse::<MetricsAddress>().map_err(|error| error.to_string());
        assert_eq!(read("[::1]:0"), Ok(MetricsAddress::Chosen("[::1]:0".parse().unwrap())));
        assert_eq!(read("off"), Ok(MetricsAddress::Off));
        assert_eq!(read("9090"), Err("\"9090\" is no IP address with a port, nor off".to_owned()));
    }
}
