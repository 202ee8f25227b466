//! Tokens of another issuer: [`ExternalVerifier`], beside an issuer that a test controls.

use crate::builders::MOMENT;
use chrono::{SubsecRound, TimeDelta};
use fasttrack_domain::{
    Timestamp,
    email::Email,
    identity::ExternalIdentity,
    ports::identity::ExternalVerifier,
    token::{ExternalClaims, TokenError},
};
use std::collections::BTreeMap;

/// The issuer whose tokens the verifier under test accepts. It publishes its keys until it is set to do otherwise.
pub trait ExternalIssuer: Send + Sync {
    /// The `iss` claim of its tokens.
    fn name(&self) -> String;

    /// The `aud` claim of tokens for this service.
    fn audience(&self) -> String;

    /// Signs claims, a JSON object, with a published key.
    fn sign(&self, claims: &str) -> String;

    /// Signs claims with a key that is not published, in the name of a published one.
    fn sign_with_another_key(&self, claims: &str) -> String;

    /// How often the keys were requested.
    fn key_requests(&self) -> usize;

    /// Answers no requests for keys from now on.
    fn stop_publishing(&self);
}

contract! { $
    external_verifier { verifier: ExternalVerifier, issuer: ExternalIssuer }
    a_genuine_token_has_its_claims,
    the_time_of_issue_is_read_where_it_is_a_date,
    only_a_verified_address_is_used,
    a_name_is_trimmed_and_cut,
    an_issuer_is_recognized_without_its_keys,
    a_token_of_another_key_is_invalid,
    a_changed_token_is_invalid,
    a_token_with_claims_for_others_is_invalid,
    an_expired_token_differs_from_an_invalid_one,
    another_content_has_another_token_id,
    without_keys_verification_is_unavailable,
}

