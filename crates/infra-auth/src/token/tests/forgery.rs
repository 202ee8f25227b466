//! Makes tokens of any header and claims, with a genuine signature.

use super::now;
use crate::keys::{KeyRing, SigningKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::crypto;
use serde_json::{Value, json};

pub(super) fn part(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

/// Signs any header and claims.
pub(super) fn forge(key: &SigningKey, header: &Value, claims: &Value) -> String {
    let ring = KeyRing::new(key.clone(), []);
    let message = format!("{}.{}", part(header), part(claims));
    let signature = crypto::sign(message.as_bytes(), ring.signing().1, key.algorithm().into()).unwrap();
    format!("{message}.{signature}")
}

pub(super) fn header_of(key: &SigningKey) -> Value {
    json!({ "alg": key.algorithm().to_string(), "kid": key.kid(), "typ": "at+jwt" })
}

pub(super) fn good_claims() -> Value {
    json!({
        "iss": "https://tasks.example", "aud": "tasks", "sub": "7", "sid": "3", "jti": "x", "role": "user",
        "roles": ["user"], "epoch": 0, "iat": now().timestamp(), "exp": now().timestamp() + 60, "type": "access",
    })
}

pub(super) fn with(mut object: Value, member: &str, value: Value) -> Value {
    object[member] = value;
    object
}

pub(super) fn without(mut object: Value, member: &str) -> Value {
    object.as_object_mut().unwrap().remove(member).unwrap();
    object
}
