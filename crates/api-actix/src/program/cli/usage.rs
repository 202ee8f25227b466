//! The help texts: settings once, in groups, and never wider than a terminal.

use super::arguments::Cli;
use clap::{Arg, Command, CommandFactory};

/// Columns of `--help` at most.
const WIDTH: usize = 100;

/// Shown by `--help` of a subcommand instead of the settings.
const SETTINGS_ELSEWHERE: &str = "Takes the settings that `fasttrack --help` lists, too.";

/// The command line with every setting as a flag of every command.
///
/// No help text shows the value of a setting: some are secrets.
pub fn command() -> Command {
    let command = Cli::command().max_term_width(WIDTH).mut_args(|arg| {
        if is_setting(&arg) { arg.global(true).hide_env_values(true).next_line_help(true) } else { arg }
    });
    let hidden: Vec<_> =
        command.get_arguments().filter(|arg| is_setting(arg)).map(|arg| arg.clone().hide(true)).collect();
    hide_in_subcommands(command, &hidden)
}

/// The same with every setting described for every command, for completions.
pub fn complete() -> Command {
    Cli::command().mut_args(|arg| if is_setting(&arg) { arg.global(true) } else { arg })
}

/// Whether an argument of the command without subcommands is a setting.
fn is_setting(arg: &Arg) -> bool {
    arg.get_env().is_some()
}

/// Every variable that a command or a subcommand reads.
pub fn variables(command: &Command) -> Vec<String> {
    let own = command.get_arguments().filter_map(|arg| Some(arg.get_env()?.to_string_lossy().into_owned()));
    own.chain(command.get_subcommands().flat_map(variables)).collect()
}

/// Gives every subcommand the settings without a description. clap adds a global argument only where there is none yet.
fn hide_in_subcommands(command: Command, settings: &[Arg]) -> Command {
    command.mut_subcommands(|subcommand| {
        hide_in_subcommands(subcommand.args(settings).after_help(SETTINGS_ELSEWHERE), settings)
    })
}
