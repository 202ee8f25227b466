//! Instants that clients send, and when something is due: on a day or at an instant.

use crate::{Timestamp, field::Invalid};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, SecondsFormat};
use std::{fmt, ops::RangeInclusive, str::FromStr};

/// The years of days and instants, in UTC.
pub const YEARS: RangeInclusive<i32> = 1970..=9999;

/// Parses an instant of [`YEARS`] as RFC 3339 has it. What is finer than a microsecond is cut off.
pub fn parse_instant(raw: &str) -> Result<Timestamp, Invalid> {
    // RFC 3339 section 5.6 allows another separator by agreement alone.
    let is_separated = matches!(raw.as_bytes().get(10), Some(b'T' | b't'));
    DateTime::parse_from_rfc3339(raw)
        .ok()
        .filter(|_| is_separated)
        .and_then(|instant| DateTime::from_timestamp_micros(instant.timestamp_micros()))
        .filter(|instant| YEARS.contains(&instant.year()))
        .ok_or_else(|| {
            Invalid::new("invalid", "must be an instant of the years 1970 to 9999, like 2026-12-01T09:30:00Z")
        })
}

// @spec SPEC-022
/// A day (`2026-12-01`) or an instant. In their order, a day counts as its last instant in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "String", into = "String")
)]
pub struct Due {
    /// The instant, or the last one of the day.
    at: Timestamp,
    is_day: bool,
}

impl Due {
    /// Parses a day or an instant of [`YEARS`].
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let due = match day(raw) {
            Some(day) => Self { at: last_instant(day), is_day: true },
            None => Self { at: parse_instant(raw).map_err(|_| invalid())?, is_day: false },
        };
        if YEARS.contains(&due.at.year()) { Ok(due) } else { Err(invalid()) }
    }

    /// Makes it of what [`at`](Self::at) and [`is_day`](Self::is_day) returned.
    pub fn from_storage(at: Timestamp, is_day: bool) -> Result<Self, Invalid> {
        let is_valid = YEARS.contains(&at.year()) && (!is_day || at == last_instant(at.date_naive()));
        if is_valid { Ok(Self { at, is_day }) } else { Err(invalid()) }
    }

    /// The instant, or the last one of the day in UTC: the key of the order.
    pub const fn at(self) -> Timestamp {
        self.at
    }

    /// The instant, or the first one of the day in UTC.
    pub fn beginning(self) -> Timestamp {
        if self.is_day { self.at.date_naive().and_time(NaiveTime::MIN).and_utc() } else { self.at }
    }

    pub const fn is_day(self) -> bool {
        self.is_day
    }
}

fn invalid() -> Invalid {
    Invalid::new(
        "invalid",
        "must be a day or an instant of the years 1970 to 9999, like 2026-12-01 or 2026-12-01T09:30:00Z",
    )
}

/// The day that a text of the form `YYYY-MM-DD` names.
fn day(raw: &str) -> Option<NaiveDate> {
    let is_form = raw.len() == 10
        && raw.bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if is_form { raw.parse().ok() } else { None }
}

fn last_instant(day: NaiveDate) -> Timestamp {
    let beginning = day.and_time(NaiveTime::MIN).and_utc();
    beginning + chrono::TimeDelta::days(1) - chrono::TimeDelta::microseconds(1)
}

impl FromStr for Due {
    type Err = Invalid;

    /// Does what [`parse`](Self::parse) does.
    fn from_str(raw: &str) -> Result<Self, Invalid> {
        Self::parse(raw)
    }
}

impl TryFrom<String> for Due {
    type Error = Invalid;

    fn try_from(raw: String) -> Result<Self, Invalid> {
        Self::parse(&raw)
    }
}

impl From<Due> for String {
    fn from(due: Due) -> Self {
        due.to_string()
    }
}

