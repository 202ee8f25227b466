//! Settings: environment variables, each of them also a flag. The program doesn't start with a wrong one, and prints a
//! line for each.
//!
//! To add one: a field in the struct of its group (`server.rs`, `database.rs`, `tokens.rs`, `mail.rs`, `webhooks.rs`,
//! `limits.rs`, `observability.rs`), and its declaration in the group's `read`; then `cargo xtask settings --write`, which
//! writes `.env.example` and `docs/operations/settings.md`, and a wrong value in `tests/tests/cli/settings.rs`.
//!
//! `fasttrack config` prints every setting, and masks values whose names end in `_KEY`, `_SECRET`, `_PASSWORD` or
//! `_TOKEN`, and passwords in URLs.

mod database;
mod document;
mod dotenv;
mod external;
mod given;
mod limits;
mod mail;
mod observability;
mod origin;
mod server;
mod source;
mod tls;
mod tokens;
mod traces;
mod webhooks;

pub use database::Database;
pub use document::{env_example, markdown};
pub use dotenv::{DotEnv, InvalidDotEnv};
pub use external::ExternalIssuer;
pub use given::GivenSettings;
pub use limits::Limits;
pub use mail::Mail;
pub use observability::{MetricsAddress, Observability};
pub use server::Server;
pub use source::{DefaultValue, Setting};
pub use tls::TlsFiles;
pub use tokens::Tokens;
pub use traces::Traces;
pub use webhooks::Webhooks;

use crate::program::wiring::types::KeyAlgorithm;
use source::{Source, Values};
use std::fmt;

// @spec SPEC-012
/// Every setting, in the groups and in the order of `--help`.
#[derive(Debug)]
pub struct Settings {
    pub server: Server,
    pub database: Database,
    pub tokens: Tokens,
    pub mail: Mail,
    pub webhooks: Webhooks,
    pub limits: Limits,
    pub observability: Observability,
}

/// Every setting as it is declared, in the order of `--help`.
pub fn describe() -> Vec<Setting> {
    let given = Values::new();
    let mut source = Source::new(&given);
    Settings::read(&mut source);
    source.finish().0
}

impl Settings {
    /// Checks every setting, and returns every fault.
    pub fn check(given: &GivenSettings) -> Result<Self, Vec<InvalidSetting>> {
        let mut source = Source::new(&given.0);
        let settings = Self::read(&mut source);
        let (_, faults) = source.finish();
        if faults.is_empty() { Ok(settings) } else { Err(faults) }
    }

    fn read(source: &mut Source<'_>) -> Self {
        Self {
            server: Server::read(source),
            database: Database::read(source),
            tokens: Tokens::read(source),
            mail: Mail::read(source),
            webhooks: Webhooks::read(source),
            limits: Limits::read(source),
            observability: Observability::read(source),
        }
    }

    /// Settings that have no effect beside others.
    pub fn warnings(&self) -> Vec<String> {
        let is_unused = self.tokens.secret_key.is_some() && self.tokens.algorithm != Some(KeyAlgorithm::HS256);
        let unused = "SECRET_KEY: is set and not used, as tokens are signed with the key of JWT_PRIVATE_KEY_FILE; set \
             JWT_ALGORITHM=HS256 to sign with it, or remove it";
        is_unused.then(|| unused.to_owned()).into_iter().collect()
    }

    /// The value of a setting that wasn't given, where it depends on the machine or on another setting.
    pub fn computed_default(&self, name: &str) -> Option<String> {
        let data_dir = &self.server.data_dir;
        match name {
            "WORKERS" => Some(self.server.workers.to_string()),
            "DATABASE_URL" => Some(format!("sqlite://{}", data_dir.join(DATABASE_FILE).display())),
            "JWT_PRIVATE_KEY_FILE" => Some(data_dir.join(PRIVATE_KEY_FILE).display().to_string()),
            _ => None,
        }
    }
}

/// The database in the data directory.
pub const DATABASE_FILE: &str = "fasttrack.db";

