//! API tokens: tokens for programs, for some scopes and projects.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod audit;
mod command_line;
mod connections;
mod creation;
mod durability;
mod end;
mod forged;
mod limits;
mod lists;
mod narrowed;
mod scopes;
mod user;

use fasttrack_tests::Answer;

/// The scopes of a token that is for everything in some projects.
const OF_PROJECTS: [&str; 4] = ["projects:write", "tasks:write", "comments:write", "webhooks:write"];

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Returns the token with a secret: its prefix, and behind it the CRC-32 (IEEE) of it in base 62.
fn complete(secret: &str) -> String {
    let mut checksum = u32::MAX;
    for byte in secret.bytes() {
        checksum ^= u32::from(byte);
        for _ in 0..8 {
            checksum = (checksum >> 1) ^ if checksum & 1 == 1 { 0xEDB8_8320 } else { 0 };
        }
    }
    let mut rest = !checksum;
    let mut digits = ['0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(rest % 62) as usize].into();
        rest /= 62;
    }
    format!("ft_{secret}{}", String::from_iter(digits))
}

/// Returns a secret of 43 characters that no token has.
fn made_up() -> String {
    "A".repeat(43)
}

/// Fails unless the token was refused with this code and a challenge.
#[track_caller]
fn unauthorized(answer: Answer, code: &str) {
    let answer = answer.refused(401, code);
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(challenge.starts_with("Bearer") && challenge.contains(r#"error="invalid_token""#), "{challenge}");
}

/// Fails unless the token was refused for its scopes. `needed` would do; nothing would where it is absent.
#[track_caller]
fn lacks_scope(answer: Answer, needed: Option<&str>) {
    let answer = answer.refused(403, "insufficient_scope");
    assert_eq!(answer.header("www-authenticate"), Some(challenge(needed).as_str()), "{answer:#?}");
}

/// The challenge for a token without the needed scope (RFC 6750, section 3.1).
fn challenge(needed: Option<&str>) -> String {
    let scope = needed.map(|needed| format!(", scope=\"{needed}\"")).unwrap_or_default();
    format!("Bearer error=\"insufficient_scope\"{scope}")
}
