//! Settings: environment variables, each of them also a flag. A wrong one stops the start with a line that names it.
//!
//! To add one:
//! 1. a field in the `Raw…` struct of its group (`server.rs`, `database.rs`, `tokens.rs`, `mail.rs`, `limits.rs`,
//!    `observability.rs`) with `#[arg(long, env, value_name = "N")]` and a line for `--help` that ends in `[default: 5]`:
//!    a value, or a description of several words;
//! 2. its checked value in [`Settings`] (or in the group's checked struct), and how it is checked in `raw.rs` (or the
//!    group's `check`);
//! 3. `.env.example`, the list in `tests/tests/cli/help.rs`, a wrong value in `tests/tests/cli/settings.rs`, and
//!    `docs/operations/settings.md`.
//!
//! `fasttrack config` shows it by itself, and covers values whose names end in `_KEY`, `_SECRET`, `_PASSWORD` or
//! `_TOKEN`, and passwords in URLs.

mod database;
mod dotenv;
mod external;
mod limits;
mod mail;
mod observability;
mod raw;
mod server;
mod tls;
mod tokens;
mod traces;
mod value;

pub use dotenv::{DotEnv, InvalidDotEnv};
pub use external::ExternalIssuer;
pub use limits::Limits;
pub use observability::{MetricsAddress, Observability};
pub use raw::RawSettings;
pub use tls::TlsFiles;
pub use traces::Traces;

use crate::program::wiring::{DatabaseUrl, KeyAlgorithm, Sender, SmtpUrl};
use fasttrack_app::account::AccountPolicy;
use fasttrack_domain::mail::TokenPage;
use std::{fmt, path::PathBuf, time::Duration};

/// The settings, checked.
#[derive(Debug)]
pub struct Settings {
    /// Address to listen on.
    pub host: String,
    /// Port to listen on.
    pub port: u16,
    /// Directory of what isn't placed elsewhere.
    pub data_dir: PathBuf,
    /// `None`: a file in the data directory.
    pub database_url: Option<DatabaseUrl>,
    /// Connections to PostgreSQL at most.
    pub database_pool_size: usize,
    /// Whether to bring the schema up to date at the start.
    pub auto_migrate: bool,
    /// `None`: a file in the data directory.
    pub jwt_private_key_file: Option<PathBuf>,
    /// Further keys whose tokens are accepted.
    pub jwt_verification_key_files: Vec<PathBuf>,
    /// `None`: what the key is for.
    pub jwt_algorithm: Option<KeyAlgorithm>,
    /// For HS256.
    pub secret_key: Option<Secret>,
    /// `iss`
    pub token_issuer: String,
    /// `aud`
    pub token_audience: String,
    /// How long access tokens are good.
    pub access_lifetime: Duration,
    /// How long refresh tokens are good.
    pub refresh_lifetime: Duration,
    /// How long a session goes on after its login at most.
    pub session_lifetime: Duration,
    /// How long a spent refresh token may be exchanged again.
    pub reuse_leeway: Duration,
    /// Whose tokens are taken besides our own.
    pub external_issuer: Option<ExternalIssuer>,
    /// Cost of a password hash.
    pub bcrypt_cost: u32,
    /// Where mail is handed over; `None`: it is logged.
    pub smtp_url: Option<SmtpUrl>,
    /// Who sends mail. There is always one.
    pub mail_from: Option<Sender>,
    /// Whether mail that is logged is logged with its text.
    pub mail_log_body: bool,
    /// Where mails lead who forgot their password; `None`: they hold the token alone.
    pub reset_page: Option<TokenPage>,
    /// Where mails lead who have an address to prove; `None`: they hold the token alone.
    pub verification_page: Option<TokenPage>,
    /// What accounts need before they may log in, and whose may have a password.
    pub account_policy: AccountPolicy,
    /// Front ends that browsers may use this server from, as `Origin` names them.
    pub cors_origins: Vec<String>,
    /// Whether anybody may register.
    pub registration_open: bool,
    /// Threads that serve requests.
    pub workers: usize,
    /// How long to go on serving when told to stop.
    pub shutdown_delay: Duration,
    /// What is taken, of whom, and how much.
    pub limits: Limits,
    /// What HTTPS is served with; `None`: HTTP.
    pub tls: Option<TlsFiles>,
    /// What the server tells about itself.
    pub observability: Observability,
}

impl Settings {
    /// What somebody may have meant otherwise.
    pub fn warnings(&self) -> Vec<String> {
        let is_unused = self.secret_key.is_some() && self.jwt_algorithm != Some(KeyAlgorithm::HS256);
        let unused = "SECRET_KEY: is set and not used, as tokens are signed with the key of JWT_PRIVATE_KEY_FILE; set \
             JWT_ALGORITHM=HS256 to sign with it, or remove it";
        is_unused.then(|| unused.to_owned()).into_iter().collect()
    }

    /// The value of a setting that wasn't given, where it depends on the machine or on another setting.
    pub fn computed_default(&self, name: &str) -> Option<String> {
        match name {
            "WORKERS" => Some(self.workers.to_string()),
            "DATABASE_URL" => Some(format!("sqlite://{}", self.data_dir.join(DATABASE_FILE).display())),
            "JWT_PRIVATE_KEY_FILE" => Some(self.data_dir.join(PRIVATE_KEY_FILE).display().to_string()),
            _ => None,
        }
    }
}

/// The database in the data directory.
pub const DATABASE_FILE: &str = "fasttrack.db";

/// The signing key in the data directory.
pub const PRIVATE_KEY_FILE: &str = "jwt_private_key.pem";

/// How lines are logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One object a line.
    Json,
}

// @norm NORM-SEC-002
/// A value that is never printed.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The value, for the one who needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A setting that can't be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {fault}; for example {name}={example}")]
pub struct InvalidSetting {
    /// The variable.
    pub name: &'static str,
    /// What is wrong with its value.
    pub fault: String,
    /// A value that would do.
    pub example: &'static str,
}