/// The signing key in the data directory.
pub const PRIVATE_KEY_FILE: &str = "jwt_private_key.pem";

/// Format of lines in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    /// One object a line.
    Json,
}

// @norm NORM-SEC-002
/// A value that is never printed.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
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
    /// What is wrong with its value. It never contains a secret.
    pub fault: String,
    /// A value that is accepted.
    pub example: String,
}

impl InvalidSetting {
    /// A fault that is found when the setting is used, with the example of its declaration.
    pub fn new(name: &'static str, fault: String) -> Self {
        let declared = describe().into_iter().find(|setting| setting.name == name);
        Self { name, fault, example: declared.map(|setting| setting.example).unwrap_or_default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn check<const N: usize>(given: [(&'static str, &str); N]) -> Result<Settings, Vec<String>> {
        let given = given.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
        let faults = |faults: Vec<InvalidSetting>| faults.iter().map(ToString::to_string).collect();
        Settings::check(&GivenSettings(given)).map_err(faults)
    }

    #[test]
    fn nothing_has_to_be_given() {
        let Settings { server, tokens, mail, .. } = check([]).unwrap();
        assert_eq!((server.host.as_str(), server.port, tokens.bcrypt_cost), ("127.0.0.1", 8080, 12));
        assert_eq!(tokens.access_lifetime, Duration::from_mins(15));
        assert_eq!(tokens.refresh_lifetime, Duration::from_hours(7 * 24));
        assert_eq!(tokens.session_lifetime, Duration::from_hours(90 * 24));
        assert!(mail.from.is_some());
    }

    #[test]
    fn every_wrong_setting_is_named_with_an_example() {
        let faults =
            check([("PORT", "70000"), ("REGISTRATION", "maybe"), ("BCRYPT_COST", "3"), ("JWT_ALGORITHM", "none")]);
        let lines = faults.unwrap_err();
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[0], "PORT: \"70000\" is no whole number from 0 to 65535; for example PORT=8080");
        assert_eq!(check([("JWT_ALGORITHM", "HS256")]).unwrap_err().len(), 1);
    }

    #[test]
    fn an_empty_setting_counts_as_absent() {
        let settings = check([("PORT", ""), ("SECRET_KEY", " ")]).unwrap();
        assert!(settings.server.port == 8080 && settings.tokens.secret_key.is_none());
    }

    #[test]
    fn secrets_are_not_printed() {
        let settings = check([("SECRET_KEY", "sesame-sesame-sesame-sesame-sesame-sesame")]).unwrap();
        assert!(!format!("{settings:?}").contains("sesame"));
    }

    #[test]
    fn a_declared_default_is_what_happens_without_a_value() {
        let nothing = format!("{:?}", check([]).unwrap());
        let mut found = 0;
        // An address that was chosen has to be free; the default gives way.
        for setting in describe().iter().filter(|setting| setting.name != "METRICS_ADDR") {
            let DefaultValue::Literal(default) = &setting.default else { continue };
            let given = check([(setting.name, default)]).unwrap();
            assert_eq!(format!("{given:?}"), nothing, "{}", setting.name);
            found += 1;
        }
        assert!(found > 20, "{found}");
    }

    #[test]
    fn every_setting_has_an_example_that_is_accepted() {
        for Setting { name, example, .. } in describe() {
            let faults = check([(name, &example)]).err().unwrap_or_default();
            let own = faults.iter().find(|fault| fault.starts_with(&format!("{name}: ")));
            assert!(!example.is_empty() && own.is_none(), "{name}: {own:?}");
        }
    }

    #[test]
    fn every_setting_says_its_default() {
        // Those without one belong to another setting that has.
        let without = ["JWT_VERIFICATION_KEY_FILES", "SECRET_KEY", "JWT_ISSUER", "JWT_AUDIENCE", "TLS_KEY_FILE"];
        for setting in describe() {
            let has_none = setting.default == DefaultValue::Absent;
            assert_eq!(has_none, without.contains(&setting.name), "{}", setting.name);
        }
    }
}
