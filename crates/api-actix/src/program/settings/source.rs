//! Declares a setting and reads its value in one statement, so that help, documents, defaults and checks can't differ.

use super::InvalidSetting;
use chrono::TimeDelta;
use std::{
    collections::HashMap,
    fmt::{Display, Write},
    ops::RangeInclusive,
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

/// Placeholder for true or false.
const BOOL: &str = "BOOL";

/// Values as they were given, by the names of their settings.
pub type Values = HashMap<&'static str, String>;

/// One setting, as `--help`, `.env.example` and the documentation describe it.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Heading under which it is listed.
    pub group: &'static str,
    /// The environment variable. The flag has the same name in lower case, with hyphens.
    pub name: &'static str,
    /// What the value does, its unit and its bounds.
    pub help: String,
    /// Placeholder for the value in a usage line.
    pub value_name: &'static str,
    /// What counts where nothing is given.
    pub default: DefaultValue,
    /// A value that is accepted.
    pub example: String,
}

/// What counts where a setting isn't given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefaultValue {
    /// Exactly this value.
    Literal(String),
    /// A value that depends on the machine or on other settings, in words.
    Described(&'static str),
    /// None of its own: the setting belongs to another one.
    Absent,
}

impl Setting {
    /// The flag without its hyphens in front.
    pub fn flag(&self) -> String {
        self.name.to_lowercase().replace('_', "-")
    }

    /// Whether the value must not be shown.
    pub fn is_secret(&self) -> bool {
        self.value_name != BOOL
            && ["_KEY", "_SECRET", "_PASSWORD", "_TOKEN"].iter().any(|ending| self.name.ends_with(ending))
    }
}

/// Reads settings one after the other, and collects every fault.
pub struct Source<'a> {
    given: &'a Values,
    group: &'static str,
    settings: Vec<Setting>,
    faults: Vec<InvalidSetting>,
}

impl<'a> Source<'a> {
    /// Reads from `given`. An empty value counts as absent.
    pub fn new(given: &'a Values) -> Self {
        Self { given, group: "", settings: Vec::new(), faults: Vec::new() }
    }

    /// The heading of the settings that are declared from now on.
    pub fn group(&mut self, heading: &'static str) {
        self.group = heading;
    }

    /// Begins a declaration; the method that ends it reads the value.
    pub fn setting(&mut self, name: &'static str, help: &'static str) -> Declaration<'_, 'a> {
        let setting = Setting {
            group: self.group,
            name,
            help: help.to_owned(),
            value_name: "VALUE",
            default: DefaultValue::Absent,
            example: String::new(),
        };
        Declaration { source: self, setting }
    }

    /// Reports a fault of a setting that is declared already, one that other settings cause.
    pub fn fault(&mut self, name: &'static str, fault: &str) {
        let example = self.settings.iter().find(|setting| setting.name == name);
        let example = example.map(|setting| setting.example.clone()).unwrap_or_default();
        self.faults.push(InvalidSetting { name, fault: fault.to_owned(), example });
    }

    /// What was declared, in its order, and every fault.
    pub fn finish(self) -> (Vec<Setting>, Vec<InvalidSetting>) {
        (self.settings, self.faults)
    }
}

/// A setting that is being declared.
pub struct Declaration<'s, 'a> {
    source: &'s mut Source<'a>,
    setting: Setting,
}

impl Declaration<'_, '_> {
    /// Placeholder for the value in a usage line.
    pub fn value_name(mut self, name: &'static str) -> Self {
        self.setting.value_name = name;
        self
    }

    /// A value that is accepted; without this it is the default.
    pub fn example(mut self, example: &str) -> Self {
        example.clone_into(&mut self.setting.example);
        self
    }

    /// Describes a default that is no constant.
    pub fn default_is(mut self, description: &'static str) -> Self {
        self.setting.default = DefaultValue::Described(description);
        self
    }

    /// Sets the default, unless one is described.
    pub fn default_value(mut self, value: impl Display) -> Self {
        if self.setting.default == DefaultValue::Absent {
            self.setting.default = DefaultValue::Literal(value.to_string());
        }
        self
    }

    /// The value as it is given.
    pub fn raw(self) -> Option<String> {
        self.read(|raw| Ok(raw.to_owned()))
    }

    /// A path of a file.
    pub fn file(self) -> Option<PathBuf> {
        self.value_name("FILE").read(|raw| Ok(PathBuf::from(raw)))
    }

    /// A value whose type checks it.
    pub fn parsed<T: FromStr<Err: Display>>(self) -> Option<T> {
        self.read(|raw| raw.parse().map_err(|error: T::Err| error.to_string()))
    }

    /// A value whose type checks it, or the default. `None` only where the value is at fault.
    pub fn parsed_or<T: FromStr<Err: Display>>(self, default: &str) -> Option<T> {
        let faults = self.source.faults.len();
        let declaration = self.default_value(default);
        let Declaration { source, setting } = declaration;
        let parsed = Declaration { source: &mut *source, setting }.parsed();
        if source.faults.len() == faults { parsed.or_else(|| default.parse().ok()) } else { parsed }
    }

    /// A text of one line.
    pub fn text(self, default: &str) -> String {
        let one_line = |raw: &str| {
            let is_one_line = !raw.contains(char::is_control);
            is_one_line.then(|| raw.to_owned()).ok_or_else(|| "must not contain control characters".to_owned())
        };
        self.default_value(default).read(one_line).unwrap_or_else(|| default.to_owned())
    }

