//! Contents of tokens, and forged tokens.

use crate::{Client, Server};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use std::time::Duration;

pub fn header(token: &str) -> Value {
    part(token, 0)
}

pub fn claims(token: &str) -> Value {
    part(token, 1)
}

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// The compact form of any header, claims and signature.
pub fn compact(header: &Value, claims: &Value, signature: &[u8]) -> String {
    let parts = [header.to_string().as_bytes(), claims.to_string().as_bytes(), signature]
        .map(|part| URL_SAFE_NO_PAD.encode(part));
    parts.join(".")
}

/// The keys in the JWKS of a server.
pub async fn keys(client: &Client) -> Vec<Value> {
    client.get("/.well-known/jwks.json").await.expect(200).json()["keys"].as_array().unwrap().clone()
}

/// Signs altered tokens with the key of a server, so that only their contents can be refused.
#[derive(Debug)]
pub struct Forge {
    key: String,
    header: Header,
    claims: Value,
}

impl Forge {
    /// Starts with the contents of a genuine token.
    pub fn new(server: &Server, token: &str) -> Self {
        let key = server.installation().read("jwt_private_key.pem");
        let genuine = header(token);
        let header = Header {
            typ: genuine["typ"].as_str().map(str::to_owned),
            kid: genuine["kid"].as_str().map(str::to_owned),
            ..Header::new(Algorithm::RS256)
        };
        Self { key, header, claims: claims(token) }
    }

    /// Adds or replaces a claim.
    #[must_use]
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims[name] = value.into();
        self
    }

    /// Removes a claim.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.claims.as_object_mut().unwrap().remove(name);
        self
    }

    /// Shifts the token so that it expired this long ago.
    #[must_use]
    pub fn expired(self, ago: Duration) -> Self {
        let shift = self.claims["exp"].as_u64().unwrap() - self.claims["iat"].as_u64().unwrap() + ago.as_secs();
        let [issued, expires] = ["iat", "exp"].map(|name| self.claims[name].as_u64().unwrap() - shift);
        self.claim("iat", issued).claim("exp", expires)
    }

    /// Shifts `iat` back and keeps `exp`.
    #[must_use]
    pub fn issued_earlier(self, ago: Duration) -> Self {
        let issued = self.claims["iat"].as_u64().unwrap() - ago.as_secs();
        self.claim("iat", issued)
    }

    /// Sets `exp` to this long after `iat`.
    #[must_use]
    pub fn expires_after(self, lifetime: Duration) -> Self {
        let expires = self.claims["iat"].as_u64().unwrap() + lifetime.as_secs();
        self.claim("exp", expires)
    }

    /// Replaces the header's `typ`; `None` removes it.
    #[must_use]
    pub fn typ(mut self, typ: Option<&str>) -> Self {
        self.header.typ = typ.map(str::to_owned);
        self
    }

    /// Replaces the header's `kid`; `None` removes it.
    #[must_use]
    pub fn kid(mut self, kid: Option<&str>) -> Self {
        self.header.kid = kid.map(str::to_owned);
        self
    }

    /// Signs with the server's key.
    pub fn sign(&self) -> String {
        let key = EncodingKey::from_rsa_pem(self.key.as_bytes()).unwrap();
        jsonwebtoken::encode(&self.header, &self.claims, &key).unwrap()
    }

    /// Signs by HMAC with a public secret: the modulus of the public key.
    pub async fn sign_with_public_key(&self, client: &Client) -> String {
        let modulus = keys(client).await[0]["n"].as_str().unwrap().to_owned();
        let secret = EncodingKey::from_secret(&URL_SAFE_NO_PAD.decode(modulus).unwrap());
        let header = Header { alg: Algorithm::HS256, ..self.header.clone() };
        jsonwebtoken::encode(&header, &self.claims, &secret).unwrap()
    }

    /// The token with `alg` `none` and no signature.
    pub fn unsigned(&self) -> String {
        let header = json!({"alg": "none", "typ": self.header.typ, "kid": self.header.kid});
        compact(&header, &self.claims, b"")
    }
}
