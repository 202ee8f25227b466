//! Tokens and passwords: ours, and tokens of another issuer.

use super::{
    Secret,
    external::{self, ExternalIssuer},
    source::Source,
};
use crate::program::wiring::types::KeyAlgorithm;
use fasttrack_app::AccountPolicy;
use std::{path::PathBuf, time::Duration};

/// Settings of tokens and passwords.
#[derive(Debug)]
pub struct Tokens {
    /// `None`: a file in the data directory.
    pub private_key_file: Option<PathBuf>,
    /// Further keys whose tokens are accepted.
    pub verification_key_files: Vec<PathBuf>,
    /// `None`: the one that the key is for.
    pub algorithm: Option<KeyAlgorithm>,
    /// Signs with HS256.
    pub secret_key: Option<Secret>,
    /// `iss` of our tokens.
    pub issuer: String,
    /// `aud` of our tokens.
    pub audience: String,
    /// How long access tokens are valid.
    pub access_lifetime: Duration,
    /// How long refresh tokens are valid.
    pub refresh_lifetime: Duration,
    /// How long after its login a session ends, whatever was refreshed in between.
    pub session_lifetime: Duration,
    /// How long after its first use a refresh token is still accepted.
    pub reuse_leeway: Duration,
    /// Cost of a password hash.
    pub bcrypt_cost: u32,
    /// Another issuer whose tokens are accepted.
    pub external_issuer: Option<ExternalIssuer>,
    /// What an account needs before it may log in, and which accounts may have a password.
    pub account_policy: AccountPolicy,
}

impl Tokens {
    pub(super) fn read(source: &mut Source<'_>) -> Self {
        source.group("Tokens");
        let private_key_file = source
            .setting("JWT_PRIVATE_KEY_FILE", "PEM file of the key that signs tokens; made where missing")
            .default_is("jwt_private_key.pem in DATA_DIR")
            .example("/etc/fasttrack/jwt_private_key.pem")
            .file();
        let verification_key_files = source
            .setting(
                "JWT_VERIFICATION_KEY_FILES",
                "PEM files, comma-separated, of further keys whose tokens are accepted",
            )
            .value_name("FILES")
            .example("/etc/fasttrack/old_public_key.pem")
            .list(|file| Ok(PathBuf::from(file)));
        let algorithm = source
            .setting("JWT_ALGORITHM", "RS256, ES256, EdDSA, or HS256 with SECRET_KEY")
            .value_name("ALG")
            .default_is("that of the key, RS256 for a new one")
            .example("RS256")
            .parsed();
        let secret_key = source
            .setting("SECRET_KEY", "Secret of at least 32 bytes for JWT_ALGORITHM=HS256")
            .value_name("SECRET")
            .example("at-least-32-random-bytes-of-yours")
            .raw()
            .map(Secret);
        if algorithm == Some(KeyAlgorithm::HS256) && secret_key.is_none() {
            source.fault("SECRET_KEY", "is needed for JWT_ALGORITHM=HS256");
        }
        Self {
            private_key_file,
            verification_key_files,
            algorithm,
            secret_key,
            issuer: source
                .setting("TOKEN_ISSUER", "`iss` of our tokens")
                .value_name("NAME")
                .example("https://api.example.org")
                .text("fasttrack"),
            audience: source.setting("TOKEN_AUDIENCE", "`aud` of our tokens").value_name("NAME").text("fasttrack"),
            access_lifetime: Duration::from_mins(
                source
                    .setting("ACCESS_TOKEN_EXPIRE_MINUTES", "Minutes that access tokens are valid")
                    .value_name("MINUTES")
                    .whole(15, 1..=1440),
            ),
            refresh_lifetime: Duration::from_hours(
                24 * source
                    .setting("REFRESH_TOKEN_EXPIRE_DAYS", "Days that refresh tokens are valid")
                    .value_name("DAYS")
                    .whole(7, 1..=365),
            ),
            session_lifetime: Duration::from_hours(
                24 * source
                    .setting(
                        "SESSION_MAX_DAYS",
                        "Days after its login when a session ends, however often its tokens were refreshed",
                    )
                    .value_name("DAYS")
                    .whole(90, 1..=3650),
            ),
            reuse_leeway: Duration::from_secs(
                source
                    .setting(
                        "AUTH_REFRESH_REUSE_LEEWAY_SECONDS",
                        "Seconds after its first use that a refresh token is still accepted",
                    )
                    .value_name("SECONDS")
                    .example("10")
                    .whole(0, 0..=86_400),
            ),
            bcrypt_cost: source
                .setting("BCRYPT_COST", "Cost of a password hash; one more doubles the time")
                .value_name("COST")
                .whole(12, 4..=16),
            external_issuer: external::read(source),
            account_policy: AccountPolicy {
                external_users_may_set_password: source
                    .setting(
                        "EXTERNAL_USERS_MAY_SET_PASSWORD",
                        "Whether accounts that JWT_ISSUER made may have a password here",
                    )
                    .flag(false),
                require_verified_email: source
                    .setting(
                        "REQUIRE_VERIFIED_EMAIL",
                        "Whether an email address must be verified before its owner logs in or replaces a verified one \
                         by it",
                    )
                    .flag(false),
            },
        }
    }
}
