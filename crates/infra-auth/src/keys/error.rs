use super::KeyAlgorithm;
use std::{io, path::PathBuf};

/// Why a key can't be loaded or created. Messages name the file, never its content.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("can't read the key file {}", path.display())]
    Read {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("can't write the key file {}", path.display())]
    Write {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("can't write the key file {}: its folder does not exist", path.display())]
    NoFolder { path: PathBuf },
    /// The file exists and is not overwritten.
    #[error("{} exists already and is not overwritten", path.display())]
    Exists { path: PathBuf },
    /// The file has no supported key, or too weak a one.
    #[error(
        "{} holds no usable key; it must be a PEM file with an RSA key of 2048 to 8192 bits, a P-256 key or an \
         Ed25519 key, not encrypted: a private one as PKCS#8, PKCS#1 or SEC 1, a public one as SubjectPublicKeyInfo \
         or PKCS#1",
        path.display()
    )]
    Unusable { path: PathBuf },
    /// Other users of the machine can read or write the private key.
    #[error(
        "{} holds a private key that others can read or write (mode {mode:04o}); run `chmod 600 {}`, or \
         `chmod 640 {}` where its group has to read it",
        path.display(), path.display(), path.display()
    )]
    Exposed { path: PathBuf, mode: u32 },
    /// The file has a public key, which can't sign.
    #[error("{} holds a public key; tokens are signed with a private one", path.display())]
    NotPrivate { path: PathBuf },
    /// The key is for another algorithm than the configured one.
    #[error("{} holds a key for {found}, not for {wanted}", path.display())]
    Algorithm { path: PathBuf, found: KeyAlgorithm, wanted: KeyAlgorithm },
    /// The HMAC secret is too short.
    #[error("the secret for HS256 must have at least {} bytes", super::MIN_SECRET_BYTES)]
    ShortSecret,
    /// HS256 has a secret and no key pair.
    #[error("HS256 takes a secret, not a key file")]
    Symmetric,
    /// Key generation failed for lack of random numbers or memory.
    #[error("can't make a key for {0}")]
    Generation(KeyAlgorithm),
}
