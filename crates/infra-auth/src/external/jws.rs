//! A token as it comes: what it says before anybody has proven it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use fasttrack_domain::{
    Timestamp,
    email::Email,
    identity::{ExternalIdentity, ExternalSubject, Identity},
    text::DisplayName,
};
use serde_json::{Map, Value};

/// The last second of the year 9999: a later `exp` means the same.
const END_OF_TIME: i64 = 253_402_300_799;

/// Members of a header that bring a key along, or ask for what we don't know (RFC 7515 section 4.1).
const REFUSED: [&str; 5] = ["crit", "jku", "jwk", "x5c", "x5u"];

// @spec SPEC-014
/// How a token may be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Es256,
    Ed25519,
}

impl Algorithm {
    /// `EdDSA` (RFC 8037) and `Ed25519` (RFC 9864) are one.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            "EdDSA" | "Ed25519" => Some(Self::Ed25519),
            _ => None,
        }
    }
}

/// What of a header matters.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) algorithm: Algorithm,
    pub(super) kid: Option<String>,
}

/// A token in compact form (RFC 7515 section 7.1), taken apart.
pub(super) struct Jws<'a> {
    pub(super) header: Header,
    claims: Map<String, Value>,
    /// What is signed.
    pub(super) message: &'a [u8],
    pub(super) signature: Vec<u8>,
}

/// What a token must say to be meant for us.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) issuer: String,
    pub(super) audience: String,
}

/// What a token says that is meant for us.
pub(super) struct Said {
    pub(super) identity: ExternalIdentity,
    pub(super) expires_at: Timestamp,
}

/// The issuer that a token names, before anything of it is proven.
pub(super) fn issuer(token: &str) -> Option<String> {
    let (message, _) = token.rsplit_once('.')?;
    let (_, claims) = message.split_once('.')?;
    match object(claims)?.remove("iss")? {
        Value::String(issuer) => Some(issuer),
        _ => None,
    }
}

impl<'a> Jws<'a> {
    /// `None` for what is no token, or one of a form that is never taken.
    pub(super) fn parse(token: &'a str) -> Option<Self> {
        let (message, signature) = token.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        Some(Self {
            header: header_of(&object(header)?)?,
            claims: object(claims)?,
            message: message.as_bytes(),
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }

    /// `None` for what isn't meant for us, or not yet, or lacks what it must have. One that has expired is told by its
    /// `expires_at`.
    pub(super) fn claims(&self, expected: &Expected, now: Timestamp) -> Option<Said> {
        let text = |name| self.claims.get(name).and_then(Value::as_str);
        let is_for_us = match self.claims.get("aud")? {
            Value::String(audience) => *audience == expected.audience,
            Value::Array(audiences) => audiences.iter().any(|audience| audience == expected.audience.as_str()),
            _ => false,
        };
        let is_due = match self.claims.get("nbf") {
            None => true,
            Some(not_before) => moment(not_before)? <= now,
        };
        if text("iss")? != expected.issuer || !is_for_us || !is_due {
            return None;
        }
        // By either name; where both are there, both have to say so.
        let mut verdicts =
            ["email_verified", "emailVerified"].iter().filter_map(|name| self.claims.get(*name)).peekable();
        let is_verified = verdicts.peek().is_some() && verdicts.all(|verdict| *verdict == true);
        let address = text("email").filter(|_| is_verified).and_then(|email| Email::parse(email).ok());
        Some(Said {
            identity: ExternalIdentity {
                identity: Identity {
                    issuer: expected.issuer.clone(),
                    subject: ExternalSubject::parse(text("sub")?.to_owned()).ok()?,
                },
                verified_email: address,
                name: text("name").and_then(DisplayName::cut),
            },
            expires_at: moment(self.claims.get("exp")?)?,
        })
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn header_of(header: &Map<String, Value>) -> Option<Header> {
    if REFUSED.iter().any(|name| header.contains_key(*name)) || !header.get("typ").is_none_or(is_access_token) {
        return None;
    }
    Some(Header {
        algorithm: Algorithm::named(header.get("alg")?.as_str()?)?,
        kid: match header.get("kid") {
            None => None,
            Some(kid) => Some(kid.as_str()?.to_owned()),
        },
    })
}

/// A media type, whose case doesn't matter, and whose `application/` may be left out (RFC 7515 section 4.1.9).
fn is_access_token(typ: &Value) -> bool {
    let Some(typ) = typ.as_str().map(str::to_ascii_lowercase) else { return false };
    matches!(typ.strip_prefix("application/").unwrap_or(&typ), "jwt" | "at+jwt")
}

/// A `NumericDate` (RFC 7519 section 2), which may have a fraction. It is cut, so that nothing is good for longer.
fn moment(date: &Value) -> Option<Timestamp> {
    #[expect(clippy::cast_possible_truncation, reason = "that is how a fraction is cut, and what is too large bounded")]
    let seconds = date.as_i64().or_else(|| date.as_f64().map(|seconds| seconds.floor() as i64))?;
    Timestamp::from_timestamp(seconds.min(END_OF_TIME), 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_date_may_have_a_fraction_and_be_far_away() {
        let seconds = |date| moment(&date).map(|moment| moment.timestamp());
        assert_eq!(seconds(json!(1_800_000_000)), Some(1_800_000_000));
        assert_eq!(seconds(json!(1_800_000_000.9)), Some(1_800_000_000));
        for far in [json!(END_OF_TIME + 1), json!(i64::MAX), json!(u64::MAX), json!(1e300)] {
            assert_eq!(seconds(far), Some(END_OF_TIME));
        }
        for wrong in [json!("1800000000"), json!(null), json!(true), json!(i64::MIN), json!(-1e300)] {
            assert_eq!(moment(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_type_is_a_media_type() {
        for good in ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt", "Application/JWT"] {
            assert!(is_access_token(&json!(good)), "{good}");
        }
        for wrong in [json!(""), json!("id+jwt"), json!("logout+jwt"), json!("x/jwt"), json!(null), json!(["JWT"])] {
            assert!(!is_access_token(&wrong), "{wrong}");
        }
    }
}
