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

pub fn flag(name: &'static str, raw: Option<String>, default: bool, fault: &mut impl FnMut(InvalidSetting)) -> bool {
    one_of(name, raw, default, &[("true", true), ("false", false)], fault)
}

/// The values between the commas.
pub fn listed(raw: &str) -> impl Iterator<Item = &str> {
    raw.split(',').map(str::trim).filter(|value| !value.is_empty())
}

/// Origins as browsers write them (RFC 6454 section 6.2): scheme, host, and a port that isn't the scheme's own.
pub fn origins(name: &'static str, raw: Option<String>, fault: &mut impl FnMut(InvalidSetting)) -> Vec<String> {
    let raw = present(raw).unwrap_or_default();
    let (origins, wrong): (Vec<_>, Vec<_>) = listed(&raw).map(str::to_owned).partition(|origin| is_origin(origin));
    if let Some(wrong) = wrong.first() {
        let fault_of = format!("{wrong:?} is no origin: a scheme in lower case, `://`, a host, nothing behind it");
        fault(InvalidSetting { name, fault: fault_of, example: "https://app.example.org,http://localhost:3000" });
    }
    origins
}

fn is_origin(origin: &str) -> bool {
    let Some((scheme, host)) = origin.split_once("://") else { return false };
    let of_scheme = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "+-.".contains(c);
    let of_host = |c: char| c.is_ascii_graphic() && !c.is_ascii_uppercase() && !"/?#@*\\\"".contains(c);
    scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme.chars().all(of_scheme)
        && !host.is_empty()
        && host.chars().all(of_host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_a_browser_would_send() {
        for origin in ["https://app.example.org", "http://localhost:3000", "app://fasttrack", "http://[::1]:8080"] {
            assert!(is_origin(origin), "{origin}");
        }
        for wrong in
            ["*", "null", "https://", "app.example.org", "https://example.org/", "HTTPS://example.org", "https://*.org"]
        {
            assert!(!is_origin(wrong), "{wrong}");
        }
    }
}
