//! The servers that a URL names, and how to connect to them.

use super::{
    options::Options,
    sqlstate_reader::SqlStateReader,
    tls::{Encryption, Roots, Stream, Tls, Verification},
};
use crate::{Error, sqlstate::LatestState};
use diesel_async::AsyncPgConnection;
use fasttrack_domain::failure::chain;
use futures_util::FutureExt;
use percent_encoding::percent_decode_str;
use std::{io, path::PathBuf, str::FromStr, sync::Arc, time::Duration};
use tokio::{net::UnixStream, spawn, task::JoinHandle, time::timeout};
use tokio_postgres::{
    Client, Config, NoTls, Socket,
    config::{Host, SslMode, SslNegotiation},
};

/// The servers to connect to, parsed from a URL.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) config: Config,
    tls: Tls,
    /// Paths of Unix sockets; empty where the hosts are reached by TCP.
    sockets: Vec<PathBuf>,
    /// Whether the URL has no `sslmode` and names a server on another machine.
    pub(super) is_unprotected: bool,
}

/// How long sent data may stay unacknowledged before the connection is closed (`TCP_USER_TIMEOUT`). It bounds the wait for a
/// server that vanished.
const UNACKNOWLEDGED_TIMEOUT: Duration = Duration::from_secs(5);

impl Target {
    pub(super) fn parse(options: &Options) -> Result<Self, Error> {
        // The error doesn't contain the URL: in a malformed one the password may be anywhere.
        let malformed = || Error::Connection("the URL is not one of PostgreSQL".into());
        let (address, parameters) = options.url.split_once('?').unwrap_or((&options.url, ""));
        let (mut mode, mut root) = (None, None);
        let mut rest = Vec::new();
        for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
            let (key, value) = parameter.split_once('=').ok_or_else(malformed)?;
            match key {
                "sslmode" => mode = Some(value.parse()?),
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
            config.tcp_user_timeout(UNACKNOWLEDGED_TIMEOUT);
        }
        if !given("keepalives_idle") {
            config.keepalives_idle(Duration::from_secs(30));
        }
        let sockets = sockets(&config)?;
        let is_unprotected = mode.is_none() && !is_local(&config);
        let mode = mode.unwrap_or(Mode::Prefer);
        let encryption = match (mode.encryption(), config.get_ssl_negotiation()) {
            (Encryption::Required, SslNegotiation::Direct) => Encryption::Direct,
            (encryption, _) => encryption,
        };
        if sockets.is_empty() {
            // The connector negotiates whether to encrypt, so the driver passes all connections to it.
            config.ssl_mode(SslMode::Require).ssl_negotiation(SslNegotiation::Direct);
            if config.get_hosts().is_empty() {
                for address in config.get_hostaddrs().to_vec() {
                    config.host(address.to_string());
                }
            }
        } else {
            config.ssl_mode(SslMode::Disable).ssl_negotiation(SslNegotiation::Postgres);
        }
        let roots = match root.as_deref() {
            None | Some("system") => Roots::System,
            Some(file) => Roots::File(PathBuf::from(file)),
        };
        Ok(Self { config, tls: Tls::new(encryption, mode.verification(), &roots)?, sockets, is_unprotected })
    }

    /// Opens a connection outside the pool.
    pub(super) async fn dedicated(&self) -> Result<(Client, Driver), Error> {
        self.connect(&Arc::default()).await
    }

    /// Opens a connection whose latest SQLSTATE is stored in `latest`. The task runs it, and ends with it.
    pub(super) async fn open(&self, latest: &Arc<LatestState>) -> Result<(AsyncPgConnection, JoinHandle<()>), Error> {
        let (client, driver) = if self.sockets.is_empty() {
            let (client, driver) = self.connect(latest).await?;
            (client, spawn(driver.map(drop)))
        } else {
            let stream = SqlStateReader::new(self.socket().await?, Arc::clone(latest));
            let (client, driver) = self.config.connect_raw(stream, NoTls).await.map_err(|error| unreachable(&error))?;
            (client, spawn(driver.map(drop)))
        };
        let opened = AsyncPgConnection::try_from(client).await.map_err(|error| Error::Connection(error.into()))?;
        Ok((opened, driver))
    }

    async fn connect(&self, latest: &Arc<LatestState>) -> Result<(Client, Driver), Error> {
        self.config.connect(self.tls.reporting_to(latest)).await.map_err(|error| unreachable(&error))
    }

    /// Connects to the first socket on which a server listens.
    async fn socket(&self) -> Result<UnixStream, Error> {
        let deadline = self.config.get_connect_timeout().copied().unwrap_or(UNACKNOWLEDGED_TIMEOUT);
        let mut failure = io::Error::from(io::ErrorKind::NotFound);
        for socket in &self.sockets {
            match timeout(deadline, UnixStream::connect(socket)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => failure = error,
                Err(_) => failure = io::ErrorKind::TimedOut.into(),
            }
        }
        Err(Error::Connection(failure.into()))
    }
}