impl fmt::Display for Due {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_day {
            write!(f, "{}", self.at.date_naive())
        } else {
            f.write_str(&self.at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn due(raw: &str) -> Due {
        Due::parse(raw).unwrap_or_else(|error| panic!("{raw:?}: {error}"))
    }

    #[test]
    fn due_is_answered_in_utc() {
        for (raw, expected) in [
            ("2026-12-01", "2026-12-01"),
            ("1970-01-01", "1970-01-01"),
            ("9999-12-31", "9999-12-31"),
            ("2028-02-29", "2028-02-29"),
            ("2026-12-01T09:30:00+02:00", "2026-12-01T07:30:00Z"),
            ("2026-12-01t09:30:00.5z", "2026-12-01T09:30:00.500Z"),
            ("2026-12-01T09:30:00.123456789Z", "2026-12-01T09:30:00.123456Z"),
            ("1969-12-31T20:00:00-05:00", "1970-01-01T01:00:00Z"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ] {
            assert_eq!(due(raw).to_string(), expected);
        }
    }

    #[test]
    fn other_forms_and_years_are_refused() {
        for raw in [
            "",
            "2026-12-1",
            "2026-13-01",
            "2026-02-29",
            "20261201",
            " 2026-12-01",
            " 2026-12-1",
            "2026-12- 1",
            "+026-12-01",
            "1969-12-31",
            "0000-01-01",
            "2026-12-01T09:30",
            "2026-12-01T09:30:00",
            "2026-12-01 09:30:00Z",
            "2026-12-01T24:00:00Z",
            "1969-12-31T23:59:59Z",
            "9999-12-31T23:59:59-01:00",
            "tomorrow",
        ] {
            assert_eq!(Due::parse(raw).map_err(|error| error.code), Err("invalid"), "{raw:?}");
        }
        assert!(parse_instant("2026-12-01").is_err());
    }

    #[test]
    fn a_day_counts_as_its_last_instant() {
        let day = due("2026-12-01");
        assert!(due("2026-12-01T23:59:59.999998Z") < day);
        assert!(day < due("2026-12-02T00:00:00Z"));
        assert_eq!(day.at(), due("2026-12-01T23:59:59.999999Z").at());
        assert_eq!(day.beginning(), due("2026-12-01T00:00:00Z").at());
        assert_eq!(due("2026-12-01T09:30:00Z").beginning(), due("2026-12-01T09:30:00Z").at());
    }

    #[test]
    fn storage_has_days_by_their_last_instant_only() {
        let instant = |raw: &str| DateTime::parse_from_rfc3339(raw).unwrap().to_utc();
        let code = |at, is_day| Due::from_storage(at, is_day).map(Due::is_day).map_err(|error| error.code);
        let last = instant("2026-12-01T23:59:59.999999Z");
        assert_eq!([code(last, true), code(last, false)], [Ok(true), Ok(false)]);
        assert_eq!(code(instant("2026-12-01T23:59:59Z"), true), Err("invalid"));
        for early in ["1969-12-31T23:59:59.999999Z", "1969-12-31T09:00:00Z"] {
            assert_eq!([true, false].map(|is_day| code(instant(early), is_day)), [Err("invalid"); 2], "{early}");
        }
    }

    #[test]
    fn texts_of_other_types_are_the_same() {
        let day = due("2026-12-01");
        assert_eq!((String::from(day), Due::try_from("2026-12-01".to_owned())), ("2026-12-01".to_owned(), Ok(day)));
    }

    proptest! {
        #[test]
        fn due_survives_text_and_storage(micros in 0i64..253_402_300_800_000_000, is_day: bool) {
            let instant = DateTime::from_timestamp_micros(micros).unwrap();
            let at = if is_day { last_instant(instant.date_naive()) } else { instant };
            let due = Due::from_storage(at, is_day).unwrap();
            prop_assert_eq!(Due::parse(&due.to_string()), Ok(due));
            prop_assert_eq!(Due::from_storage(due.at(), due.is_day()), Ok(due));
        }

        #[test]
        fn order_is_that_of_the_last_instants(a in 0i64..10_000_000, b in 0i64..10_000_000, of_a: bool, of_b: bool) {
            let make = |seconds: i64, is_day: bool| {
                let instant = DateTime::from_timestamp(seconds, 0).unwrap();
                let text = instant.to_rfc3339_opts(SecondsFormat::AutoSi, true);
                if is_day { due(&text[..10]) } else { due(&text) }
            };
            let (a, b) = (make(a, of_a), make(b, of_b));
            if a.at() != b.at() {
                prop_assert_eq!(a < b, a.at() < b.at());
            }
        }
    }
}
