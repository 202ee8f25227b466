//! `fasttrack config`: what every setting is, and where it came from.

use super::{output, usage};
use crate::program::{
    capacity,
    settings::{DotEnv, Settings},
    start::StartError,
};
use clap::{Arg, ArgMatches, Command, parser::ValueSource};

/// What stands for a value that nobody may see.
const MASK: &str = "***";

/// What stands where a setting has no value.
const NONE: &str = "-";

/// Prints a line for each setting: name, value with secrets masked, and `flag`, `environment`, `.env` or `default`,
/// separated by tabs.
pub fn print(command: &Command, matches: &ArgMatches, dotenv: &DotEnv, settings: &Settings) -> Result<(), StartError> {
    for arg in command.get_arguments().filter(|arg| usage::is_setting(arg)) {
        let name = usage::name(arg);
        let given = matches.get_one::<String>(arg.get_id().as_str()).filter(|value| !value.trim().is_empty());
        let source = match (given, matches.value_source(arg.get_id().as_str())) {
            (Some(_), Some(ValueSource::CommandLine)) => "flag",
            (Some(_), Some(ValueSource::EnvVariable)) if dotenv.gave(&name) => ".env",
            (Some(_), Some(ValueSource::EnvVariable)) => "environment",
            _ => "default",
        };
        let value = given.map(|value| masked(&name, value)).or_else(|| default(arg, &name, settings));
        let value = value.unwrap_or_else(|| NONE.to_owned()).replace(char::is_control, " ");
        output::line(format_args!("{name}\t{value}\t{source}"))?;
    }
    Ok(())
}

/// What counts where nothing is given: what the help text says, or what the settings have made of it.
fn default(arg: &Arg, name: &str, settings: &Settings) -> Option<String> {
    let bounds = || capacity::bounds(settings).ok();
    match name {
        "MAX_CONNECTIONS" => bounds().map(|bounds| bounds.total.to_string()),
        "MAX_CONNECTIONS_PER_ADDRESS" => bounds().map(|bounds| bounds.per_address.to_string()),
        _ => settings.computed_default(name).or_else(|| usage::literal_default(arg)),
    }
}

/// The value with its secrets covered.
fn masked(name: &str, value: &str) -> String {
    const SECRET: [&str; 4] = ["_KEY", "_SECRET", "_PASSWORD", "_TOKEN"];
    if SECRET.iter().any(|ending| name.ends_with(ending)) {
        return MASK.to_owned();
    }
    match value.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{}", masked_url(rest)),
        None => value.to_owned(),
    }
}

/// What stands behind `://`, without a password, whether the rest has the form of a URL or not.
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

/// Parameters that are none of these have their values covered.
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
            assert_eq!(masked(name, value), shown, "{value}");
        }
    }
}
