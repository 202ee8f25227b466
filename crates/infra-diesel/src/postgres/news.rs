//! The payloads of notifications between nodes (`NOTIFY`).

use fasttrack_domain::{id::UserId, notification::NotificationHead};
use std::fmt::Write;

/// The channel of `LISTEN` and `NOTIFY`.
pub(super) const CHANNEL: &str = "fasttrack_news";

/// The longest payload: PostgreSQL requires fewer than 8,000 bytes.
const MAX_PAYLOAD: usize = 7_999;

/// Encodes items as `user:seq`, separated by commas, in as few payloads as possible.
pub(super) fn payloads(news: &[NotificationHead]) -> Vec<String> {
    let mut payloads = Vec::new();
    let mut payload = String::new();
    for NotificationHead { user_id, seq } in news {
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

/// Parses a payload; `None` where it has another form.
pub(super) fn parse(payload: &str) -> Option<Vec<NotificationHead>> {
    payload
        .split(',')
        .map(|item| {
            let (user, seq) = item.split_once(':')?;
            Some(NotificationHead { user_id: user.parse::<UserId>().ok()?, seq: seq.parse().ok()? })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_news_are_split_into_payloads() {
        for (users, expected) in [(0, 0), (1, 1), (200, 1), (201, 2), (1_000, 5)] {
            let news: Vec<_> =
                (0..users).map(|n| NotificationHead { user_id: UserId::new(i64::MAX - n), seq: i64::MAX }).collect();
            let payloads = payloads(&news);
            assert_eq!(payloads.len(), expected, "{users}");
            assert!(payloads.iter().all(|payload| payload.len() < 8_000));
            let parsed: Vec<_> = payloads.iter().flat_map(|payload| parse(payload).unwrap()).collect();
            assert_eq!(parsed, news);
        }
    }

    #[test]
    fn foreign_payload_is_not_parsed() {
        for payload in ["", "1", "1:", ":1", "1:2,", "1:2;3:4", "a:1", "1:2:3"] {
            assert_eq!(parse(payload), None, "{payload:?}");
        }
    }
}
