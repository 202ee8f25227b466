//! `Idempotency-Key`: a request that is performed once, however often it is sent.

use super::{
    body::{MAX_BYTES, ReadBody, read_parsed},
    fault::Faults,
    field::whole,
};
use crate::http::{error::ApiError, prefix::path_within};
use actix_web::{HttpRequest, dev::Payload, http::header::HeaderName};
use deserr::Deserr;
use fasttrack_domain::{
    field::Invalid,
    idempotency::{Fingerprint, IdempotencyKey, KeyedRequest},
};
use serde_json::Value;
use sha2::{Digest, Sha256};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

// @spec SPEC-010
/// The JSON body of an operation that creates something, of at most `MAX` bytes, with the idempotency key.
pub struct Keyed<T, const MAX: usize = MAX_BYTES> {
    pub body: T,
    /// With an `Idempotency-Key` only.
    pub request: Option<KeyedRequest>,
}

impl<T: Deserr<Faults>, const MAX: usize> ReadBody for Keyed<T, MAX> {
    async fn read(request: &HttpRequest, payload: &mut Payload) -> Result<Result<Self, Faults>, ApiError> {
        let mut parsed = read_parsed(request, payload, MAX).await?;
        let keyed = key(request).map(|key| {
            key.map(|key| KeyedRequest {
                key,
                fingerprint: fingerprint(request.method().as_str(), path_within(request), &mut parsed.value),
            })
        });
        let keyed = keyed.map_err(|invalid| Faults::of(invalid.at("header.idempotency-key")));
        Ok(match (keyed, parsed.into_fields::<T>()) {
            (Ok(request), Ok(body)) => Ok(Self { body, request }),
            (keyed, body) => Err([keyed.err(), body.err()].into_iter().flatten().fold(Faults::default(), Faults::and)),
        })
    }
}

fn key(request: &HttpRequest) -> Result<Option<IdempotencyKey>, Invalid> {
    let mut headers = request.headers().get_all(IDEMPOTENCY_KEY);
    match (headers.next(), headers.next()) {
        (None, _) => Ok(None),
        (Some(key), None) => IdempotencyKey::parse(String::from_utf8_lossy(key.as_bytes()).into_owned()).map(Some),
        (Some(_), Some(_)) => Err(Invalid::new("invalid", "must be there once")),
    }
}

/// Equal for equal requests: white space, the order of members and the notation of strings and numbers are ignored.
fn fingerprint(method: &str, path: &str, body: &mut Value) -> Fingerprint {
    normalize_numbers(body);
    // Needed only with serde_json's feature `preserve_order`, which another crate may switch on.
    body.sort_all_objects();
    Sha256::digest(format!("{method} {path}\n{body}")).into()
}

/// Replaces each whole number by an integer, as bodies are parsed: 7.0 and 70e-1 are 7. Numbers beyond 2^53, where an
/// `f64` is inexact, stay as they are.
fn normalize_numbers(value: &mut Value) {
    match value {
        Value::Number(number) => {
            if let Some(whole) = number.as_f64().filter(|_| number.is_f64()).and_then(whole) {
                *number = whole.into();
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(normalize_numbers),
        Value::Object(members) => members.values_mut().for_each(normalize_numbers),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, body: &str) -> Fingerprint {
        fingerprint("POST", path, &mut serde_json::from_str(body).unwrap())
    }

    #[test]
    fn requests_that_ask_for_the_same_have_one_fingerprint() {
        let same = of("/projects", r#"{"name": "Garden", "description": null}"#);
        assert_eq!(of("/projects", "{ \"description\":null,\n\"n\\u0061me\":\"Garden\" }"), same);
        for (path, body) in [
            ("/project", r#"{"name": "Garden", "description": null}"#),
            ("/projects", r#"{"name": "Garden"}"#),
            ("/projects", r#"{"name": "garden", "description": null}"#),
            ("/projects", r#"{"name": "Garden ", "description": null}"#),
        ] {
            assert_ne!(of(path, body), same, "{path} {body}");
        }
    }

    #[test]
    fn numbers_and_strings_are_the_same_in_any_spelling() {
        let same = of("/x", r#"{"id": 7, "zero": 0, "name": "A/é", "list": [1]}"#);
        for body in [
            r#"{"id": 7.0, "zero": -0, "name": "\u0041\/\u00e9", "list": [10e-1]}"#,
            r#"{"id": 7e0, "zero": 0.0, "name": "A/é", "list": [1.000]}"#,
            r#"{"id": 0.7E+1, "zero": -0.0, "name": "A/\u00E9", "list": [1E0]}"#,
        ] {
            assert_eq!(of("/x", body), same, "{body}");
        }
        for body in [
            r#"{"id": 7.5, "zero": 0, "name": "A/é", "list": [1]}"#,
            r#"{"id": "7", "zero": 0, "name": "A/é", "list": [1]}"#,
            r#"{"id": 7, "zero": 0, "name": "A/e\u0301", "list": [1]}"#,
            r#"{"id": 7, "zero": 0, "name": "A/é", "list": 1}"#,
        ] {
            assert_ne!(of("/x", body), same, "{body}");
        }
        assert_ne!(of("/x", "9007199254740993"), of("/x", "9007199254740992.0"));
    }
}