    /// A whole number within bounds.
    pub fn whole<T: FromStr + PartialOrd + Display + Copy>(self, default: T, bounds: RangeInclusive<T>) -> T {
        self.default_value(default).optional_whole(bounds).unwrap_or(default)
    }

    /// A whole number within bounds; `None` where it isn't given.
    pub fn optional_whole<T: FromStr + PartialOrd + Display + Copy>(self, bounds: RangeInclusive<T>) -> Option<T> {
        let (min, max) = (*bounds.start(), *bounds.end());
        self.takes(format_args!("{min} to {max}")).read(|raw| {
            let value = raw.trim().parse().ok().filter(|value| bounds.contains(value));
            value.ok_or_else(|| format!("{raw:?} is no whole number from {min} to {max}"))
        })
    }

    /// A number of days up to a hundred years, a fraction of one being enough.
    pub fn days(self, default: i64) -> TimeDelta {
        self.days_up_to(36_500.0, default)
    }

    /// A number of days, a fraction of one being enough.
    pub fn days_up_to(self, longest: f64, default: i64) -> TimeDelta {
        /// A tenth of a second.
        const SHORTEST: f64 = 0.000_001;
        let declaration = self.value_name("DAYS").default_value(default);
        let days = declaration.takes(format_args!("may be a fraction, to {longest}")).read(|raw| {
            let days = raw.trim().parse().ok().filter(|days| (SHORTEST..=longest).contains(days));
            let days = days.and_then(|days: f64| TimeDelta::from_std(Duration::from_secs_f64(days * 86_400.0)).ok());
            days.ok_or_else(|| format!("{raw:?} is no number of days from {SHORTEST} to {longest}"))
        });
        days.unwrap_or_else(|| TimeDelta::days(default))
    }

    /// One of some words. The default has to be among them.
    pub fn word<T: Copy + PartialEq>(mut self, default: T, words: &[(&'static str, T)]) -> T {
        let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        if let Some((word, _)) = words.iter().find(|(_, value)| *value == default) {
            self = self.default_value(word);
        }
        let value = self.takes(known.join(" or ")).read(|raw| {
            let value = words.iter().find(|(word, _)| *word == raw.trim()).map(|(_, value)| *value);
            value.ok_or_else(|| format!("{raw:?} is none of: {}", known.join(", ")))
        });
        value.unwrap_or(default)
    }

    /// true or false.
    pub fn flag(self, default: bool) -> bool {
        self.value_name(BOOL).word(default, &[("true", true), ("false", false)])
    }

    /// Values with commas between them.
    pub fn list<T>(self, parse: impl Fn(&str) -> Result<T, String>) -> Vec<T> {
        let values = self.read(|raw| {
            raw.split(',').map(str::trim).filter(|value| !value.is_empty()).map(parse).collect::<Result<_, _>>()
        });
        values.unwrap_or_default()
    }

    /// Ends the declaration, and reads the value where one is given and has no fault.
    pub fn read<T>(self, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let Self { source, mut setting } = self;
        if let DefaultValue::Literal(value) = &setting.default
            && setting.example.is_empty()
        {
            setting.example.clone_from(value);
        }
        let given = source.given.get(setting.name).filter(|value| !value.trim().is_empty());
        let value = match given.map(|raw| parse(raw)) {
            Some(Ok(value)) => Some(value),
            Some(Err(fault)) => {
                source.faults.push(InvalidSetting { name: setting.name, fault, example: setting.example.clone() });
                None
            }
            None => None,
        };
        source.settings.push(setting);
        value
    }

    /// Adds what values are accepted to the help.
    fn takes(mut self, values: impl Display) -> Self {
        // Writing into a string can't fail.
        let _ = write!(self.setting.help, " ({values})");
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_may_be_a_fraction_and_never_zero() {
        let read = |raw: &str| {
            let given = HashMap::from([("X_DAYS", raw.to_owned())]);
            let mut source = Source::new(&given);
            let days = source.setting("X_DAYS", "Days").example("30").days(90);
            (days, source.finish().1.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        for (raw, seconds) in [("1", 86_400), (" 0.5 ", 43_200), ("36500", 3_153_600_000), ("", 7_776_000)] {
            assert_eq!(read(raw), (TimeDelta::seconds(seconds), vec![]), "{raw:?}");
        }
        for raw in ["0", "-1", "36501", "NaN", "inf", "a month", "1e9"] {
            let (days, faults) = read(raw);
            assert_eq!((days, faults.len()), (TimeDelta::days(90), 1), "{raw:?}");
        }
        assert_eq!(read("0").1, ["X_DAYS: \"0\" is no number of days from 0.000001 to 36500; for example X_DAYS=30"]);
        let given = HashMap::from([("X_DAYS", "3651".to_owned())]);
        let mut source = Source::new(&given);
        assert_eq!(source.setting("X_DAYS", "Days").days_up_to(3_650.0, 90), TimeDelta::days(90));
        assert_eq!(source.finish().1.len(), 1);
    }

    #[test]
    fn a_declaration_says_bounds_default_and_example() {
        let given = Values::new();
        let mut source = Source::new(&given);
        source.group("Server");
        assert_eq!(source.setting("PORT", "Port to listen on").whole(8080, 0..=u16::MAX), 8080);
        let (settings, _) = source.finish();
        let [Setting { group, help, default, example, .. }] = &settings[..] else { panic!("{settings:?}") };
        assert_eq!((*group, help.as_str(), example.as_str()), ("Server", "Port to listen on (0 to 65535)", "8080"));
        assert_eq!(*default, DefaultValue::Literal("8080".to_owned()));
    }
}
