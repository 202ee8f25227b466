//! `Idempotency-Key`: what a client wants done once, however often it asks.

use super::{
    body::{ReadBody, read_value},
    fault::Faults,
};
use crate::http::error::ApiError;
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
/// A JSON object that asks for something new, and what the client calls the request if it may ask again.
pub struct Keyed<T> {
    /// What is asked for.
    pub body: T,
    /// With an `Idempotency-Key` only.
    pub request: Option<KeyedRequest>,
}

impl<T: Deserr<Faults>> ReadBody for Keyed<T> {
    async fn read(request: &HttpRequest, payload: &mut Payload) -> Result<Result<Self, Faults>, ApiError> {
        let mut value = read_value(request, payload).await?;
        let keyed = key(request).map(|key| {
            key.map(|key| KeyedRequest {
                key,
                fingerprint: fingerprint(request.method().as_str(), request.path(), &mut value),
            })
        });
        let keyed = keyed.map_err(|invalid| Faults::of(invalid.at("header.idempotency-key")));
        Ok(match (keyed, deserr::deserialize(value)) {
            (Ok(request), Ok(body)) => Ok(Self { body, request }),
            (keyed, body) => {
                let body: Result<T, Faults> = body;
                Err([keyed.err(), body.err()].into_iter().flatten().fold(Faults::default(), Faults::and))
            }
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

/// Equal for requests that ask for the same: neither white space nor the order of members counts.
fn fingerprint(method: &str, path: &str, body: &mut Value) -> Fingerprint {
    // Does nothing where serde_json keeps them in order by itself, which is up to its features.
    body.sort_all_objects();
    Sha256::digest(format!("{method} {path}\n{body}")).into()
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
}
