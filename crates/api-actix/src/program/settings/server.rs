//! Settings of the server: where it listens, what it keeps files in, who may use it.

use super::tls::RawTls;
use clap::Args;

/// The settings as they are given.
#[derive(Args, Clone, Default)]
#[command(next_help_heading = "Server")]
pub struct RawServer {
    /// Address to listen on [default: 127.0.0.1]
    #[arg(long, env)]
    pub(super) host: Option<String>,
    /// Port to listen on; 0 takes a free one [default: 8080]
    #[arg(long, env)]
    pub(super) port: Option<String>,
    /// Directory of the database and the signing key [default: data]
    #[arg(long, env, value_name = "DIR")]
    pub(super) data_dir: Option<String>,
    /// Threads that serve requests, 1 to 512 [default: one a core]
    #[arg(long, env)]
    pub(super) workers: Option<String>,
    /// Seconds to go on serving after SIGTERM, not ready, so that a load balancer looks for another node first, 0 to 300 [default: 0]
    #[arg(long, env, value_name = "SECONDS")]
    pub(super) shutdown_delay_seconds: Option<String>,
    /// Whether anybody may register: open or closed [default: open]
    #[arg(long, env)]
    pub(super) registration: Option<String>,
    /// Front ends that browsers may use this server from, comma-separated and exact, like `https://app.example.org` [default: none]
    #[arg(long, env, value_name = "ORIGINS")]
    pub(super) cors_origins: Option<String>,
    #[command(flatten)]
    pub(super) tls: RawTls,
}
