//! Forged tokens. Those with a genuine signature test what must be refused in spite of it.

use super::{
    forgery::{forge, good_claims, header_of, part, with, without},
    *,
};
use aws_lc_rs::{hmac, signature::KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, crypto};
use proptest::prelude::*;
use serde_json::{Value, json};

async fn assert_invalid(tokens: &JwtTokens, token: &str, what: &str) {
    for when in [now(), later(1_000_000)] {
        assert_eq!(access(tokens, token, when).await, Err(TokenError::Invalid), "{what}");
        assert_eq!(tokens.verify_refresh(token, when), Err(TokenError::Invalid), "{what}");
    }
}

#[tokio::test]
async fn complete_forgery_with_the_key_is_accepted() {
    for key in &*KEYS {
        let token = forge(key, &header_of(key), &good_claims());
        assert!(access(&tokens_with(key), &token, now()).await.is_ok(), "{}", key.algorithm());
    }
}

#[tokio::test]
async fn an_unsigned_token_is_invalid() {
    for key in &*KEYS {
        let tokens = tokens_with(key);
        for alg in ["none", "None", "NONE", ""] {
            let message = format!("{}.{}", part(&with(header_of(key), "alg", json!(alg))), part(&good_claims()));
            assert_invalid(&tokens, &format!("{message}."), alg).await;
            assert_invalid(&tokens, &message, alg).await;
        }
        let message = format!("{}.{}", part(&header_of(key)), part(&good_claims()));
        assert_invalid(&tokens, &format!("{message}."), "an empty signature").await;
    }
}

#[tokio::test]
async fn public_key_is_not_accepted_as_hmac_secret() {
    let key = &KEYS[0];
    let tokens = tokens_with(key);
    let header = with(header_of(key), "alg", json!("HS256"));
    let message = format!("{}.{}", part(&header), part(&good_claims()));
    let ring = KeyRing::new(key.clone(), []);
    let pair = aws_lc_rs::rsa::KeyPair::from_der(ring.signing().1.as_bytes()).unwrap();
    let der = pair.public_key().as_ref().to_vec();
    let pem = pem::encode(&pem::Pem::new("RSA PUBLIC KEY", der.clone()));
    let jwk = serde_json::to_string(&ring.jwks().keys[0]).unwrap();
    for secret in [der, pem.into_bytes(), jwk.into_bytes(), Vec::new()] {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), message.as_bytes());
        assert_invalid(&tokens, &format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag)), "confusion").await;
    }
}

#[tokio::test]
async fn a_key_is_used_with_its_own_algorithm_only() {
    let all = KEYS.iter().skip(1).map(|key| key.verification().clone());
    let tokens = JwtTokens::new(config(KeyRing::new(KEYS[0].clone(), all)), Arc::default(), storage(Some(true)));
    for named in &*KEYS {
        for signing in KEYS.iter().filter(|key| key.kid() != named.kid()) {
            for alg in [named, signing] {
                let header = with(header_of(named), "alg", json!(alg.algorithm().to_string()));
                let what = format!("{} named, {} signs", named.algorithm(), signing.algorithm());
                assert_invalid(&tokens, &forge(signing, &header, &good_claims()), &what).await;
            }
        }
    }
    for (index, algorithm) in [(0, Algorithm::RS512), (0, Algorithm::PS256), (3, Algorithm::HS512)] {
        let header = with(header_of(&KEYS[index]), "alg", json!(algorithm));
        let message = format!("{}.{}", part(&header), part(&good_claims()));
        let ring = KeyRing::new(KEYS[index].clone(), []);
        let signature = crypto::sign(message.as_bytes(), ring.signing().1, algorithm).unwrap();
        assert_invalid(&tokens, &format!("{message}.{signature}"), "a sibling algorithm").await;
    }
}

#[tokio::test]
async fn token_with_unknown_or_own_key_is_invalid() {
    for key in &*KEYS {
        let tokens = tokens_with(key);
        let header = header_of(key);
        let jwk = KeyRing::new(KEYS[0].clone(), []).jwks().keys[0].clone();
        for header in [
            without(header.clone(), "kid"),
            with(header.clone(), "kid", json!("")),
            with(header.clone(), "kid", json!(null)),
            with(header.clone(), "kid", json!("../../../dev/null")),
            with(header.clone(), "kid", json!("' or 1=1 --")),
            with(header.clone(), "kid", json!(KEYS.iter().find(|k| k.kid() != key.kid()).unwrap().kid())),
            with(header.clone(), "jwk", json!(jwk)),
            with(header.clone(), "jku", json!("https://attacker.example/jwks.json")),
            with(header.clone(), "x5u", json!("https://attacker.example/x5u.pem")),
            with(header.clone(), "x5c", json!(["MIIB"])),
            with(header.clone(), "crit", json!(["exp"])),
            with(header.clone(), "crit", json!([])),
            with(with(header.clone(), "crit", json!(["b64"])), "b64", json!(false)),
            with(header.clone(), "cty", json!("JWT")),
            with(header.clone(), "zip", json!("DEF")),
            without(header.clone(), "alg"),
            without(header.clone(), "typ"),
            with(header.clone(), "typ", json!("JWT")),
            with(header.clone(), "typ", json!("AT+JWT")),
            with(header.clone(), "typ", json!("application/at+jwt")),
        ] {
            assert_invalid(&tokens, &forge(key, &header, &good_claims()), &header.to_string()).await;
        }
    }
}

