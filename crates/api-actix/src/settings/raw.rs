//! Settings as they are given, by flags and environment variables.

use super::{
    InvalidSetting, Secret, Settings,
    external::external_issuer,
    limits::RawLimits,
    observability::RawObservability,
    tls::RawTls,
    value::{flag, listed, number, one_of, origins, parsed, present, text},
};
use crate::wiring::KeyAlgorithm;
use clap::Args;
use std::{path::PathBuf, thread, time::Duration};

/// For mail servers of one's own; others want an address of theirs.
const DEFAULT_SENDER: &str = "fasttrack <fasttrack@localhost>";

// @spec SPEC-012
/// The settings as they are given. An empty one counts as absent.
#[derive(Args, Clone, Default)]
#[expect(clippy::doc_markdown, reason = "the texts are shown in a terminal, by --help")]
pub struct RawSettings {
    /// Address to listen on [default: 127.0.0.1]
    #[arg(long, env, global = true, hide_env_values = true)]
    host: Option<String>,
    /// Port to listen on; 0 takes a free one [default: 8080]
    #[arg(long, env, global = true, hide_env_values = true)]
    port: Option<String>,
    /// Directory of the database and the signing key [default: data]
    #[arg(long, env, global = true, hide_env_values = true, value_name = "DIR")]
    data_dir: Option<String>,
    /// Database, like sqlite://relative/path, sqlite:///absolute/path, sqlite::memory: or postgres://user:password@host/database [default: fasttrack.db in DATA_DIR]
    #[arg(long, env, global = true, hide_env_values = true, value_name = "URL")]
    database_url: Option<String>,
    /// Connections to PostgreSQL at most, 1 to 1000 [default: 16]
    #[arg(long, env, global = true, hide_env_values = true, value_name = "N")]
    database_pool_size: Option<String>,
    /// Whether to bring the database's schema up to date at the start: true or false [default: true]
    #[arg(long, env, global = true, hide_env_values = true, value_name = "BOOL")]
    auto_migrate: Option<String>,
    /// PEM file of the key that signs tokens; made where missing [default: jwt_private_key.pem in DATA_DIR]
    #[arg(long, env, global = true, hide_env_values = true, value_name = "FILE")]
    jwt_private_key_file: Option<String>,
    /// PEM files, comma-separated, of further keys whose tokens are accepted
    #[arg(long, env, global = true, hide_env_values = true, value_name = "FILES")]
    jwt_verification_key_files: Option<String>,
    /// RS256, ES256, EdDSA, or HS256 with SECRET_KEY [default: what the key is for, RS256 for a new one]
    #[arg(long, env, global = true, hide_env_values = true, value_name = "ALG")]
    jwt_algorithm: Option<String>,
    /// Secret of at least 32 bytes for JWT_ALGORITHM=HS256
    #[arg(long, env, global = true, hide_env_values = true, value_name = "SECRET")]
    secret_key: Option<String>,
    /// `iss` of our tokens [default: fasttrack]
    #[arg(long, env, global = true, hide_env_values = true, value_name = "NAME")]
    token_issuer: Option<String>,
    /// `aud` of our tokens [default: fasttrack]
    #[arg(long, env, global = true, hide_env_values = true, value_name = "NAME")]
    token_audience: Option<String>,
    /// How long access tokens are good, 1 to 1440 [default: 15]
    #[arg(long, env, global = true, hide_env_values = true, value_name = "MINUTES")]
    access_token_expire_minutes: Option<String>,
    /// How long refresh tokens are good, 1 to 365 [default: 7]
    #[arg(long, env, global = true, hide_env_values = true, value_name = "DAYS")]
    refresh_token_expire_days: Option<String>,
    /// How long a session goes on after its login, however often its tokens are exchanged, 1 to 3650 [default: 90]
    #[arg(long, env, global = true, hide_env_values = true, value_name = "DAYS")]
    session_max_days: Option<String>,
    /// How long a spent refresh token may be exchanged again, 0 to 86400 [default: 0]
    #[arg(long, env, global = true, hide_env_values = true, value_name = "SECONDS")]
    auth_refresh_reuse_leeway_seconds: Option<String>,
    /// Public keys of another issuer whose tokens are accepted, with JWT_ISSUER and JWT_AUDIENCE; https, or http on this machine [default: none]
    #[arg(long, env, global = true, hide_env_values = true, value_name = "URL")]
    jwks_url: Option<String>,
    /// `iss` of that issuer's tokens
    #[arg(long, env, global = true, hide_env_values = true, value_name = "NAME")]
    jwt_issuer: Option<String>,
    /// `aud` of that issuer's tokens
    #[arg(long, env, global = true, hide_env_values = true, value_name = "NAME")]
    jwt_audience: Option<String>,
    /// Cost of a password hash, 4 to 16; one more doubles the time [default: 12]
    #[arg(long, env, global = true, hide_env_values = true, value_name = "COST")]
    bcrypt_cost: Option<String>,
    /// Where to hand over mail: smtp://user:password@host:587?tls=required (STARTTLS) or smtps://user:password@host (TLS) [default: mail is only logged]
    #[arg(long, env, global = true, hide_env_values = true, value_name = "URL")]
    smtp_url: Option<String>,
    /// Who mail is from, like `Name <address>` [default: `fasttrack <fasttrack@localhost>`]
    #[arg(long, env, global = true, hide_env_values = true, value_name = "SENDER")]
    mail_from: Option<String>,
    /// Whether mail that is only logged is logged with its text, secrets included: true or false [default: false]
    #[arg(long, env, global = true, hide_env_values = true, value_name = "BOOL")]
    mail_log_body: Option<String>,
    /// Page on which a forgotten password is replaced, like `https://app.example.org/reset?token={token}` [default: mails hold the token alone]
    #[arg(long, env, global = true, hide_env_values = true, value_name = "URL")]
    password_reset_url: Option<String>,
    /// Front ends that browsers may use this server from, comma-separated and exact, like `https://app.example.org` [default: none]
    #[arg(long, env, global = true, hide_env_values = true, value_name = "ORIGINS")]
    cors_origins: Option<String>,
    /// WebSockets and event streams that a user may hold on this node, 1 to 10000 [default: 20]
    #[arg(long, env, global = true, hide_env_values = true, value_name = "N")]
    ws_connections_per_user: Option<String>,
    /// Seconds between two pings of a WebSocket, 1 to 300; without a pong for twice that it is closed [default: 30]
    #[arg(long, env, global = true, hide_env_values = true, value_name = "SECONDS")]
    ws_ping_seconds: Option<String>,
    /// Whether anybody may register: open or closed [default: open]
    #[arg(long, env, global = true, hide_env_values = true)]
    registration: Option<String>,
    /// Threads that serve requests, 1 to 512 [default: one a core]
    #[arg(long, env, global = true, hide_env_values = true)]
    workers: Option<String>,
    /// Seconds to go on serving after SIGTERM, not ready, so that a load balancer looks for another node first, 0 to 300 [default: 0]
    #[arg(long, env, global = true, hide_env_values = true, value_name = "SECONDS")]
    shutdown_delay_seconds: Option<String>,
    #[command(flatten)]
    limits: RawLimits,
    #[command(flatten)]
    tls: RawTls,
    #[command(flatten)]
    observability: RawObservability,
}

