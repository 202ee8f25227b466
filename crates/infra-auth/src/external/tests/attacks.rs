//! Forged tokens. Those with a genuine signature test what must be refused in spite of it.

use super::{
    issuer::{AUDIENCE, Issuer, KEYS, NAME, claims, header, jwk, message, sign, token, with, without},
    *,
};
use aws_lc_rs::hmac;
use jsonwebtoken::{Algorithm, crypto};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Asserts that the token is refused with an empty and with a filled key cache; `asks` is whether the issuer's keys are
/// fetched.
async fn assert_invalid(token: &str, asks: bool, what: &str) {
    let issuer = Issuer::of(&KEYS[..3]).await;
    let tokens = tokens_of(&issuer, policy());
    for _ in 0..2 {
        for at in [now(), later(-1_000_000)] {
            assert_eq!(refused(&tokens, token, at).await, TokenError::Invalid, "{what}");
        }
        assert_eq!(issuer.asked() > 0, asks, "{what}");
    }
    tokens.verify(&self::token(&KEYS[0]), now()).await.unwrap();
    assert_eq!(refused(&tokens, token, now()).await, TokenError::Invalid, "{what}");
}

#[tokio::test]
async fn an_unsigned_token_is_invalid() {
    for alg in ["none", "None", "NONE", ""] {
        let message = message(&with(header(&KEYS[0]), "alg", json!(alg)), &claims());
        assert_invalid(&format!("{message}."), false, alg).await;
        assert_invalid(&message, false, alg).await;
    }
    for key in &KEYS[..3] {
        assert_invalid(&format!("{}.", message(&header(key), &claims())), true, "an empty signature").await;
    }
}

#[tokio::test]
async fn public_key_is_not_accepted_as_hmac_secret() {
    for key in &KEYS[..3] {
        let message = message(&with(header(key), "alg", json!("HS256")), &claims());
        let jwk = jwk(key);
        let part = ["n", "x"].iter().find_map(|name| jwk[name].as_str()).unwrap();
        for secret in [URL_SAFE_NO_PAD.decode(part).unwrap(), part.into(), jwk.to_string().into(), Vec::new()] {
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), message.as_bytes());
            assert_invalid(&format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag)), false, "confusion").await;
        }
    }
}

#[tokio::test]
async fn external_key_verifies_only_its_algorithm_and_kid() {
    for named in &KEYS[..3] {
        for signing in KEYS.iter().filter(|key| key.kid() != named.kid()) {
            for alg in [named, signing] {
                let header = with(header(named), "alg", json!(alg.algorithm().to_string()));
                let what = format!("{} named, {} signs", named.algorithm(), signing.algorithm());
                assert_invalid(&sign(signing, &header, &claims()), true, &what).await;
            }
        }
    }
    for algorithm in [Algorithm::RS512, Algorithm::PS256] {
        let message = message(&with(header(&KEYS[2]), "alg", json!(algorithm)), &claims());
        let ring = crate::keys::KeyRing::new(KEYS[2].clone(), []);
        let signature = crypto::sign(message.as_bytes(), ring.signing().1, algorithm).unwrap();
        assert_invalid(&format!("{message}.{signature}"), false, "a sibling algorithm").await;
    }
}

#[tokio::test]
async fn external_token_with_own_key_or_crit_is_invalid() {
    let (key, stranger) = (&KEYS[0], &KEYS[3]);
    let header = header(key);
    for header in [
        with(header.clone(), "jwk", jwk(stranger)),
        with(header.clone(), "jku", json!("https://attacker.example/jwks.json")),
        with(header.clone(), "x5u", json!("https://attacker.example/x5u.pem")),
        with(header.clone(), "x5c", json!(["MIIB"])),
        with(header.clone(), "jku", json!(null)),
        with(header.clone(), "crit", json!(["exp"])),
        with(header.clone(), "crit", json!([])),
        with(with(header.clone(), "crit", json!(["b64"])), "b64", json!(false)),
        with(header.clone(), "typ", json!("id+jwt")),
        with(header.clone(), "typ", json!("logout+jwt")),
        with(header.clone(), "typ", json!("")),
        with(header.clone(), "typ", json!(null)),
        with(header.clone(), "kid", json!(null)),
        with(header.clone(), "kid", json!(7)),
        with(header.clone(), "alg", json!(["EdDSA"])),
        with(header.clone(), "alg", json!("eddsa")),
        without(header.clone(), "alg"),
        json!([]),
        json!(null),
    ] {
        for key in [key, stranger] {
            assert_invalid(&sign(key, &header, &claims()), false, &header.to_string()).await;
        }
    }
    for kid in ["", "../../../dev/null", "' or 1=1 --", "\0", stranger.kid()] {
        for key in [key, stranger] {
            assert_invalid(&sign(key, &with(header.clone(), "kid", json!(kid)), &claims()), true, kid).await;
        }
    }
}