#[tokio::test]
async fn claims_with_wrong_types_or_values_are_invalid() {
    let key = &KEYS[3];
    let tokens = tokens_with(key);
    let good = good_claims();
    let mut wrong: Vec<Value> = ["iss", "aud", "sub", "sid", "jti", "role", "roles", "iat", "exp", "type"]
        .into_iter()
        .map(|claim| without(good.clone(), claim))
        .collect();
    for (claim, values) in [
        ("iss", vec![json!("https://tasks.example/"), json!(["https://tasks.example"]), json!(null)]),
        ("aud", vec![json!("other"), json!(""), json!(["other"]), json!(null)]),
        ("sub", vec![json!(7), json!("07"), json!("+7"), json!(" 7"), json!("seven"), json!("9223372036854775808")]),
        ("sid", vec![json!(3), json!("3.0"), json!("")]),
        ("role", vec![json!("root"), json!(""), json!(["user"])]),
        ("epoch", vec![json!("0"), json!(0.5), json!(null)]),
        ("ukey", vec![json!(7), json!(""), json!("q6urq6urq6urq6urq6urq"), json!("q6urq6urq6urq6urq6urqw==")]),
        ("skey", vec![json!(7), json!(""), json!("q6urq6urq6urq6urq6urq"), json!("q6urq6urq6urq6urq6urqw==")]),
        ("exp", vec![json!("1800000060"), json!(1_800_000_060.5), json!(u64::MAX), json!(i64::MAX), json!(null)]),
        ("iat", vec![json!("1800000000"), json!(0.5), json!(u64::MAX), json!(null)]),
        ("type", vec![json!("Access"), json!("id"), json!(1)]),
    ] {
        wrong.extend(values.into_iter().map(|value| with(good.clone(), claim, value)));
    }
    wrong.extend([json!({}), json!([]), json!(null), json!("claims")]);
    for claims in wrong {
        assert_invalid(&tokens, &forge(key, &header_of(key), &claims), &claims.to_string()).await;
    }
    let refresh = with(good, "type", json!("refresh"));
    assert_invalid(&tokens, &forge(key, &header_of(key), &refresh), "a refresh token in an access header").await;
    let header = with(header_of(key), "typ", json!("JWT"));
    assert_invalid(&tokens, &forge(key, &header, &good_claims()), "an access token in a refresh header").await;
}

#[tokio::test]
async fn a_token_without_an_epoch_is_of_the_oldest() {
    let key = &KEYS[3];
    let token = forge(key, &header_of(key), &without(good_claims(), "epoch"));
    assert_eq!(access(&tokens_with(key), &token, now()).await.unwrap().epoch, 0);
}

#[tokio::test]
async fn a_token_of_a_former_release_has_no_keys() {
    let key = &KEYS[3];
    let claims = access(&tokens_with(key), &forge(key, &header_of(key), &good_claims()), now()).await.unwrap();
    assert_eq!((claims.user_key, claims.session_key), (None, None));
}

#[tokio::test]
async fn a_token_of_another_deployment_is_invalid() {
    let key = &KEYS[1];
    let pair = issue(&tokens_with(key));
    for change in [|c: &mut JwtConfig| c.issuer.push('x'), |c: &mut JwtConfig| c.audience.push('x')] {
        let mut config = config(KeyRing::new(key.clone(), []));
        change(&mut config);
        let tokens = JwtTokens::new(config, Arc::default(), storage(Some(true)));
        assert_invalid(&tokens, pair.access.expose(), "access").await;
        assert_invalid(&tokens, pair.refresh.expose(), "refresh").await;
    }
}

#[tokio::test]
async fn a_bad_signature_is_invalid_also_on_an_expired_token() {
    for key in &*KEYS {
        let tokens = tokens_with(key);
        let token = issue(&tokens).access;
        let (message, signature) = token.expose().rsplit_once('.').unwrap();
        let other = if signature.starts_with('A') { "B" } else { "A" };
        let forged = format!("{message}.{other}{}", &signature[1..]);
        assert_eq!(access(&tokens, token.expose(), later(1_000_000)).await, Err(TokenError::Expired));
        assert_invalid(&tokens, &forged, "signature").await;
    }
}

