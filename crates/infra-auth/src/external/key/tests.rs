use super::*;
use crate::external::tests::issuer::{KEYS, jwk, jwks};
use serde_json::json;

fn with(mut jwk: Value, member: &str, value: Value) -> Value {
    jwk[member] = value;
    jwk
}

fn without(mut jwk: Value, member: &str) -> Value {
    jwk.as_object_mut().unwrap().remove(member).unwrap();
    jwk
}

fn is_usable(jwk: &Value) -> bool {
    KeySet::parse(json!({ "keys": [jwk] }).to_string().as_bytes()).is_ok()
}

#[test]
fn key_with_another_use_is_skipped() {
    for key in &*KEYS {
        let jwk = jwk(key);
        let bare = without(without(jwk.clone(), "alg"), "use");
        for good in [
            jwk.clone(),
            bare.clone(),
            without(jwk.clone(), "kid"),
            with(bare.clone(), "key_ops", json!(["verify"])),
            with(jwk.clone(), "unknown", json!({ "member": 1 })),
        ] {
            assert!(is_usable(&good), "{good}");
        }
        for wrong in [
            with(jwk.clone(), "use", json!("enc")),
            with(jwk.clone(), "alg", json!("RS512")),
            with(jwk.clone(), "alg", json!("none")),
            with(jwk.clone(), "alg", json!("RSA-OAEP")),
            with(jwk.clone(), "kid", json!(7)),
            with(bare, "key_ops", json!(["encrypt"])),
            with(jwk.clone(), "kty", json!("oct")),
            with(jwk.clone(), "kty", json!("AKP")),
            without(jwk.clone(), "kty"),
        ] {
            assert!(!is_usable(&wrong), "{wrong}");
        }
    }
    let ed25519 = jwk(&KEYS[0]);
    assert!(is_usable(&with(ed25519.clone(), "alg", json!("Ed25519"))));
    assert!(!is_usable(&with(ed25519, "alg", json!("ES256"))));
}

#[test]
fn incomplete_or_weak_key_is_skipped() {
    let [ed25519, p256, rsa, _] = KEYS.each_ref().map(jwk);
    let modulus = URL_SAFE_NO_PAD.decode(rsa["n"].as_str().unwrap()).unwrap();
    let n = |bytes: &[u8]| with(rsa.clone(), "n", json!(URL_SAFE_NO_PAD.encode(bytes)));
    assert!(is_usable(&n(&[&[0, 0], &*modulus].concat())), "some put zeros in front");
    let mut short = modulus.clone();
    short[0] = 0x7f;
    for wrong in [n(&modulus[..128]), n(&modulus[1..]), n(&short), n(&[0xff; 1025]), n(&[0; 256]), n(b"")] {
        assert!(!is_usable(&wrong), "{wrong}");
    }
    for wrong in [
        with(rsa.clone(), "e", json!("")),
        with(rsa.clone(), "e", json!("AQAB=")),
        without(rsa.clone(), "e"),
        with(ed25519.clone(), "x", json!("AAAA")),
        with(ed25519.clone(), "crv", json!("Ed448")),
        with(ed25519.clone(), "crv", json!("X25519")),
        without(ed25519, "x"),
        with(p256.clone(), "crv", json!("P-384")),
        with(p256.clone(), "crv", json!("secp256k1")),
        with(p256.clone(), "y", p256["x"].clone()),
        with(p256.clone(), "x", json!("AAAA")),
        without(p256, "y"),
    ] {
        assert!(!is_usable(&wrong), "{wrong}");
    }
}

#[test]
fn unusable_keys_are_skipped_and_large_sets_refused() {
    let good = jwk(&KEYS[0]);
    let parse = |keys: Vec<Value>| KeySet::parse(json!({ "keys": keys }).to_string().as_bytes());
    let strange = json!({ "kty": "new", "kid": "x" });
    assert_eq!(parse(vec![strange.clone(), json!(7), good.clone(), json!(null)]).unwrap().0.len(), 1);
    assert_eq!(parse(vec![strange; 100]).unwrap_err(), InvalidKeySet::NoUsableKey);
    assert_eq!(parse(vec![]).unwrap_err(), InvalidKeySet::NoUsableKey);
    assert!(parse(vec![good.clone(); 100]).is_ok());
    assert_eq!(parse(vec![good; 101]).unwrap_err(), InvalidKeySet::TooMany);
    for wrong in ["", "{}", "[]", "null", r#"{"keys":7}"#, r#"{"keys":[}"#] {
        assert_eq!(KeySet::parse(wrong.as_bytes()).unwrap_err(), InvalidKeySet::Form, "{wrong}");
    }
}

#[test]
fn keys_of_different_types_may_share_a_kid() {
    let [ed25519, p256] = [&KEYS[0], &KEYS[1]].map(|key| with(jwk(key), "kid", json!("shared")));
    let keys = KeySet::parse(json!({ "keys": [ed25519, p256] }).to_string().as_bytes()).unwrap();
    for algorithm in [Algorithm::Ed25519, Algorithm::Es256] {
        let header = Header { algorithm, kid: Some("shared".to_owned()) };
        assert_eq!(keys.find(&header).map(|key| key.algorithm), Some(algorithm));
    }
    let header = Header { algorithm: Algorithm::Rs256, kid: Some("shared".to_owned()) };
    assert!(keys.find(&header).is_none() && keys.has_named(&header));
}

#[test]
fn the_same_keys_are_equal_and_others_are_not() {
    let parse = |range: std::ops::Range<usize>| KeySet::parse(jwks(&KEYS[range]).to_string().as_bytes()).unwrap();
    assert_eq!(parse(0..3), parse(0..3));
    assert_ne!(parse(0..3), parse(0..2));
    assert_ne!(parse(0..1), parse(3..4));
}