#[tokio::test]
async fn external_claims_with_wrong_values_are_invalid() {
    let good = claims();
    let mut wrong: Vec<Value> = ["iss", "aud", "sub", "exp"].map(|claim| without(good.clone(), claim)).into();
    for (claim, values) in [
        ("iss", vec![json!(format!("{NAME}/")), json!([NAME]), json!(""), json!(null)]),
        ("aud", vec![json!("other"), json!(""), json!([]), json!(["other"]), json!(null), json!({ AUDIENCE: 1 })]),
        ("sub", vec![json!(7), json!(""), json!("a\0b"), json!("x".repeat(256)), json!(null)]),
        ("exp", vec![json!("1800000060"), json!(true), json!(null), json!(i64::MIN)]),
        ("nbf", vec![json!(now().timestamp() + 1), json!("1800000000"), json!(null)]),
    ] {
        wrong.extend(values.into_iter().map(|value| with(good.clone(), claim, value)));
    }
    wrong.extend([json!({}), json!([]), json!(null), json!("claims")]);
    for claims in wrong {
        assert_invalid(&sign(&KEYS[0], &header(&KEYS[0]), &claims), false, &claims.to_string()).await;
    }
}

#[tokio::test]
async fn garbage_is_invalid_without_fetching_keys() {
    for garbage in ["", ".", "..", "...", "a.b.c", "é.é.é", "e30.e30.e30", "e30.e30.", "\0", "Bearer x", "null"] {
        assert_invalid(garbage, false, garbage).await;
    }
    let good = token(&KEYS[0]);
    for twisted in [format!("{good}="), format!(" {good}"), format!("{good}\n"), format!("{good}.")] {
        assert_invalid(&twisted, false, &twisted).await;
    }
    let long = with(claims(), "pad", json!("x".repeat(8_000)));
    assert_invalid(&sign(&KEYS[0], &header(&KEYS[0]), &long), false, "an overlong token").await;
}

/// Returns the other valid signature of the same message: `s` becomes the order of P-256 minus `s` (SEC 1 section 4.1.4
/// accepts both).
fn twin(token: &str) -> String {
    const ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let (message, signature) = token.rsplit_once('.').unwrap();
    let mut signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let mut borrow = 0;
    for (place, byte) in signature[32..].iter_mut().enumerate().rev() {
        let order = i16::from_str_radix(&ORDER[2 * place..2 * place + 2], 16).unwrap();
        let difference = order - i16::from(*byte) - borrow;
        borrow = i16::from(difference < 0);
        *byte = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[tokio::test]
async fn twin_ecdsa_signature_has_the_same_token_id() {
    let issuer = Issuer::of(&*KEYS).await;
    let tokens = tokens_of(&issuer, policy());
    let token = token(&KEYS[1]);
    let twin = twin(&token);
    assert_ne!(twin, token);
    let ids =
        [tokens.verify(&token, now()).await.unwrap().token_id, tokens.verify(&twin, now()).await.unwrap().token_id];
    assert_eq!(ids[0], ids[1], "else a token could outlive its logout");
}

proptest! {
    // Each case starts an issuer, so that there are a quarter of the usual number.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 4, ..ProptestConfig::default() })]

    #[test]
    fn a_tampered_token_is_never_taken(kind in 0..3usize, place in any::<prop::sample::Index>(), letter in "[A-Za-z0-9_.=-]") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let taken = runtime.block_on(async {
            let issuer = Issuer::of(&KEYS[..3]).await;
            let genuine = token(&KEYS[kind]);
            let at = place.index(genuine.len());
            let tampered = format!("{}{letter}{}", &genuine[..at], &genuine[at + 1..]);
            let is_taken = tokens_of(&issuer, policy()).verify(&tampered, now()).await.is_ok();
            is_taken == (tampered == genuine)
        });
        prop_assert!(taken);
    }
}
