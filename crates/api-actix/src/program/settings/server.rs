//! Where the server listens, what it keeps files in, and who may use it.

use super::{
    origin::origin,
    source::Source,
    tls::{self, TlsFiles},
};
use std::{path::PathBuf, thread, time::Duration};

/// Settings of the server.
#[derive(Debug)]
pub struct Server {
    /// Address to listen on.
    pub host: String,
    /// Port to listen on.
    pub port: u16,
    /// Directory of the database and the signing key, unless they are placed elsewhere.
    pub data_dir: PathBuf,
    /// Threads that serve requests.
    pub workers: usize,
    /// How long requests are still served after SIGTERM, before the graceful shutdown begins.
    pub shutdown_delay: Duration,
    /// Whether anybody may register.
    pub registration_open: bool,
    /// Front ends that browsers may use this server from, as `Origin` names them.
    pub cors_origins: Vec<String>,
    /// Certificate and key for HTTPS; `None`: HTTP is served.
    pub tls: Option<TlsFiles>,
}

const MAX_WORKERS: usize = 512;

impl Server {
    pub(super) fn read(source: &mut Source<'_>) -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        source.group("Server");
        Self {
            host: source.setting("HOST", "Address to listen on").value_name("HOST").example("0.0.0.0").text("127.0.0.1"),
            port: source
                .setting("PORT", "Port to listen on; 0 takes a free one")
                .value_name("PORT")
                .whole(8080, 0..=u16::MAX),
            data_dir: source
                .setting("DATA_DIR", "Directory of the database and the signing key")
                .value_name("DIR")
                .default_value("data")
                .raw()
                .map_or_else(|| PathBuf::from("data"), PathBuf::from),
            workers: source
                .setting("WORKERS", "Threads that serve requests")
                .value_name("N")
                .default_is("one per core")
                .example("4")
                .whole(cores.min(MAX_WORKERS), 1..=MAX_WORKERS),
            shutdown_delay: Duration::from_secs(
                source
                    .setting(
                        "SHUTDOWN_DELAY_SECONDS",
                        "Seconds between SIGTERM and the graceful shutdown: requests are still served and /health/ready \
                         is 503, so that a load balancer chooses another node first",
                    )
                    .value_name("SECONDS")
                    .example("5")
                    .whole(0, 0..=300),
            ),
            registration_open: source
                .setting("REGISTRATION", "Whether anybody may register")
                .value_name("WORD")
                .word(true, &[("open", true), ("closed", false)]),
            cors_origins: source
                .setting(
                    "CORS_ORIGINS",
                    "Front ends that browsers may use this server from, comma-separated and exact, like \
                     https://app.example.org",
                )
                .value_name("ORIGINS")
                .default_is("none")
                .example("https://app.example.org,http://localhost:3000")
                .list(origin),
            tls: tls::read(source),
        }
    }
}