#[tokio::test]
async fn overlong_token_is_invalid() {
    let key = &KEYS[3];
    let tokens = tokens_with(key);
    let claims = |length: usize| with(good_claims(), "jti", json!("x".repeat(length)));
    assert!(access(&tokens, &forge(key, &header_of(key), &claims(5_000)), now()).await.is_ok());
    assert_invalid(&tokens, &forge(key, &header_of(key), &claims(8_000)), "long").await;
}

#[tokio::test]
async fn garbage_is_invalid() {
    let tokens = tokens_with(&KEYS[0]);
    for garbage in ["", ".", "..", "...", "a.b.c", "é.é.é", "e30.e30.e30", "\0", "Bearer x", "null"] {
        assert_invalid(&tokens, garbage, garbage).await;
    }
    let good = issue(&tokens).access;
    for twisted in [format!("{}.", good.expose()), format!("{}=", good.expose()), format!(" {}", good.expose())] {
        assert_invalid(&tokens, &twisted, &twisted).await;
    }
}

/// Header members and their new values; `None` removes a member.
fn changes() -> impl Strategy<Value = Vec<(&'static str, Option<Value>)>> {
    let name =
        prop::sample::select(&["alg", "kid", "typ", "crit", "jku", "jwk", "x5c", "x5u", "cty", "b64", "Alg", ""][..]);
    let value = prop_oneof![
        prop::sample::select(&["HS256", "HS512", "none", "at+jwt", "JWT", "RS256", "exp", ""][..])
            .prop_map(|it| json!(it)),
        Just(json!(KEYS[3].kid())),
        "\\PC{0,10}".prop_map(|it| json!(it)),
        any::<i32>().prop_map(|it| json!(it)),
        any::<bool>().prop_map(|it| json!(it)),
        prop::collection::vec("[a-z]{0,5}", 0..3).prop_map(|it| json!(it)),
        prop::collection::hash_map("[a-z]{0,5}", any::<u8>(), 0..3).prop_map(|it| json!(it)),
    ];
    prop::collection::vec((name, prop::option::of(value)), 0..4)
}

fn changed(mut object: Value, changes: Vec<(&'static str, Option<Value>)>) -> Value {
    let members = object.as_object_mut().unwrap();
    for (name, value) in changes {
        match value {
            Some(value) => drop(members.insert(name.to_owned(), value)),
            None => drop(members.remove(name)),
        }
    }
    object
}

proptest! {
    #[test]
    fn signature_under_another_header_is_invalid(changes in changes()) {
        let key = &KEYS[3];
        let header = changed(header_of(key), changes);
        let token = forge(key, &header, &good_claims());
        prop_assert_eq!(tokens_with(key).genuine_access(&token).is_some(), header == header_of(key), "{}", header);
    }

    #[test]
    fn token_with_changed_length_is_invalid(
        kind in 0..4usize, from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>(), more in "[A-Za-z0-9_.=-]{0,3}"
    ) {
        let tokens = tokens_with(&KEYS[kind]);
        let pair = issue(&tokens);
        let genuine = pair.access.expose();
        let (from, to) = (from.index(genuine.len()), to.index(genuine.len()));
        let other = format!("{}{more}{}", &genuine[..from.min(to)], &genuine[from.max(to)..]);
        prop_assert_eq!(tokens.genuine_access(&other).is_some(), other == genuine, "{}", other);
    }

    #[test]
    fn a_tampered_token_is_never_taken(kind in 0..4usize, place in any::<prop::sample::Index>(), letter in "[A-Za-z0-9_.=-]") {
        let tokens = tokens_with(&KEYS[kind]);
        let pair = issue(&tokens);
        for genuine in [pair.access.expose(), pair.refresh.expose()] {
            let at = place.index(genuine.len());
            let tampered = format!("{}{letter}{}", &genuine[..at], &genuine[at + 1..]);
            let taken = tokens.verify_refresh(&tampered, now()).is_ok()
                || tokens.genuine_access(&tampered).is_some();
            prop_assert_eq!(taken, tampered == genuine, "{}", tampered);
        }
    }

    #[test]
    fn no_text_makes_the_verifier_panic(text in "\\PC{0,60}|[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,40}") {
        let tokens = tokens_with(&KEYS[3]);
        prop_assert!(tokens.genuine_access(&text).is_none());
        prop_assert_eq!(tokens.verify_refresh(&text, now()), Err(TokenError::Invalid));
    }
}
