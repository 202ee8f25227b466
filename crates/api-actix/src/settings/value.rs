//! How one setting is read.

use super::InvalidSetting;
use std::{fmt, str::FromStr};

pub fn present(raw: Option<String>) -> Option<String> {
    raw.filter(|value| !value.trim().is_empty())
}

pub fn text(
    name: &'static str,
    raw: Option<String>,
    default: &str,
    example: &'static str,
    fault: &mut impl FnMut(InvalidSetting),
) -> String {
    let value = present(raw).unwrap_or_else(|| default.to_owned());
    if value.contains(char::is_control) {
        fault(InvalidSetting { name, fault: "must not contain control characters".to_owned(), example });
    }
    value
}

pub fn parsed<T: FromStr<Err: fmt::Display>>(
    name: &'static str,
    raw: Option<String>,
    example: &'static str,
    fault: &mut impl FnMut(InvalidSetting),
) -> Option<T> {
    present(raw)?
        .parse()
        .map_err(|error: T::Err| fault(InvalidSetting { name, fault: error.to_string(), example }))
        .ok()
}

pub fn number<T: FromStr + PartialOrd + fmt::Display + Copy>(
    name: &'static str,
    raw: Option<String>,
    default: T,
    bounds: std::ops::RangeInclusive<T>,
    example: &'static str,
    fault: &mut impl FnMut(InvalidSetting),
) -> T {
    let Some(raw) = present(raw) else { return default };
    raw.trim().parse().ok().filter(|value| bounds.contains(value)).unwrap_or_else(|| {
        let fault_of = format!("{raw:?} is no whole number from {} to {}", bounds.start(), bounds.end());
        fault(InvalidSetting { name, fault: fault_of, example });
        default
    })
}

pub fn one_of<T: Copy>(
    name: &'static str,
    raw: Option<String>,
    default: T,
    words: &[(&'static str, T)],
    fault: &mut impl FnMut(InvalidSetting),
) -> T {
    let Some(raw) = present(raw) else { return default };
    words.iter().find(|(word, _)| *word == raw.trim()).map_or_else(
        || {
            let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            let example = known.first().copied().unwrap_or_default();
            fault(InvalidSetting { name, fault: format!("{raw:?} is none of: {}", known.join(", ")), example });
            default
        },
        |(_, value)| *value,
    )
}
