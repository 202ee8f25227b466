//! Valid tokens and their claims, beyond the contract of the port.

use super::{
    issuer::{AUDIENCE, Issuer, KEYS, NAME, claims, header, sign, token, with},
    *,
};
use fasttrack_domain::email::Email;
use serde_json::json;

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
        assert_eq!(claims.issued_at.map(|at| at.timestamp()), Some(now().timestamp()));
        assert_eq!(claims.expires_at.timestamp(), now().timestamp() + 60);
        assert_eq!(claims.token_id.as_str().len(), "ext:".len() + 43);
        assert_eq!(tokens.verify(&token, now()).await.unwrap(), claims, "remembered");
    }
    assert_eq!(issuer.asked(), 1);
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

/// Some issuers write the claim in another way than `OpenID` Connect does.
#[tokio::test]
async fn either_name_of_the_verified_claim_is_used() {
    let ann = Some(Email::parse("ann@example.org").unwrap());
    let address = with(claims(), "email", json!("ann@example.org"));
    let verified = with(address.clone(), "email_verified", json!(true));
    for (claims, expected) in [
        (with(address.clone(), "emailVerified", json!("true")), None),
        (with(address.clone(), "emailVerified", json!(true)), ann.clone()),
        (with(verified.clone(), "emailVerified", json!(true)), ann),
        (with(verified.clone(), "emailVerified", json!(false)), None),
        (with(verified, "emailVerified", json!(null)), None),
        (with(with(address, "emailVerified", json!(true)), "email_verified", json!(false)), None),
    ] {
        let issuer = Issuer::of(&*KEYS).await;
        let token = sign(&KEYS[0], &header(&KEYS[0]), &claims);
        let identity = tokens_of(&issuer, policy()).verify(&token, now()).await.unwrap().identity;
        assert_eq!(identity.verified_email, expected, "{claims}");
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
