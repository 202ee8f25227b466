//! The keys that another issuer publishes, as far as they are of use.

use super::jws::{Algorithm, Header};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::Value;

/// More are a mistake, or an attack.
const MAX_KEYS: usize = 100;

/// RFC 7518 section 3.3: no shorter RSA key is of use.
const MIN_RSA_BYTES: usize = 2048 / 8;

/// Nor a longer one: a signature's cost grows with the square.
const MAX_RSA_BYTES: usize = 8192 / 8;

/// Bytes of a coordinate on P-256, and of an Ed25519 key.
const COORDINATE: usize = 32;

/// A JWK (RFC 7517 section 4); what we don't know doesn't matter.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// A public key for signatures of one algorithm.
#[derive(Debug)]
pub(super) struct Key {
    kid: Option<String>,
    algorithm: Algorithm,
    public: ParsedPublicKey,
}

impl Key {
    /// `None` for a key that isn't there for signatures, or of a kind that we don't take.
    fn of(jwk: Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(jwk).ok()?;
        let is_for_signatures = jwk.purpose.as_deref().is_none_or(|purpose| purpose == "sig")
            && jwk.key_ops.as_ref().is_none_or(|operations| operations.iter().any(|name| name == "verify"));
        let (algorithm, public) = jwk.public()?;
        let is_for_algorithm = jwk.alg.as_deref().is_none_or(|name| Algorithm::named(name) == Some(algorithm));
        (is_for_signatures && is_for_algorithm).then_some(Self { kid: jwk.kid, algorithm, public })
    }

    /// Whether this key signed `message`.
    pub(super) fn is_signature(&self, message: &[u8], signature: &[u8]) -> bool {
        self.public.verify_sig(message, signature).is_ok()
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        (&self.kid, self.algorithm, self.public.as_ref()) == (&other.kid, other.algorithm, other.public.as_ref())
    }
}

impl Jwk {
    fn public(&self) -> Option<(Algorithm, ParsedPublicKey)> {
        let (x, y) = (|| coordinate(self.x.as_deref()?), || coordinate(self.y.as_deref()?));
        match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => {
                let (n, e) = (unsigned(self.n.as_deref()?)?, unsigned(self.e.as_deref()?)?);
                if !(MIN_RSA_BYTES..=MAX_RSA_BYTES).contains(&n.len()) || (n.len() == MIN_RSA_BYTES && n[0] < 0x80) {
                    return None;
                }
                let parsed = RsaPublicKeyComponents { n, e }.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256);
                Some((Algorithm::Rs256, parsed.ok()?))
            }
            ("EC", Some("P-256")) => {
                // SEC 1 section 2.3.3: an uncompressed point.
                let point = [vec![4], x()?, y()?].concat();
                Some((Algorithm::Es256, ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).ok()?))
            }
            ("OKP", Some("Ed25519")) => Some((Algorithm::Ed25519, ParsedPublicKey::new(&ED25519, x()?).ok()?)),
            _ => None,
        }
    }
}

fn coordinate(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == COORDINATE)
}

/// Without the zeros that some put in front.
fn unsigned(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let start = bytes.iter().position(|byte| *byte != 0)?;
    Some(bytes[start..].to_vec())
}

/// Why a document is no set of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKeySet {
    /// No JSON, or no object with an array of `keys`.
    #[error("it is no JSON Web Key Set")]
    Form,
    /// So many that it can't be meant.
    #[error("it has more than {MAX_KEYS} keys")]
    TooMany,
    /// Nothing that a signature of ours could be checked with.
    #[error("none of its keys is of use: an RSA key of 2048 to 8192 bits, a P-256 or an Ed25519 key for signatures")]
    NoUsableKey,
}

/// The keys of an issuer at one time. Never empty.
#[derive(Debug, PartialEq)]
pub(super) struct KeySet(Vec<Key>);

impl KeySet {
    /// Reads a JWKS (RFC 7517 section 5). Keys that are of no use are left out.
    pub(super) fn parse(document: &[u8]) -> Result<Self, InvalidKeySet> {
        #[derive(Deserialize)]
        struct Document {
            keys: Vec<Value>,
        }
        let Document { keys } = serde_json::from_slice(document).map_err(|_| InvalidKeySet::Form)?;
        if keys.len() > MAX_KEYS {
            return Err(InvalidKeySet::TooMany);
        }
        let keys: Vec<_> = keys.into_iter().filter_map(Key::of).collect();
        if keys.is_empty() { Err(InvalidKeySet::NoUsableKey) } else { Ok(Self(keys)) }
    }

    /// Whether another look at the issuer's keys couldn't find one by this name.
    pub(super) fn knows(&self, header: &Header) -> bool {
        header.kid.is_none() || self.0.iter().any(|key| key.kid == header.kid)
    }

    /// The key that a header names. Without a name there must be no choice.
    pub(super) fn find(&self, header: &Header) -> Option<&Key> {
        let key = match (&header.kid, &*self.0) {
            (None, [only]) => only,
            (None, _) => return None,
            // Keys of different kinds may share a name (RFC 7517 section 4.5).
            (kid, keys) => keys.iter().find(|key| key.kid == *kid && key.algorithm == header.algorithm)?,
        };
        (key.algorithm == header.algorithm).then_some(key)
    }
}

#[cfg(test)]
mod tests;