impl RawSettings {
    /// Checks every setting and reports all that are wrong.
    pub fn check(self) -> Result<Settings, Vec<InvalidSetting>> {
        let mut wrong = Vec::new();
        let mut faults = |fault| wrong.push(fault);
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let settings = Settings {
            host: text("HOST", self.host, "127.0.0.1", "0.0.0.0", &mut faults),
            port: number("PORT", self.port, 8080, 0..=u16::MAX, "8080", &mut faults),
            data_dir: present(self.data_dir).map_or_else(|| PathBuf::from("data"), PathBuf::from),
            database_url: parsed("DATABASE_URL", self.database_url, "sqlite://data/fasttrack.db", &mut faults),
            database_pool_size: number("DATABASE_POOL_SIZE", self.database_pool_size, 16, 1..=1000, "16", &mut faults),
            auto_migrate: flag("AUTO_MIGRATE", self.auto_migrate, true, &mut faults),
            jwt_private_key_file: present(self.jwt_private_key_file).map(PathBuf::from),
            jwt_verification_key_files: present(self.jwt_verification_key_files)
                .iter()
                .flat_map(|files| listed(files))
                .map(PathBuf::from)
                .collect(),
            jwt_algorithm: parsed("JWT_ALGORITHM", self.jwt_algorithm, "RS256", &mut faults),
            secret_key: present(self.secret_key).map(Secret),
            token_issuer: text("TOKEN_ISSUER", self.token_issuer, "fasttrack", "https://api.example.org", &mut faults),
            token_audience: text("TOKEN_AUDIENCE", self.token_audience, "fasttrack", "fasttrack", &mut faults),
            access_lifetime: Duration::from_mins(number(
                "ACCESS_TOKEN_EXPIRE_MINUTES",
                self.access_token_expire_minutes,
                15,
                1..=1440,
                "15",
                &mut faults,
            )),
            refresh_lifetime: Duration::from_hours(
                24 * number("REFRESH_TOKEN_EXPIRE_DAYS", self.refresh_token_expire_days, 7, 1..=365, "7", &mut faults),
            ),
            session_lifetime: Duration::from_hours(
                24 * number("SESSION_MAX_DAYS", self.session_max_days, 90, 1..=3650, "90", &mut faults),
            ),
            reuse_leeway: Duration::from_secs(number(
                "AUTH_REFRESH_REUSE_LEEWAY_SECONDS",
                self.auth_refresh_reuse_leeway_seconds,
                0,
                0..=86_400,
                "10",
                &mut faults,
            )),
            external_issuer: external_issuer(self.jwks_url, self.jwt_issuer, self.jwt_audience, &mut faults),
            bcrypt_cost: number("BCRYPT_COST", self.bcrypt_cost, 12, 4..=16, "12", &mut faults),
            smtp_url: parsed("SMTP_URL", self.smtp_url, "smtps://user:password@mail.example.org", &mut faults),
            mail_from: parsed(
                "MAIL_FROM",
                present(self.mail_from).or_else(|| Some(DEFAULT_SENDER.to_owned())),
                "fasttrack <tasks@example.org>",
                &mut faults,
            ),
            mail_log_body: flag("MAIL_LOG_BODY", self.mail_log_body, false, &mut faults),
            reset_page: parsed(
                "PASSWORD_RESET_URL",
                self.password_reset_url,
                "https://app.example.org/reset?token={token}",
                &mut faults,
            ),
            cors_origins: origins("CORS_ORIGINS", self.cors_origins, &mut faults),
            connections_per_user: number(
                "WS_CONNECTIONS_PER_USER",
                self.ws_connections_per_user,
                20,
                1..=10_000,
                "20",
                &mut faults,
            ),
            ping_interval: Duration::from_secs(number(
                "WS_PING_SECONDS",
                self.ws_ping_seconds,
                30,
                1..=300,
                "30",
                &mut faults,
            )),
            registration_open: one_of(
                "REGISTRATION",
                self.registration,
                true,
                &[("open", true), ("closed", false)],
                &mut faults,
            ),
            workers: number("WORKERS", self.workers, cores.min(512), 1..=512, "4", &mut faults),
            shutdown_delay: Duration::from_secs(number(
                "SHUTDOWN_DELAY_SECONDS",
                self.shutdown_delay_seconds,
                0,
                0..=300,
                "5",
                &mut faults,
            )),
            limits: self.limits.check(&mut faults),
            tls: self.tls.check(&mut faults),
            observability: self.observability.check(&mut faults),
        };
        if settings.jwt_algorithm == Some(KeyAlgorithm::HS256) && settings.secret_key.is_none() {
            faults(InvalidSetting {
                name: "SECRET_KEY",
                fault: "is needed for JWT_ALGORITHM=HS256".to_owned(),
                example: "at-least-32-random-bytes-of-yours",
            });
        }
        if wrong.is_empty() { Ok(settings) } else { Err(wrong) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_has_to_be_given() {
        let settings = RawSettings::default().check().unwrap();
        assert_eq!((settings.host.as_str(), settings.port, settings.bcrypt_cost), ("127.0.0.1", 8080, 12));
        assert_eq!(settings.access_lifetime, Duration::from_mins(15));
        assert_eq!(settings.refresh_lifetime, Duration::from_hours(7 * 24));
        assert_eq!(settings.session_lifetime, Duration::from_hours(90 * 24));
    }

    #[test]
    fn every_wrong_setting_is_named_with_an_example() {
        let raw = RawSettings {
            port: Some("70000".to_owned()),
            bcrypt_cost: Some("3".to_owned()),
            registration: Some("maybe".to_owned()),
            jwt_algorithm: Some("none".to_owned()),
            ..RawSettings::default()
        };
        let lines: Vec<_> = raw.check().unwrap_err().iter().map(ToString::to_string).collect();
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[0], "PORT: \"70000\" is no whole number from 0 to 65535; for example PORT=8080");
    }

    #[test]
    fn an_empty_setting_counts_as_absent() {
        let raw = RawSettings { port: Some(String::new()), secret_key: Some(" ".to_owned()), ..RawSettings::default() };
        let settings = raw.check().unwrap();
        assert!(settings.port == 8080 && settings.secret_key.is_none());
    }

    #[test]
    fn secrets_are_not_printed() {
        let raw = RawSettings { secret_key: Some("sesame".repeat(9)), ..RawSettings::default() };
        assert!(!format!("{:?}", raw.check().unwrap()).contains("sesame"));
    }
}
