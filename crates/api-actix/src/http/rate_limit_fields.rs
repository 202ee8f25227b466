//! `RateLimit-Policy` and `RateLimit`, structured fields (RFC 9651) of draft-ietf-httpapi-ratelimit-headers: lists of
//! strings with parameters.

use actix_web::http::header::HeaderValue;
use fasttrack_domain::rate_limit::{Quota, RateLimitStatus};

/// Formats an item of `RateLimit-Policy`: `q` is the limit, `w` the window in seconds.
pub(super) fn policy(name: &str, quota: Quota) -> String {
    format!("\"{name}\";q={};w={}", quota.limit, quota.window_seconds)
}

/// Formats an item of `RateLimit`: `r` hits remain, and `t` seconds later there are more.
pub(super) fn standing(name: &str, standing: &RateLimitStatus) -> String {
    format!("\"{name}\";r={};t={}", standing.remaining, standing.more_after_seconds())
}

/// Joins the items to a list; `None` if there are none.
pub(super) fn list(items: [Option<String>; 2]) -> Option<HeaderValue> {
    let list = match items {
        [Some(first), Some(second)] => first + ", " + &second,
        [first, second] => first.or(second)?,
    };
    HeaderValue::try_from(list).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{num::NonZeroU32, time::Duration};

    #[test]
    fn items_are_strings_with_parameters_in_a_list() {
        let quota = Quota { limit: NonZeroU32::new(600).unwrap(), window_seconds: NonZeroU32::new(60).unwrap() };
        assert_eq!(policy("default", quota), r#""default";q=600;w=60"#);
        let stands = RateLimitStatus { is_allowed: true, remaining: 599, more_after: Duration::from_millis(59_001) };
        assert_eq!(standing("login", &stands), r#""login";r=599;t=60"#);
        let list = |items: [Option<&str>; 2]| list(items.map(|item| item.map(str::to_owned)));
        assert_eq!(list([Some("a"), Some("b")]).unwrap(), "a, b");
        assert_eq!(list([Some("a"), None]).unwrap(), "a");
        assert_eq!(list([None, Some("b")]).unwrap(), "b");
        assert_eq!(list([None, None]), None);
    }
}
