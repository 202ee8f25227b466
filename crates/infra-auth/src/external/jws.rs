//! Parses another issuer's token (JWS) and its claims before the signature is verified.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use fasttrack_domain::{
    Timestamp,
    email::Email,
    identity::{ExternalIdentity, ExternalSubject, Identity},
    text::DisplayName,
};
use serde_json::{Map, Value};

/// The last second of the year 9999. A later `exp` is treated as this one.
const END_OF_TIME: i64 = 253_402_300_799;

/// Header members that bring a key or require an unsupported extension (RFC 7515 section 4.1).
const REFUSED: [&str; 5] = ["crit", "jku", "jwk", "x5c", "x5u"];

// @spec SPEC-014
/// The accepted signature algorithms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Es256,
    Ed25519,
}

impl Algorithm {
    /// Parses an `alg`. `EdDSA` (RFC 8037) and `Ed25519` (RFC 9864) are equal.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            "EdDSA" | "Ed25519" => Some(Self::Ed25519),
            _ => None,
        }
    }
}

/// The parts of a header that verification needs.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) algorithm: Algorithm,
    pub(super) kid: Option<String>,
}

/// A parsed token in compact form (RFC 7515 section 7.1).
pub(super) struct Jws<'a> {
    pub(super) header: Header,
    claims: Map<String, Value>,
    /// The signed part: header and claims.
    pub(super) message: &'a [u8],
    pub(super) signature: Vec<u8>,
}

/// The claims that a token must have.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) issuer: String,
    pub(super) audience: String,
}

/// The claims of a token for this service.
pub(super) struct IdentityClaims {
    pub(super) identity: ExternalIdentity,
    /// `None` for a token whose `iat` is absent or no date.
    pub(super) issued_at: Option<Timestamp>,
    pub(super) expires_at: Timestamp,
}

/// Returns a token's unverified `iss` claim.
pub(super) fn issuer(token: &str) -> Option<String> {
    let (message, _) = token.rsplit_once('.')?;
    let (_, claims) = message.split_once('.')?;
    match object(claims)?.remove("iss")? {
        Value::String(issuer) => Some(issuer),
        _ => None,
    }
}

impl<'a> Jws<'a> {
    /// Parses a token. `None` if it is malformed or has a header that is never accepted.
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

    /// Checks the claims. `None` if the token is for another audience or issuer, not valid yet, or lacks a claim. The
    /// caller checks `expires_at`.
    pub(super) fn claims(&self, expected: &Expected, now: Timestamp) -> Option<IdentityClaims> {
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
        // Issuers use either name. If both are present, both must be true.
        let mut verdicts =
            ["email_verified", "emailVerified"].iter().filter_map(|name| self.claims.get(*name)).peekable();
        let is_verified = verdicts.peek().is_some() && verdicts.all(|verdict| *verdict == true);
        let address = text("email").filter(|_| is_verified).and_then(|email| Email::parse(email).ok());
        Some(IdentityClaims {
            identity: ExternalIdentity {
                identity: Identity {
                    issuer: expected.issuer.clone(),
                    subject: ExternalSubject::parse(text("sub")?.to_owned()).ok()?,
                },
                verified_email: address,
                name: text("name").and_then(DisplayName::cut),
            },
            issued_at: self.claims.get("iat").and_then(moment),
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

/// Checks a media type: its case is ignored, and its `application/` may be omitted (RFC 7515 section 4.1.9).
fn is_access_token(typ: &Value) -> bool {
    let Some(typ) = typ.as_str().map(str::to_ascii_lowercase) else { return false };
    matches!(typ.strip_prefix("application/").unwrap_or(&typ), "jwt" | "at+jwt")
}

/// Parses a `NumericDate` (RFC 7519 section 2). A fraction is cut off, so that no token is valid for longer.
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
