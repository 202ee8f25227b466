mod files;

use super::*;
use ::pem::Pem;
use aws_lc_rs::signature::Ed25519KeyPair;
use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};
use tempfile::TempDir;

const PAIRS: [KeyAlgorithm; 3] = [KeyAlgorithm::RS256, KeyAlgorithm::ES256, KeyAlgorithm::EdDSA];

/// The example key of RFC 7638 section 3.1.
const RFC_7638: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0vx7agoebGcQSuuPiLJX
ZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tS
oc/BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ/2W+5JsGY4Hc5n9yBXArwl93lqt
7/RN5w6Cf0h4QyQ5v+65YGjQR0/FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0
zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt+bFTWhAI4vMQFh6WeZu0f
M4lFd2NcRwr3XPksINHaQ+G/xBniIqbw0Ls1jF44+csFCur+kEgU8awapJzKnqDK
gwIDAQAB
-----END PUBLIC KEY-----
";

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path("given.pem");
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    fn pem(&self, tag: &str, der: impl Into<Vec<u8>>) -> PathBuf {
        self.file(::pem::encode(&Pem::new(tag, der)))
    }

    fn names(&self) -> Vec<String> {
        fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

fn pkcs8(path: PathBuf) -> Vec<u8> {
    ::pem::parse(fs::read(path).unwrap()).unwrap().into_contents()
}

#[test]
fn the_kid_is_the_thumbprint_of_rfc_7638() {
    let key = VerificationKey::load(&Folder::new().file(RFC_7638)).unwrap();
    assert_eq!((key.kid(), key.algorithm()), ("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", KeyAlgorithm::RS256));
}

#[test]
fn a_secret_has_no_file() {
    assert!(matches!(generate(&Folder::new().path("key.pem"), KeyAlgorithm::HS256), Err(KeyError::Symmetric)));
}

#[test]
fn secret_has_32_bytes_and_a_stable_kid() {
    assert!(matches!(SigningKey::from_secret(&[b'x'; 31]), Err(KeyError::ShortSecret)));
    let kid = |secret: &[u8]| SigningKey::from_secret(secret).unwrap().kid().to_owned();
    assert_eq!(kid(&[b'x'; 32]), kid(&[b'x'; 32]));
    assert_ne!(kid(&[b'x'; 32]), kid(&[b'y'; 32]));
}

#[test]
fn key_set_has_public_keys_with_the_signing_one_first() {
    let folder = Folder::new();
    let [rsa, p256, ed25519] =
        PAIRS.map(|algorithm| generate(&folder.path(&algorithm.to_string()), algorithm).unwrap());
    let others = [&p256, &ed25519, &rsa].map(|key| key.verification().clone());
    let ring = KeyRing::new(rsa.clone(), others);
    let document = serde_json::to_value(ring.jwks()).unwrap();
    let keys = document["keys"].as_array().unwrap();
    let text = |key: &serde_json::Value, member: &str| key[member].as_str().unwrap_or_default().to_owned();
    let kids: Vec<String> = keys.iter().map(|key| text(key, "kid")).collect();
    assert_eq!(kids, [rsa.kid(), p256.kid(), ed25519.kid()]);
    let members = [
        vec!["alg", "e", "kid", "kty", "n", "use"],
        vec!["alg", "crv", "kid", "kty", "use", "x", "y"],
        vec!["alg", "crv", "kid", "kty", "use", "x"],
    ];
    for ((key, members), algorithm) in keys.iter().zip(members).zip(PAIRS) {
        assert_eq!(key.as_object().unwrap().keys().collect::<Vec<_>>(), members);
        assert_eq!((text(key, "alg"), text(key, "use")), (algorithm.to_string(), "sig".to_owned()));
    }

    let secret = KeyRing::new(SigningKey::from_secret(&[b'x'; 32]).unwrap(), []);
    assert_eq!(serde_json::to_value(secret.jwks()).unwrap(), serde_json::json!({ "keys": [] }));
}

#[test]
fn nothing_secret_is_printed() {
    let secret = b"hunter2hunter2hunter2hunter2hunter2";
    let printed = format!("{:?}", KeyRing::new(SigningKey::from_secret(secret).unwrap(), []));
    assert!(!printed.contains("hunter2") && !printed.contains("104, 117, 110"), "{printed}");

    let folder = Folder::new();
    let key = generate(&folder.path("key.pem"), KeyAlgorithm::EdDSA).unwrap();
    let seed = Ed25519KeyPair::from_pkcs8(&pkcs8(folder.path("key.pem"))).unwrap().seed().unwrap();
    let seed: aws_lc_rs::encoding::Curve25519SeedBin<'_> =
        aws_lc_rs::encoding::AsBigEndian::as_be_bytes(&seed).unwrap();
    let printed = format!("{key:?}");
    let listed = format!("{:?}", seed.as_ref());
    assert!(!printed.contains(listed.trim_matches(['[', ']'])), "{printed}");
    assert!(!printed.contains(&URL_SAFE_NO_PAD.encode(seed.as_ref())), "{printed}");
}

#[test]
fn algorithms_have_their_registered_names() {
    for algorithm in ["RS256", "ES256", "EdDSA", "HS256"] {
        assert_eq!(algorithm.parse::<KeyAlgorithm>().unwrap().to_string(), algorithm);
    }
    for wrong in ["", "none", "rs256", "HS512", "Ed25519"] {
        assert_eq!(wrong.parse::<KeyAlgorithm>(), Err(UnknownAlgorithm));
    }
}
