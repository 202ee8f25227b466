//! News on their way from node to node.

use fasttrack_domain::{id::UserId, notification::News};
use std::fmt::Write;

/// What nodes listen to.
pub(super) const CHANNEL: &str = "fasttrack_news";

/// PostgreSQL takes fewer than 8,000 bytes.
const MAX_PAYLOAD: usize = 7_999;

/// `user:seq`, separated by commas, in as few payloads as take them.
pub(super) fn payloads(news: &[News]) -> Vec<String> {
    let mut payloads = Vec::new();
    let mut payload = String::new();
    for News { user_id, seq } in news {
        let item = format!("{user_id}:{seq}");
        if !payload.is_empty() && payload.len() + 1 + item.len() > MAX_PAYLOAD {
            payloads.push(std::mem::take(&mut payload));
        }
        let separator = if payload.is_empty() { "" } else { "," };
        let _ = write!(payload, "{separator}{item}");
    }
    if !payload.is_empty() {
        payloads.push(payload);
    }
    payloads
}

/// What a payload says; `None` where it is none of ours.
pub(super) fn parse(payload: &str) -> Option<Vec<News>> {
    payload
        .split(',')
        .map(|item| {
            let (user, seq) = item.split_once(':')?;
            Some(News { user_id: user.parse::<UserId>().ok()?, seq: seq.parse().ok()? })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_for_one_payload_goes_into_several() {
        for (users, expected) in [(0, 0), (1, 1), (200, 1), (201, 2), (1_000, 5)] {
            let news: Vec<_> = (0..users).map(|n| News { user_id: UserId::new(i64::MAX - n), seq: i64::MAX }).collect();
            let payloads = payloads(&news);
            assert_eq!(payloads.len(), expected, "{users}");
            assert!(payloads.iter().all(|payload| payload.len() < 8_000));
            let parsed: Vec<_> = payloads.iter().flat_map(|payload| parse(payload).unwrap()).collect();
            assert_eq!(parsed, news);
        }
    }

    #[test]
    fn what_is_none_of_ours_says_nothing() {
        for payload in ["", "1", "1:", ":1", "1:2,", "1:2;3:4", "a:1", "1:2:3"] {
            assert_eq!(parse(payload), None, "{payload:?}");
        }
    }
}
