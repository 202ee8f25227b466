//! How one setting is read.

use super::InvalidSetting;
use chrono::TimeDelta;
use std::{fmt, str::FromStr, time::Duration};

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

/// So many days, of which a part may be enough.
pub fn days(
    name: &'static str,
    raw: Option<String>,
    default: i64,
    fault: &mut impl FnMut(InvalidSetting),
) -> TimeDelta {
    /// A tenth of a second.
    const SHORTEST: f64 = 0.000_001;
    const LONGEST: f64 = 36_500.0;
    let default = TimeDelta::days(default);
    let Some(raw) = present(raw) else { return default };
    let days = raw.trim().parse().ok().filter(|days| (SHORTEST..=LONGEST).contains(days));
    days.and_then(|days: f64| TimeDelta::from_std(Duration::from_secs_f64(days * 86_400.0)).ok()).unwrap_or_else(|| {
        let fault_of = format!("{raw:?} is no number of days from {SHORTEST} to {LONGEST}");
        fault(InvalidSetting { name, fault: fault_of, example: "30" });
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
    if wrong.iter().any(|origin| origin.contains('*')) {
        let fault_of = "* is not taken: name each front end, as browsers send it in Origin".to_owned();
        fault(InvalidSetting { name, fault: fault_of, example: "https://app.example.org,http://localhost:3000" });
    } else if let Some(wrong) = wrong.first() {
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
    fn days_may_be_a_fraction_and_never_zero() {
        let read = |raw: &str| {
            let mut faults = Vec::new();
            (days("X_DAYS", Some(raw.to_owned()), 90, &mut |fault| faults.push(fault.to_string())), faults)
        };
        for (raw, seconds) in [("1", 86_400), (" 0.5 ", 43_200), ("36500", 3_153_600_000), ("", 7_776_000)] {
            assert_eq!(read(raw), (TimeDelta::seconds(seconds), vec![]), "{raw:?}");
        }
        for raw in ["0", "-1", "36501", "NaN", "inf", "a month", "1e9"] {
            let (days, faults) = read(raw);
            assert_eq!((days, faults.len()), (TimeDelta::days(90), 1), "{raw:?}");
        }
        assert_eq!(read("0").1, ["X_DAYS: \"0\" is no number of days from 0.000001 to 36500; for example X_DAYS=30"]);
    }

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
