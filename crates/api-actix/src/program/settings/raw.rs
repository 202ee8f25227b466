//! Settings as they are given, by flags and environment variables.

use super::{
    InvalidSetting, Secret, Settings,
    database::RawDatabase,
    external::external_issuer,
    limits::RawLimits,
    mail::RawMail,
    observability::RawObservability,
    server::RawServer,
    tokens::RawTokens,
    value::{flag, listed, number, one_of, origins, parsed, present, text},
};
use crate::program::wiring::KeyAlgorithm;
use clap::Args;
use fasttrack_app::account::AccountPolicy;
use std::{path::PathBuf, thread, time::Duration};

/// For mail servers of one's own; others want an address of theirs.
const DEFAULT_SENDER: &str = "fasttrack <fasttrack@localhost>";

// @spec SPEC-012
/// The settings as they are given, in the groups and in the order of `--help`. An empty one counts as absent.
#[derive(Args, Clone, Default)]
pub struct RawSettings {
    #[command(flatten)]
    server: RawServer,
    #[command(flatten)]
    database: RawDatabase,
    #[command(flatten)]
    tokens: RawTokens,
    #[command(flatten)]
    mail: RawMail,
    #[command(flatten)]
    limits: RawLimits,
    #[command(flatten)]
    watching: RawObservability,
}

impl RawSettings {
    /// Checks every setting and reports all that are wrong.
    #[expect(clippy::too_many_lines, reason = "a list: one entry a setting, each checked where it is read")]
    pub fn check(self) -> Result<Settings, Vec<InvalidSetting>> {
        let mut wrong = Vec::new();
        let mut faults = |fault| wrong.push(fault);
        let Self { server, database, tokens, mail, limits, watching } = self;
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let settings = Settings {
            host: text("HOST", server.host, "127.0.0.1", "0.0.0.0", &mut faults),
            port: number("PORT", server.port, 8080, 0..=u16::MAX, "8080", &mut faults),
            data_dir: present(server.data_dir).map_or_else(|| PathBuf::from("data"), PathBuf::from),
            database_url: parsed("DATABASE_URL", database.database_url, "sqlite://data/fasttrack.db", &mut faults),
            database_pool_size: number(
                "DATABASE_POOL_SIZE",
                database.database_pool_size,
                16,
                1..=1000,
                "16",
                &mut faults,
            ),
            auto_migrate: flag("AUTO_MIGRATE", database.auto_migrate, true, &mut faults),
            jwt_private_key_file: present(tokens.jwt_private_key_file).map(PathBuf::from),
            jwt_verification_key_files: present(tokens.jwt_verification_key_files)
                .iter()
                .flat_map(|files| listed(files))
                .map(PathBuf::from)
                .collect(),
            jwt_algorithm: parsed("JWT_ALGORITHM", tokens.jwt_algorithm, "RS256", &mut faults),
            secret_key: present(tokens.secret_key).map(Secret),
            token_issuer: text(
                "TOKEN_ISSUER",
                tokens.token_issuer,
                "fasttrack",
                "https://api.example.org",
                &mut faults,
            ),
            token_audience: text("TOKEN_AUDIENCE", tokens.token_audience, "fasttrack", "fasttrack", &mut faults),
            access_lifetime: Duration::from_mins(number(
                "ACCESS_TOKEN_EXPIRE_MINUTES",
                tokens.access_token_expire_minutes,
                15,
                1..=1440,
                "15",
                &mut faults,
            )),
            refresh_lifetime: Duration::from_hours(
                24 * number(
                    "REFRESH_TOKEN_EXPIRE_DAYS",
                    tokens.refresh_token_expire_days,
                    7,
                    1..=365,
                    "7",
                    &mut faults,
                ),
            ),
            session_lifetime: Duration::from_hours(
                24 * number("SESSION_MAX_DAYS", tokens.session_max_days, 90, 1..=3650, "90", &mut faults),
            ),
            reuse_leeway: Duration::from_secs(number(
                "AUTH_REFRESH_REUSE_LEEWAY_SECONDS",
                tokens.auth_refresh_reuse_leeway_seconds,
                0,
                0..=86_400,
                "10",
                &mut faults,
            )),
            external_issuer: external_issuer(tokens.jwks_url, tokens.jwt_issuer, tokens.jwt_audience, &mut faults),
            bcrypt_cost: number("BCRYPT_COST", tokens.bcrypt_cost, 12, 4..=16, "12", &mut faults),
            smtp_url: parsed("SMTP_URL", mail.smtp_url, "smtps://user:password@mail.example.org", &mut faults),
            mail_from: parsed(
                "MAIL_FROM",
                present(mail.mail_from).or_else(|| Some(DEFAULT_SENDER.to_owned())),
                "fasttrack <tasks@example.org>",
                &mut faults,
            ),
            mail_log_body: flag("MAIL_LOG_BODY", mail.mail_log_body, false, &mut faults),
            reset_page: parsed(
                "PASSWORD_RESET_URL",
                mail.password_reset_url,
                "https://app.example.org/reset?token={token}",
                &mut faults,
            ),
            verification_page: parsed(
                "EMAIL_VERIFICATION_URL",
                mail.email_verification_url,
                "https://app.example.org/verify?token={token}",
                &mut faults,
            ),
            account_policy: AccountPolicy {
                require_verified_email: flag(
                    "REQUIRE_VERIFIED_EMAIL",
                    tokens.require_verified_email,
                    false,
                    &mut faults,
                ),
                external_users_may_set_password: flag(
                    "EXTERNAL_USERS_MAY_SET_PASSWORD",
                    tokens.external_users_may_set_password,
                    false,
                    &mut faults,
                ),
            },
            cors_origins: origins("CORS_ORIGINS", server.cors_origins, &mut faults),
            registration_open: one_of(
                "REGISTRATION",
                server.registration,
                true,
                &[("open", true), ("closed", false)],
                &mut faults,
            ),
            workers: number("WORKERS", server.workers, cores.min(512), 1..=512, "4", &mut faults),
            shutdown_delay: Duration::from_secs(number(
                "SHUTDOWN_DELAY_SECONDS",
                server.shutdown_delay_seconds,
                0,
                0..=300,
                "5",
                &mut faults,
            )),
            limits: limits.check(&mut faults),
            tls: server.tls.check(&mut faults),
            observability: watching.check(&mut faults),
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
        let given = |value: &str| Some(value.to_owned());
        let raw = RawSettings {
            server: RawServer { port: given("70000"), registration: given("maybe"), ..RawServer::default() },
            tokens: RawTokens { bcrypt_cost: given("3"), jwt_algorithm: given("none"), ..RawTokens::default() },
            ..RawSettings::default()
        };
        let lines: Vec<_> = raw.check().unwrap_err().iter().map(ToString::to_string).collect();
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[0], "PORT: \"70000\" is no whole number from 0 to 65535; for example PORT=8080");
    }

    #[test]
    fn an_empty_setting_counts_as_absent() {
        let raw = RawSettings {
            server: RawServer { port: Some(String::new()), ..RawServer::default() },
            tokens: RawTokens { secret_key: Some(" ".to_owned()), ..RawTokens::default() },
            ..RawSettings::default()
        };
        let settings = raw.check().unwrap();
        assert!(settings.port == 8080 && settings.secret_key.is_none());
    }

    #[test]
    fn secrets_are_not_printed() {
        let tokens = RawTokens { secret_key: Some("sesame".repeat(9)), ..RawTokens::default() };
        let raw = RawSettings { tokens, ..RawSettings::default() };
        assert!(!format!("{:?}", raw.check().unwrap()).contains("sesame"));
    }
}
