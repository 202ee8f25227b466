//! The header `Retry-After` (RFC 9110 section 10.2.3).

use fasttrack_domain::{Timestamp, webhook::RetryAfter};
use std::time::Duration;

/// Parses a number of seconds or a date of HTTP. `None` for anything else.
pub(crate) fn parse(value: &str) -> Option<RetryAfter> {
    let value = value.trim();
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    if is_number {
        // So many seconds that they don't fit are as good as any time beyond the bound.
        return Some(RetryAfter::Delay(Duration::from_secs(value.parse().unwrap_or(u64::MAX))));
    }
    httpdate::parse_http_date(value).ok().map(|at| RetryAfter::At(Timestamp::from(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_accepted() {
        let at = Some(RetryAfter::At(Timestamp::from_timestamp(784_111_777, 0).unwrap()));
        for (value, expected) in [
            ("0", Some(RetryAfter::Delay(Duration::ZERO))),
            (" 120 ", Some(RetryAfter::Delay(Duration::from_mins(2)))),
            ("99999999999999999999999", Some(RetryAfter::Delay(Duration::from_secs(u64::MAX)))),
            ("Sun, 06 Nov 1994 08:49:37 GMT", at),
            ("Sunday, 06-Nov-94 08:49:37 GMT", at),
            ("Sun Nov  6 08:49:37 1994", at),
            ("", None),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("soon", None),
        ] {
            assert_eq!(parse(value), expected, "{value:?}");
        }
    }
}
