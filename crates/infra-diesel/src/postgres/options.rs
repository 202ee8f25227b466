//! How the database is reached, and how long it may take.

use super::tls::{Roots, Tls, Verification};
use crate::Error;
use percent_encoding::percent_decode_str;
use std::{fmt, path::PathBuf, str::FromStr, time::Duration};
use tokio_postgres::{Config, config::SslMode};

/// How to use a PostgreSQL database.
#[derive(Clone)]
pub struct Options {
    /// `postgres://user:password@host:port/database?parameters`.
    ///
    /// `sslmode` is `disable`, `prefer` (the default: encrypted where the server can, by whoever it is), `require` and
    /// `verify-full` (encrypted, with a certificate for this host from an authority that is trusted) or `verify-ca`
    /// (the same for any host). `sslrootcert` is a PEM file of the authorities that are trusted; without it, or where
    /// it is `system`, those of the operating system.
    pub url: String,
    /// Connections at most.
    pub pool_size: usize,
    /// How long work waits for a connection.
    pub acquire_timeout: Duration,
    /// How long the server works on one statement before it gives up.
    pub statement_timeout: Duration,
}

impl Options {
    /// With the defaults: 16 connections, 2 s to get one, 10 s for a statement.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            pool_size: 16,
            acquire_timeout: Duration::from_secs(2),
            statement_timeout: Duration::from_secs(10),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("pool_size", &self.pool_size).finish_non_exhaustive()
    }
}

/// What to connect to, read from a URL.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) config: Config,
    pub(super) tls: Tls,
}

/// How long data that was sent may go without acknowledgement before the connection is given up: what a server that
/// vanished without a word costs.
const UNACKNOWLEDGED: Duration = Duration::from_secs(5);

impl Target {
    pub(super) fn parse(options: &Options) -> Result<Self, Error> {
        // Nothing of the URL is repeated: it may hold a password anywhere once it's malformed.
        let malformed = || Error::Connection("the URL is not one of PostgreSQL".into());
        let (address, parameters) = options.url.split_once('?').unwrap_or((&options.url, ""));
        let (mut mode, mut root) = (Mode::Prefer, None);
        let mut rest = Vec::new();
        for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
            let (key, value) = parameter.split_once('=').ok_or_else(malformed)?;
            match key {
                "sslmode" => mode = value.parse()?,
                "sslrootcert" => root = Some(percent_decode_str(value).decode_utf8_lossy().into_owned()),
                _ => rest.push(parameter),
            }
        }
        let mut config: Config = format!("{address}?{}", rest.join("&")).parse().map_err(|_| malformed())?;
        let given = |key: &str| rest.iter().any(|parameter| parameter.split('=').next() == Some(key));
        if !given("application_name") {
            config.application_name("fasttrack");
        }
        if !given("connect_timeout") {
            config.connect_timeout(options.acquire_timeout);
        }
        if !given("tcp_user_timeout") {
            config.tcp_user_timeout(UNACKNOWLEDGED);
        }
        if !given("keepalives_idle") {
            config.keepalives_idle(Duration::from_secs(30));
        }
        config.ssl_mode(mode.driver());
        let roots = match root.as_deref() {
            None | Some("system") => Roots::System,
            Some(file) => Roots::File(PathBuf::from(file)),
        };
        Ok(Self { config, tls: Tls::new(mode.verification(), &roots)? })
    }
}

/// What `sslmode` says.
#[derive(Clone, Copy)]
enum Mode {
    Disable,
    Prefer,
    VerifyCa,
    VerifyFull,
}

impl FromStr for Mode {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "disable" => Ok(Self::Disable),
            "allow" | "prefer" => Ok(Self::Prefer),
            "verify-ca" => Ok(Self::VerifyCa),
            "require" | "verify-full" => Ok(Self::VerifyFull),
            _ => Err(Error::Connection(
                "sslmode must be `disable`, `prefer`, `require`, `verify-ca` or `verify-full`".into(),
            )),
        }
    }
}

impl Mode {
    fn driver(self) -> SslMode {
        match self {
            Self::Disable => SslMode::Disable,
            Self::Prefer => SslMode::Prefer,
            Self::VerifyCa | Self::VerifyFull => SslMode::Require,
        }
    }

    fn verification(self) -> Option<Verification> {
        match self {
            Self::Disable => None,
            Self::Prefer => Some(Verification::Nothing),
            Self::VerifyCa => Some(Verification::Authority),
            Self::VerifyFull => Some(Verification::AuthorityAndName),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str) -> Result<Target, Error> {
        Target::parse(&Options::new(url))
    }

    #[test]
    fn the_url_of_a_hosted_database_is_understood() {
        let url = "postgresql://ann:s3cret@ep-1.eu.example.org/neondb?sslmode=require&channel_binding=require";
        let config = target(url).unwrap().config;
        assert_eq!(config.get_ssl_mode(), SslMode::Require);
        assert_eq!(config.get_channel_binding(), tokio_postgres::config::ChannelBinding::Require);
        assert_eq!(config.get_application_name(), Some("fasttrack"));
        assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(2)));
    }

    #[test]
    fn what_the_url_says_comes_before_the_defaults() {
        let config = target("postgres://h/d?application_name=mine&connect_timeout=7").unwrap().config;
        assert_eq!(config.get_application_name(), Some("mine"));
        assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(7)));
        assert_eq!(config.get_ssl_mode(), SslMode::Prefer);
    }

    #[test]
    fn a_url_that_is_none_is_refused_without_being_repeated() {
        for url in [
            "postgres://ann:pa?s3cret@host/db",
            "postgres://ann:s3cret@host/db?sslmode=s3cret",
            "postgres://ann:s3cret@host:port/db",
            "postgres://ann:s3cret@host/db?unknown=s3cret",
            "postgres://ann:s3cret@host/db?sslmode=require&sslrootcert=/s3cret.pem",
        ] {
            let error = target(url).map(drop).unwrap_err().to_string();
            assert!(!error.contains("s3cret@") && !error.contains("=s3cret"), "{url}: {error}");
        }
    }

    #[test]
    fn options_are_printed_without_the_url() {
        assert!(!format!("{:?}", Options::new("postgres://ann:s3cret@host/db")).contains("s3cret"));
    }
}