/// The future that runs a connection's protocol.
pub(super) type Driver = tokio_postgres::Connection<Socket, Stream<Socket>>;

/// The paths of the sockets in the directories that the URL names as hosts; empty where the hosts are reached by TCP.
fn sockets(config: &Config) -> Result<Vec<PathBuf>, Error> {
    let mut sockets = Vec::new();
    for (n, host) in config.get_hosts().iter().enumerate() {
        if let Host::Unix(directory) = host {
            let port = config.get_ports().get(n).or(config.get_ports().first()).unwrap_or(&5432);
            sockets.push(directory.join(format!(".s.PGSQL.{port}")));
        }
    }
    if sockets.is_empty() || sockets.len() == config.get_hosts().len() {
        return Ok(sockets);
    }
    Err(Error::Connection("the URL names directories of sockets beside hosts; name one kind of them".into()))
}

/// Whether all hosts are this machine.
fn is_local(config: &Config) -> bool {
    let is_loopback = |host: &Host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name.eq_ignore_ascii_case("localhost") || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
    };
    // Where there is an address (`hostaddr`), the host is not connected to.
    let addresses = config.get_hostaddrs();
    if addresses.is_empty() {
        config.get_hosts().iter().all(is_loopback)
    } else {
        addresses.iter().all(std::net::IpAddr::is_loopback)
    }
}

/// An error with the chain of its causes, which the driver doesn't print.
fn unreachable(error: &tokio_postgres::Error) -> Error {
    Error::Connection(chain(error).into())
}

/// The value of `sslmode`.
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
    fn encryption(self) -> Encryption {
        match self {
            Self::Disable => Encryption::Never,
            Self::Prefer => Encryption::Preferred,
            Self::VerifyCa | Self::VerifyFull => Encryption::Required,
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
        let Target { config, tls, .. } = target(url).unwrap();
        assert_eq!(tls.encryption(), Encryption::Required);
        assert_eq!(config.get_channel_binding(), tokio_postgres::config::ChannelBinding::Require);
        assert_eq!(config.get_application_name(), Some("fasttrack"));
        assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(2)));
    }

    #[test]
    fn what_the_url_says_comes_before_the_defaults() {
        let Target { config, tls, .. } = target("postgres://h/d?application_name=mine&connect_timeout=7").unwrap();
        assert_eq!(config.get_application_name(), Some("mine"));
        assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(7)));
        assert_eq!(tls.encryption(), Encryption::Preferred);
        for (url, encryption) in [
            ("postgres://h/d?sslmode=disable", Encryption::Never),
            ("postgres://h/d?sslmode=require&sslnegotiation=direct", Encryption::Direct),
        ] {
            assert_eq!(target(url).unwrap().tls.encryption(), encryption, "{url}");
        }
    }

    #[test]
    fn server_elsewhere_without_sslmode_is_unprotected() {
        for (url, is_unprotected) in [
            ("postgres://db.example.org/d", true),
            ("postgres://10.0.0.7/d", true),
            ("postgres://localhost,db.example.org/d", true),
            ("postgres://localhost/d?hostaddr=10.0.0.7", true),
            ("postgres://localhost/d", false),
            ("postgres://127.0.0.1:5433/d", false),
            ("postgres://[::1]/d", false),
            ("postgres://db.example.org/d?hostaddr=127.0.0.1", false),
            ("postgres:///d?host=/run/postgresql", false),
            ("postgres://db.example.org/d?sslmode=prefer", false),
            ("postgres://db.example.org/d?sslmode=disable", false),
            ("postgres://db.example.org/d?sslmode=require", false),
        ] {
            assert_eq!(target(url).unwrap().is_unprotected, is_unprotected, "{url}");
        }
    }

    #[test]
    fn sockets_are_found_by_their_directories() {
        let target = |url| target(url).map(|target| target.sockets).map_err(|error| error.to_string());
        let socket = |directory: &str, port| PathBuf::from(directory).join(format!(".s.PGSQL.{port}"));
        assert_eq!(target("postgres:///d?host=/run/postgresql"), Ok(vec![socket("/run/postgresql", 5432)]));
        let several = target("postgres://%2Fone:1111,%2Ftwo:2222/d");
        assert_eq!(several, Ok(vec![socket("/one", 1111), socket("/two", 2222)]));
        assert_eq!(target("postgres://localhost/d"), Ok(Vec::new()));
        assert!(target("postgres://%2Frun%2Fpostgresql,db.example.org/d").unwrap_err().contains("one kind"));
    }

    #[test]
    fn invalid_url_is_refused_without_being_repeated() {
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
}