/// The claims of a token that is valid for a minute, as JSON, with these members set; without those that are `None`.
fn claims(ports: &Ports, members: &[(&str, Option<&str>)]) -> String {
    let now = MOMENT.timestamp();
    let mut claims = BTreeMap::from([
        ("iss", format!("{:?}", ports.issuer.name())),
        ("aud", format!("{:?}", ports.issuer.audience())),
        ("sub", r#""u-1""#.to_owned()),
        ("iat", now.to_string()),
        ("exp", (now + 60).to_string()),
    ]);
    for (name, value) in members {
        match value {
            Some(value) => claims.insert(name, (*value).to_owned()),
            None => claims.remove(name),
        };
    }
    let members: Vec<_> = claims.iter().map(|(name, value)| format!("{name:?}:{value}")).collect();
    format!("{{{}}}", members.join(","))
}

fn expiry() -> Timestamp {
    MOMENT.trunc_subsecs(0) + TimeDelta::seconds(60)
}

async fn verify(ports: &Ports, token: &str, now: Timestamp) -> Result<ExternalClaims, TokenError> {
    ports.verifier.verify(token, now).await
}

/// What a genuine token with these claims says about its bearer.
async fn identity(ports: &Ports, members: &[(&str, Option<&str>)]) -> ExternalIdentity {
    verify(ports, &ports.issuer.sign(&claims(ports, members)), MOMENT).await.unwrap().identity
}

/// The subject is taken byte for byte.
async fn a_genuine_token_has_its_claims(ports: &Ports) {
    let token = ports.issuer.sign(&claims(ports, &[("sub", Some(r#"" Ann/é ""#)), ("name", Some(r#""Ann""#))]));
    for _ in 0..2 {
        let claims = verify(ports, &token, MOMENT).await.unwrap();
        let identity = claims.identity.identity;
        assert_eq!((identity.issuer, identity.subject.as_str()), (ports.issuer.name(), " Ann/é "));
        assert_eq!(claims.identity.name.map(String::from).as_deref(), Some("Ann"));
        assert_eq!((claims.identity.verified_email, claims.expires_at), (None, expiry()));
    }
}

/// A fraction is cut off, so that no token looks younger than it is.
async fn the_time_of_issue_is_read_where_it_is_a_date(ports: &Ports) {
    let begin = MOMENT.trunc_subsecs(0) - TimeDelta::seconds(7);
    let seconds = begin.timestamp();
    for (iat, expected) in [
        (Some(seconds.to_string()), Some(begin)),
        (Some(format!("{seconds}.9")), Some(begin)),
        (Some(format!("{:?}", seconds.to_string())), None),
        (Some("null".to_owned()), None),
        (None, None),
    ] {
        let token = ports.issuer.sign(&claims(ports, &[("iat", iat.as_deref())]));
        assert_eq!(verify(ports, &token, MOMENT).await.unwrap().issued_at, expected, "{iat:?}");
    }
}

async fn only_a_verified_address_is_used(ports: &Ports) {
    let ann = Some(Email::parse("ann@example.org").unwrap());
    let address = Some(r#"" Ann@Example.ORG ""#);
    for (email, verified, expected) in [
        (None, None, None),
        (None, Some("true"), None),
        (address, None, None),
        (address, Some("false"), None),
        (address, Some("null"), None),
        (address, Some("1"), None),
        (address, Some(r#""true""#), None),
        (address, Some("true"), ann),
        (Some(r#""no address""#), Some("true"), None),
        (Some(r#""somebody@external.invalid""#), Some("true"), None),
        (Some("7"), Some("true"), None),
        (Some("null"), Some("true"), None),
    ] {
        let identity = identity(ports, &[("email", email), ("email_verified", verified)]).await;
        assert_eq!(identity.verified_email, expected, "{email:?} {verified:?}");
    }
}

async fn a_name_is_trimmed_and_cut(ports: &Ports) {
    let (long, cut) = (format!("{:?}", "é".repeat(300)), "é".repeat(100));
    for (name, expected) in [
        (None, None),
        (Some(r#"" Ann ""#), Some("Ann")),
        (Some(long.as_str()), Some(cut.as_str())),
        (Some(r#""  ""#), None),
        (Some(r#""a\u0000b""#), None),
        (Some(r#"["Ann"]"#), None),
    ] {
        let identity = identity(ports, &[("name", name)]).await;
        assert_eq!(identity.name.map(String::from).as_deref(), expected, "{name:?}");
    }
}

/// Whether the signature is good plays no part.
async fn an_issuer_is_recognized_without_its_keys(ports: &Ports) {
    let good = ports.issuer.sign(&claims(ports, &[]));
    let (message, _) = good.rsplit_once('.').unwrap();
    let forged = ports.issuer.sign_with_another_key(&claims(ports, &[]));
    for named in [&good, &forged, &format!("{message}."), &format!("{message}.made-up")] {
        assert!(ports.verifier.names_issuer(named), "{named}");
    }
    let array = format!("[{:?}]", ports.issuer.name());
    for issuer in [None, Some(r#""https://other.example""#), Some(array.as_str()), Some("null")] {
        let token = ports.issuer.sign(&claims(ports, &[("iss", issuer)]));
        assert!(!ports.verifier.names_issuer(&token), "{issuer:?}");
    }
    for garbage in ["", "a.b.c", message] {
        assert!(!ports.verifier.names_issuer(garbage), "{garbage}");
    }
    assert_eq!(ports.issuer.key_requests(), 0);
}

async fn a_token_of_another_key_is_invalid(ports: &Ports) {
    let (genuine, forged) =
        (ports.issuer.sign(&claims(ports, &[])), ports.issuer.sign_with_another_key(&claims(ports, &[])));
    assert_eq!(verify(ports, &forged, MOMENT).await, Err(TokenError::Invalid));
    verify(ports, &genuine, MOMENT).await.unwrap();
    assert_eq!(verify(ports, &forged, MOMENT).await, Err(TokenError::Invalid));
    assert_eq!(verify(ports, &forged, expiry()).await, Err(TokenError::Invalid));
}

async fn a_changed_token_is_invalid(ports: &Ports) {
    let token = ports.issuer.sign(&claims(ports, &[]));
    let other = ports.issuer.sign(&claims(ports, &[("sub", Some(r#""u-2""#))]));
    verify(ports, &token, MOMENT).await.unwrap();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (other_message, _) = other.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { "B" } else { "A" };
    for changed in [
        String::new(),
        message.to_owned(),
        format!("{message}."),
        format!("{message}.{first}{}", &signature[1..]),
        format!("{other_message}.{signature}"),
        format!(" {token}"),
        format!("{token}."),
    ] {
        assert_eq!(verify(ports, &changed, MOMENT).await, Err(TokenError::Invalid), "{changed}");
    }
}

/// Claims that are missing, of another issuer, for another service, or not valid yet.
async fn a_token_with_claims_for_others_is_invalid(ports: &Ports) {
    let later = (MOMENT.timestamp() + 1).to_string();
    let other = Some(r#""https://other.example""#);
    for (name, value) in [
        ("iss", None),
        ("iss", other),
        ("aud", None),
        ("aud", other),
        ("aud", Some("[]")),
        ("sub", None),
        ("sub", Some(r#""""#)),
        ("sub", Some("7")),
        ("exp", None),
        ("exp", Some("null")),
        ("nbf", Some(later.as_str())),
    ] {
        let token = ports.issuer.sign(&claims(ports, &[(name, value)]));
        assert_eq!(verify(ports, &token, MOMENT).await, Err(TokenError::Invalid), "{name} {value:?}");
    }
    let now = MOMENT.timestamp().to_string();
    identity(ports, &[("nbf", Some(now.as_str()))]).await;
}

/// It is refused from the moment at which it expires, also where it was verified before.
async fn an_expired_token_differs_from_an_invalid_one(ports: &Ports) {
    let token = ports.issuer.sign(&claims(ports, &[]));
    assert_eq!(verify(ports, &token, expiry()).await, Err(TokenError::Expired));
    verify(ports, &token, expiry() - TimeDelta::microseconds(1)).await.unwrap();
    assert_eq!(verify(ports, &token, expiry()).await, Err(TokenError::Expired));
    let (message, signature) = token.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("{message}.{first}{}", &signature[1..]);
    assert_eq!(verify(ports, &forged, expiry()).await, Err(TokenError::Invalid));
}

/// An issuer need not send a `jti`, nor a unique one.
async fn another_content_has_another_token_id(ports: &Ports) {
    let mut ids = Vec::new();
    for iat in ["1", "2", "3"] {
        let token = ports.issuer.sign(&claims(ports, &[("jti", Some(r#""the same""#)), ("iat", Some(iat))]));
        let id = verify(ports, &token, MOMENT).await.unwrap().token_id;
        assert_eq!(verify(ports, &token, MOMENT).await.unwrap().token_id, id);
        assert!(!ids.contains(&id), "{id:?}");
        ids.push(id);
    }
}

async fn without_keys_verification_is_unavailable(ports: &Ports) {
    ports.issuer.stop_publishing();
    let token = ports.issuer.sign(&claims(ports, &[]));
    for _ in 0..2 {
        assert_eq!(verify(ports, &token, MOMENT).await, Err(TokenError::Unavailable));
    }
    assert_eq!(verify(ports, "garbage", MOMENT).await, Err(TokenError::Invalid));
}
