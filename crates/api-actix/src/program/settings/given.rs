//! The settings as flags and environment variables, for clap.

use super::{
    describe,
    source::{DefaultValue, Setting, Values},
};
use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches};

/// Values as flags and environment variables have them, unchecked: clap would end with the first that is wrong.
#[derive(Clone, Default)]
pub struct GivenSettings(pub(super) Values);

impl FromIterator<(&'static str, String)> for GivenSettings {
    /// Takes values by the names of their environment variables.
    fn from_iter<I: IntoIterator<Item = (&'static str, String)>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl Args for GivenSettings {
    fn augment_args(command: Command) -> Command {
        command.args(describe().iter().map(arg))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for GivenSettings {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let settings = describe();
        let given = settings
            .iter()
            .filter_map(|Setting { name, .. }| matches.get_one::<String>(name).map(|value| (*name, value.clone())));
        Ok(Self(given.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn arg(setting: &Setting) -> Arg {
    let default = match &setting.default {
        DefaultValue::Literal(value) => format!(" [default: {value}]"),
        DefaultValue::Described(text) => format!(" [default: {text}]"),
        DefaultValue::Absent => String::new(),
    };
    Arg::new(setting.name)
        .long(setting.flag())
        .env(setting.name)
        .value_name(setting.value_name)
        .help(format!("{}{default}", setting.help))
        .help_heading(setting.group)
}
