//! Valid tokens and their claims.

use super::{
    issuer::{AUDIENCE, Issuer, KEYS, NAME, claims, header, sign, token, with},
    *,
};
use fasttrack_domain::{email::Email, identity::ExternalIdentity};
use serde_json::{Value, json};

async fn said(claims: Value) -> ExternalIdentity {
    let issuer = Issuer::of(&*KEYS).await;
    let token = sign(&KEYS[0], &header(&KEYS[0]), &claims);
    tokens_of(&issuer, policy()).verify(&token, now()).await.unwrap().identity
}

#[tokio::test]
async fn genuine_token_identifies_its_bearer() {
    let issuer = Issuer::of(&*KEYS).await;
    let tokens = tokens_of(&issuer, policy());
    for key in &*KEYS {
        let token = token(key);
        let claims = tokens.verify(&token, now()).await.unwrap();
        let identity = &claims.identity.identity;
        assert_eq!((identity.issuer.as_str(), identity.subject.as_str()), (NAME, "u-1"));
        assert_eq!((&claims.identity.verified_email, &claims.identity.name), (&None, &None));
        assert_eq!(claims.expires_at.timestamp(), now().timestamp() + 60);
        assert_eq!(claims.token_id.as_str().len(), "ext:".len() + 43);
        assert_eq!(tokens.verify(&token, now()).await.unwrap(), claims, "remembered");
    }
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn issuer_is_recognized_without_fetching_keys() {
    let issuer = Issuer::of(&*KEYS).await;
    let tokens = tokens_of(&issuer, policy());
    let good = token(&KEYS[0]);
    let (message, _) = good.rsplit_once('.').unwrap();
    for named in [good.clone(), format!("{message}."), format!("{message}.made-up")] {
        assert!(tokens.names_issuer(&named), "{named}");
    }
    let other = sign(&KEYS[0], &header(&KEYS[0]), &with(claims(), "iss", json!("https://other.example")));
    for unnamed in [other, sign(&KEYS[0], &header(&KEYS[0]), &with(claims(), "iss", json!([NAME]))), "a.b.c".to_owned()]
    {
        assert!(!tokens.names_issuer(&unnamed), "{unnamed}");
    }
    assert_eq!(issuer.asked(), 0);
}

#[tokio::test]
async fn each_token_has_an_id_of_its_own_whatever_it_says() {
    let issuer = Issuer::of(&*KEYS).await;
    let tokens = tokens_of(&issuer, policy());
    let claims = with(claims(), "jti", json!("the same"));
    let mut ids = Vec::new();
    for key in &*KEYS {
        ids.push(tokens.verify(&sign(key, &header(key), &claims), now()).await.unwrap().token_id);
    }
    ids.dedup();
    assert_eq!(ids.len(), KEYS.len());
}

#[tokio::test]
async fn equivalent_headers_are_accepted() {
    let issuer = Issuer::of(&*KEYS).await;
    let tokens = tokens_of(&issuer, policy());
    let mut headers = vec![with(header(&KEYS[0]), "alg", json!("Ed25519"))];
    for typ in ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"] {
        headers.push(with(header(&KEYS[0]), "typ", json!(typ)));
    }
    headers.push(with(header(&KEYS[0]), "x5t", json!("thumbprint")));
    for header in headers {
        assert!(tokens.verify(&sign(&KEYS[0], &header, &claims()), now()).await.is_ok(), "{header}");
    }
}

#[tokio::test]
async fn token_may_have_other_audiences_and_fractional_dates() {
    let issuer = Issuer::of(&*KEYS).await;
    let tokens = tokens_of(&issuer, policy());
    let soon = now().timestamp();
    for claims in [
        with(claims(), "aud", json!([AUDIENCE])),
        with(claims(), "aud", json!(["other", AUDIENCE, 7])),
        with(claims(), "exp", json!(1_800_000_060.5)),
        with(claims(), "exp", json!(u64::MAX)),
        with(claims(), "nbf", json!(soon)),
        with(claims(), "sub", json!("é".repeat(255))),
    ] {
        assert!(tokens.verify(&sign(&KEYS[0], &header(&KEYS[0]), &claims), now()).await.is_ok(), "{claims}");
    }
}

#[tokio::test]
async fn expired_token_differs_from_invalid_one() {
    let issuer = Issuer::of(&*KEYS).await;
    let tokens = tokens_of(&issuer, policy());
    let good = token(&KEYS[0]);
    let expires = later(60) - TimeDelta::microseconds(123_456);
    assert_eq!(refused(&tokens, &good, expires).await, TokenError::Expired, "cold");
    assert!(tokens.verify(&good, expires - TimeDelta::microseconds(1)).await.is_ok());
    assert_eq!(refused(&tokens, &good, expires).await, TokenError::Expired, "remembered");
    let (message, signature) = good.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("{message}.{other}{}", &signature[1..]);
    assert_eq!(refused(&tokens, &forged, expires).await, TokenError::Invalid);
}

#[tokio::test]
async fn only_verified_addresses_are_used() {
    let ann = Some(Email::parse("ann@example.org").unwrap());
    let address = with(claims(), "email", json!(" Ann@Example.ORG "));
    let verified = with(address.clone(), "email_verified", json!(true));
    for (claims, expected) in [
        (claims(), None),
        (address.clone(), None),
        (with(address.clone(), "email_verified", json!(false)), None),
        (with(address.clone(), "emailVerified", json!("true")), None),
        (with(address.clone(), "email_verified", json!(1)), None),
        (verified.clone(), ann.clone()),
        (with(address.clone(), "emailVerified", json!(true)), ann.clone()),
        (with(verified.clone(), "emailVerified", json!(true)), ann),
        (with(verified.clone(), "emailVerified", json!(false)), None),
        (with(verified.clone(), "emailVerified", json!(null)), None),
        (with(with(address, "emailVerified", json!(true)), "email_verified", json!(false)), None),
        (with(verified.clone(), "email", json!("no address")), None),
        (with(verified.clone(), "email", json!("somebody@external.invalid")), None),
        (with(verified.clone(), "email", json!(7)), None),
        (with(verified, "email", json!(null)), None),
    ] {
        assert_eq!(said(claims.clone()).await.verified_email, expected, "{claims}");
    }
}

#[tokio::test]
async fn a_name_is_cut_to_its_bound() {
    for (name, expected) in [
        (json!(" Ann "), Some("Ann".to_owned())),
        (json!("é".repeat(300)), Some("é".repeat(100))),
        (json!("  "), None),
        (json!("a\0b"), None),
        (json!(["Ann"]), None),
    ] {
        assert_eq!(said(with(claims(), "name", name)).await.name.map(String::from), expected);
    }
}

#[tokio::test]
async fn token_without_kid_needs_a_single_key() {
    let nameless = json!({ "alg": "EdDSA" });
    let issuer = Issuer::of([&KEYS[0]]).await;
    let token = sign(&KEYS[0], &nameless, &claims());
    assert!(tokens_of(&issuer, policy()).verify(&token, now()).await.is_ok());

    let issuer = Issuer::of([&KEYS[0], &KEYS[1]]).await;
    let tokens = tokens_of(&issuer, policy());
    for _ in 0..3 {
        assert_eq!(refused(&tokens, &token, now()).await, TokenError::Invalid);
    }
    assert_eq!(issuer.asked(), 1, "another look couldn't help");
}
