//! How the command line is described: settings once, in groups, and never wider than a terminal.

use super::Cli;
use clap::{Arg, Command, CommandFactory};

/// Columns of `--help` at most.
const WIDTH: usize = 100;

/// What `--help` of a subcommand says instead of describing the settings again.
const SETTINGS_ELSEWHERE: &str = "Takes the settings that `fasttrack --help` lists, too.";

/// The command line with every setting as a flag of every command.
///
/// No value of a setting is ever shown in a help text: some are secrets.
pub fn command() -> Command {
    let command = Cli::command().max_term_width(WIDTH).mut_args(|arg| {
        if is_setting(&arg) { arg.global(true).hide_env_values(true).next_line_help(true) } else { arg }
    });
    let hidden: Vec<_> =
        command.get_arguments().filter(|arg| is_setting(arg)).map(|arg| arg.clone().hide(true)).collect();
    hide_in_subcommands(command, &hidden)
}

/// The same with every setting described everywhere, for completions.
pub fn complete() -> Command {
    Cli::command().mut_args(|arg| if is_setting(&arg) { arg.global(true) } else { arg })
}

/// Whether the argument of the command without subcommands is a setting.
pub fn is_setting(arg: &Arg) -> bool {
    arg.get_env().is_some()
}

/// The variable of a setting.
pub fn name(setting: &Arg) -> String {
    setting.get_env().unwrap_or_default().to_string_lossy().into_owned()
}

/// Every variable that a command or a subcommand reads.
pub fn variables(command: &Command) -> Vec<String> {
    let own = command.get_arguments().filter(|arg| is_setting(arg)).map(name);
    own.chain(command.get_subcommands().flat_map(variables)).collect()
}

/// What the help text gives as the default, where that is a value and no description: one word, or in backticks.
pub fn literal_default(setting: &Arg) -> Option<String> {
    let help = setting.get_help()?.to_string();
    let (_, default) = help.rsplit_once("[default: ")?;
    let default = default.strip_suffix(']')?;
    match default.strip_prefix('`').and_then(|default| default.strip_suffix('`')) {
        Some(quoted) => Some(quoted.to_owned()),
        None => Some(default.to_owned()).filter(|default| !default.contains(' ') && default != "none"),
    }
}

/// Gives every subcommand the settings without a description. clap adds a global argument only where there is none yet.
fn hide_in_subcommands(command: Command, settings: &[Arg]) -> Command {
    command.mut_subcommands(|subcommand| {
        hide_in_subcommands(subcommand.args(settings).after_help(SETTINGS_ELSEWHERE), settings)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::FromArgMatches;

    fn settings(arguments: &[&str]) -> String {
        let matches = command().try_get_matches_from(arguments).unwrap();
        format!("{:?}", Cli::from_arg_matches(&matches).unwrap().settings.check().unwrap())
    }

    #[test]
    fn a_default_in_the_help_is_what_happens_without_a_value() {
        let nothing = settings(&["fasttrack"]);
        let mut found = 0;
        // An address that was chosen has to be free; the default gives way.
        for arg in command().get_arguments().filter(|arg| is_setting(arg) && name(arg) != "METRICS_ADDR") {
            let Some(default) = literal_default(arg) else { continue };
            let given = settings(&["fasttrack", &format!("--{}", arg.get_long().unwrap()), &default]);
            assert_eq!(given, nothing, "{}", name(arg));
            found += 1;
        }
        assert!(found > 20, "{found}");
    }

    #[test]
    fn every_setting_says_its_default() {
        // Those without one belong to another setting that has.
        let without = ["JWT_VERIFICATION_KEY_FILES", "SECRET_KEY", "JWT_ISSUER", "JWT_AUDIENCE", "TLS_KEY_FILE"];
        for arg in command().get_arguments().filter(|arg| is_setting(arg)) {
            let help = arg.get_help().unwrap().to_string();
            let says = help.contains("[default: ") && help.ends_with(']');
            assert!(says != without.contains(&name(arg).as_str()), "{}: {help}", name(arg));
        }
    }
}
