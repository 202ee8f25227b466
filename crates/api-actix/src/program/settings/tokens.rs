//! Settings of tokens and passwords: ours, and those of another issuer.

use clap::Args;

/// The settings as they are given.
#[derive(Args, Clone, Default)]
#[command(next_help_heading = "Tokens")]
#[expect(clippy::doc_markdown, reason = "the texts are shown in a terminal, by --help")]
pub struct RawTokens {
    /// PEM file of the key that signs tokens; made where missing [default: jwt_private_key.pem in DATA_DIR]
    #[arg(long, env, value_name = "FILE")]
    pub(super) jwt_private_key_file: Option<String>,
    /// PEM files, comma-separated, of further keys whose tokens are accepted
    #[arg(long, env, value_name = "FILES")]
    pub(super) jwt_verification_key_files: Option<String>,
    /// RS256, ES256, EdDSA, or HS256 with SECRET_KEY [default: what the key is for, RS256 for a new one]
    #[arg(long, env, value_name = "ALG")]
    pub(super) jwt_algorithm: Option<String>,
    /// Secret of at least 32 bytes for JWT_ALGORITHM=HS256
    #[arg(long, env, value_name = "SECRET")]
    pub(super) secret_key: Option<String>,
    /// `iss` of our tokens [default: fasttrack]
    #[arg(long, env, value_name = "NAME")]
    pub(super) token_issuer: Option<String>,
    /// `aud` of our tokens [default: fasttrack]
    #[arg(long, env, value_name = "NAME")]
    pub(super) token_audience: Option<String>,
    /// How long access tokens are good, 1 to 1440 [default: 15]
    #[arg(long, env, value_name = "MINUTES")]
    pub(super) access_token_expire_minutes: Option<String>,
    /// How long refresh tokens are good, 1 to 365 [default: 7]
    #[arg(long, env, value_name = "DAYS")]
    pub(super) refresh_token_expire_days: Option<String>,
    /// How long a session goes on after its login, however often its tokens are exchanged, 1 to 3650 [default: 90]
    #[arg(long, env, value_name = "DAYS")]
    pub(super) session_max_days: Option<String>,
    /// How long a spent refresh token may be exchanged again, 0 to 86400 [default: 0]
    #[arg(long, env, value_name = "SECONDS")]
    pub(super) auth_refresh_reuse_leeway_seconds: Option<String>,
    /// Cost of a password hash, 4 to 16; one more doubles the time [default: 12]
    #[arg(long, env, value_name = "COST")]
    pub(super) bcrypt_cost: Option<String>,
    /// Public keys of another issuer whose tokens are accepted, with JWT_ISSUER and JWT_AUDIENCE; https, or http on this machine [default: none]
    #[arg(long, env, value_name = "URL")]
    pub(super) jwks_url: Option<String>,
    /// `iss` of that issuer's tokens
    #[arg(long, env, value_name = "NAME")]
    pub(super) jwt_issuer: Option<String>,
    /// `aud` of that issuer's tokens
    #[arg(long, env, value_name = "NAME")]
    pub(super) jwt_audience: Option<String>,
    /// Whether accounts that JWT_ISSUER made may have a password here: true or false [default: false]
    #[arg(long, env, value_name = "BOOL")]
    pub(super) external_users_may_set_password: Option<String>,
    /// Whether an email address must be verified before its owner logs in or replaces a verified one by it: true or false [default: false]
    #[arg(long, env, value_name = "BOOL")]
    pub(super) require_verified_email: Option<String>,
}
