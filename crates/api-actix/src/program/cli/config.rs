//! `fasttrack config`: the value of every setting, and where it came from.

use super::output;
use crate::program::{
    capacity,
    settings::{self, DefaultValue, DotEnv, Setting, Settings},
    start::StartError,
};
use clap::{ArgMatches, Args, parser::ValueSource};

/// Shown instead of a secret.
const MASK: &str = "***";

/// Shown where a setting has no value.
const NONE: &str = "-";

#[derive(Args)]
pub struct ConfigCommand {
    /// Print a file .env instead, with every setting in a comment
    #[arg(long)]
    example: bool,
    /// Print the page of the documentation that lists every setting instead
    #[arg(long, hide = true, conflicts_with = "example")]
    markdown: bool,
}

impl ConfigCommand {
    /// Prints a line for each setting: name, value with secrets masked, and `flag`, `environment`, `.env` or `default`,
    /// separated by tabs.
    pub fn run(self, matches: &ArgMatches, dotenv: &DotEnv, settings: &Settings) -> Result<(), StartError> {
        if self.example {
            return output::text(settings::env_example().as_bytes());
        }
        if self.markdown {
            return output::text(settings::markdown().as_bytes());
        }
        settings::describe().iter().try_for_each(|setting| output::line(line(setting, matches, dotenv, settings)))
    }
}

fn line(setting: &Setting, matches: &ArgMatches, dotenv: &DotEnv, settings: &Settings) -> String {
    let name = setting.name;
    let given = matches.get_one::<String>(name).filter(|value| !value.trim().is_empty());
    let source = match (given, matches.value_source(name)) {
        (Some(_), Some(ValueSource::CommandLine)) => "flag",
        (Some(_), Some(ValueSource::EnvVariable)) if dotenv.gave(name) => ".env",
        (Some(_), Some(ValueSource::EnvVariable)) => "environment",
        _ => "default",
    };
    let value = given.map(|value| masked(setting, value)).or_else(|| default(setting, settings));
    let value = value.unwrap_or_else(|| NONE.to_owned()).replace(char::is_control, " ");
    format!("{name}\t{value}\t{source}")
}

/// The value that counts where none is given: the declared one, or one that depends on the machine or on other settings.
fn default(setting: &Setting, settings: &Settings) -> Option<String> {
    let bounds = || capacity::bounds(settings).ok();
    match (setting.name, &setting.default) {
        ("MAX_CONNECTIONS", _) => bounds().map(|bounds| bounds.total.to_string()),
        ("MAX_CONNECTIONS_PER_ADDRESS", _) => bounds().map(|bounds| bounds.per_address.to_string()),
        (_, DefaultValue::Literal(value)) => Some(value.clone()),
        (name, DefaultValue::Described(_) | DefaultValue::Absent) => settings.computed_default(name),
    }
}

/// The value with its secrets masked.
fn masked(setting: &Setting, value: &str) -> String {
    if setting.is_secret() {
        return MASK.to_owned();
    }
    match value.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{}", masked_url(rest)),
        None => value.to_owned(),
    }
}

/// The part of a URL behind `://` without its password, even where it isn't well-formed.
fn masked_url(rest: &str) -> String {
    // A password may have any character that should have been encoded, an @ or a ? among them.
    let (credentials, rest) =
        rest.rsplit_once('@').map_or((None, rest), |(credentials, rest)| (Some(credentials), rest));
    let credentials = match credentials.map(|credentials| credentials.split_once(':')) {
        Some(Some((user, _))) => format!("{user}:{MASK}@"),
        Some(None) => format!("{MASK}@"),
        None => String::new(),
    };
    match rest.split_once('?') {
        Some((path, query)) => {
            let parameters: Vec<_> = query.split('&').map(masked_parameter).collect();
            format!("{credentials}{path}?{}", parameters.join("&"))
        }
        None => format!("{credentials}{rest}"),
    }
}

/// Masks the value of a parameter that may be a secret.
fn masked_parameter(parameter: &str) -> String {
    const HARMLESS: [&str; 7] =
        ["sslmode", "sslrootcert", "tls", "connect_timeout", "application_name", "host", "user"];
    match parameter.split_once('=') {
        Some((name, value)) if !HARMLESS.contains(&name) && value != "{token}" => format!("{name}={MASK}"),
        _ => parameter.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_wherever_they_stand() {
        let settings = settings::describe();
        for (name, value, shown) in [
            ("SECRET_KEY", "sesame", "***"),
            ("DATABASE_URL", "postgres://ann:sesame@db/x?sslmode=require", "postgres://ann:***@db/x?sslmode=require"),
            ("DATABASE_URL", "postgres://db/x?user=ann&password=sesame", "postgres://db/x?user=ann&password=***"),
            ("DATABASE_URL", "postgres://ann:ses@me/sesame@db/x", "postgres://ann:***@db/x"),
            ("DATABASE_URL", "postgres://ann:sesame?sesame@db/x", "postgres://ann:***@db/x"),
            ("SMTP_URL", "smtps://ann:sesame@mail.example.org", "smtps://ann:***@mail.example.org"),
            ("REDIS_URL", "redis://:sesame@host:6379/0", "redis://:***@host:6379/0"),
            ("PASSWORD_RESET_URL", "https://a.org/reset?token={token}", "https://a.org/reset?token={token}"),
            ("CORS_ORIGINS", "https://a.org,http://b.org", "https://a.org,http://b.org"),
            ("MAIL_FROM", "Tasks <tasks@example.org>", "Tasks <tasks@example.org>"),
            ("JWT_PRIVATE_KEY_FILE", "/etc/key.pem", "/etc/key.pem"),
        ] {
            let setting = settings.iter().find(|setting| setting.name == name).unwrap();
            assert_eq!(masked(setting, value), shown, "{value}");
        }
    }
}
