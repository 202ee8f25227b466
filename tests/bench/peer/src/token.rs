//! Access tokens of fasttrack, verified at each request.

use crate::failure::Failure;
use axum::{
    extract::FromRequestParts,
    http::{header::AUTHORIZATION, request::Parts},
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, jwk::JwkSet};
use serde::Deserialize;
use std::{error::Error, fs, path::Path};

pub struct Verifier {
    key: DecodingKey,
    validation: Validation,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    #[serde(rename = "type")]
    kind: String,
}

impl Verifier {
    /// Takes the first key of a set.
    pub fn read(jwks: &Path) -> Result<Self, Box<dyn Error>> {
        let set: JwkSet = serde_json::from_slice(&fs::read(jwks)?)?;
        let key = set.keys.first().ok_or("the set has no key")?;
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&["fasttrack"]);
        validation.set_audience(&["fasttrack"]);
        Ok(Self { key: DecodingKey::from_jwk(key)?, validation })
    }

    fn user(&self, token: &str) -> Option<i64> {
        let claims = decode::<Claims>(token, &self.key, &self.validation).ok()?.claims;
        (claims.kind == "access").then(|| claims.sub.parse().ok()).flatten()
    }
}

/// The user whose token a request has.
pub struct Caller(pub i64);

impl<S> FromRequestParts<S> for Caller
where
    S: AsRef<Verifier> + Send + Sync,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Bearer ")).ok_or(Failure::Unauthorized)?;
        state.as_ref().user(token).map(Self).ok_or(Failure::Unauthorized)
    }
}
