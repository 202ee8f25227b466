use super::{
    KeyAlgorithm, KeyError, SigningKey, VerificationKey,
    pem::{self, Key},
};
use std::{
    fs::File,
    io::{self, Read, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
};
use tempfile::NamedTempFile;

/// Read and write permission of other users. The group may read, as that is how a service gets a key.
const BY_OTHERS: u32 = 0o006;

impl SigningKey {
    /// Loads a private key from a PEM file: PKCS#8, PKCS#1 or SEC 1. The algorithm follows from the key.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        match load(path)? {
            Key::Private(key) => Ok(key),
            Key::Public(_) => Err(KeyError::NotPrivate { path: path.to_owned() }),
        }
    }

    /// Loads the private key in `path`. If the file doesn't exist, it is created with a new key for `algorithm`, by
    /// default RS256. Processes that start at once get the same key.
    ///
    /// [`KeyError::Algorithm`] if the file has a key for another algorithm than `algorithm`.
    pub fn load_or_create(path: &Path, algorithm: Option<KeyAlgorithm>) -> Result<Self, KeyError> {
        if !path.exists() {
            match generate(path, algorithm.unwrap_or(KeyAlgorithm::RS256)) {
                Err(KeyError::Exists { .. }) => {}
                made => return made,
            }
        }
        let key = Self::load(path)?;
        match algorithm {
            Some(wanted) if wanted != key.algorithm() => {
                Err(KeyError::Algorithm { path: path.to_owned(), found: key.algorithm(), wanted })
            }
            _ => Ok(key),
        }
    }
}

impl VerificationKey {
    /// Loads a public key from a PEM file, or the public part of a private key.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        Ok(match load(path)? {
            Key::Private(key) => key.verification,
            Key::Public(key) => key,
        })
    }
}

/// Creates a key and writes it to `path`: PKCS#8 in PEM, mode 0600, atomically and durably. The folder must exist; an
/// existing file is not overwritten.
pub fn generate(path: &Path, algorithm: KeyAlgorithm) -> Result<SigningKey, KeyError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        return Err(KeyError::NoFolder { path: path.to_owned() });
    }
    if path.exists() {
        return Err(KeyError::Exists { path: path.to_owned() });
    }
    let text = pem::generate(algorithm)?;
    write_new(folder, path, &text).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => KeyError::Exists { path: path.to_owned() },
        _ => KeyError::Write { path: path.to_owned(), source },
    })?;
    SigningKey::load(path)
}

fn write_new(folder: &Path, path: &Path, text: &str) -> io::Result<()> {
    // The temporary file has mode 0600 from the beginning.
    let mut draft = NamedTempFile::new_in(folder)?;
    draft.write_all(text.as_bytes())?;
    draft.as_file().sync_all()?;
    draft.persist_noclobber(path).map_err(|refused| refused.error)?;
    File::open(folder)?.sync_all()
}

fn load(path: &Path) -> Result<Key, KeyError> {
    let read = || -> io::Result<_> {
        let mut file = File::open(path)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        Ok((file.metadata()?.permissions().mode(), text))
    };
    let (mode, text) = read().map_err(|source| KeyError::Read { path: path.to_owned(), source })?;
    let key = pem::parse(&text).ok_or_else(|| KeyError::Unusable { path: path.to_owned() })?;
    // A private key may also stand after a public one, which is the one that was parsed.
    if mode & BY_OTHERS != 0 && pem::has_private_key(&text) {
        return Err(KeyError::Exposed { path: path.to_owned(), mode: mode & 0o777 });
    }
    Ok(key)
}
