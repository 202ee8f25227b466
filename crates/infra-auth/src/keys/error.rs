use super::KeyAlgorithm;
use std::{io, path::PathBuf};

/// Why there is no key. Names the file and what a right one is, never what is in it.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file can't be read.
    #[error("can't read the key file {}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file can't be written.
    #[error("can't write the key file {}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The folder for the file must exist.
    #[error("can't write the key file {}: its folder does not exist", path.display())]
    NoFolder {
        /// Which file.
        path: PathBuf,
    },
    /// Keys are never overwritten.
    #[error("{} exists already and is not overwritten", path.display())]
    Exists {
        /// Which.
        path: PathBuf,
    },
    /// Something else than a key, or one that is too weak.
    #[error(
        "{} holds no usable key; it must be a PEM file with an RSA key of 2048 to 8192 bits, a P-256 key or an \
         Ed25519 key, not encrypted: a private one as PKCS#8, PKCS#1 or SEC 1, a public one as SubjectPublicKeyInfo \
         or PKCS#1",
        path.display()
    )]
    Unusable {
        /// Which.
        path: PathBuf,
    },
    /// A private key that everybody on the machine knows proves nothing.
    #[error(
        "{} holds a private key that others can read or write (mode {mode:04o}); run `chmod 600 {}`, or \
         `chmod 640 {}` where its group has to read it",
        path.display(), path.display(), path.display()
    )]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// Only a private key can sign.
    #[error("{} holds a public key; tokens are signed with a private one", path.display())]
    NotPrivate {
        /// Which.
        path: PathBuf,
    },
    /// The key is not for the algorithm that was asked for.
    #[error("{} holds a key for {found}, not for {wanted}", path.display())]
    Algorithm {
        /// Which file.
        path: PathBuf,
        /// What the file has.
        found: KeyAlgorithm,
        /// What was asked for.
        wanted: KeyAlgorithm,
    },
    /// A secret can be shorter than its use allows.
    #[error("the secret for HS256 must have at least {} bytes", super::MIN_SECRET_BYTES)]
    ShortSecret,
    /// HS256 has no key pair.
    #[error("HS256 takes a secret, not a key file")]
    Symmetric,
    /// The cryptographic library gave up, for want of random numbers or memory.
    #[error("can't make a key for {0}")]
    Generation(KeyAlgorithm),
}
