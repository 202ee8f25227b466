//! The keys that sign and verify tokens.

use crate::program::{
    settings::{InvalidSetting, PRIVATE_KEY_FILE, Settings},
    start::{StartError, ensure_data_dir},
};
use fasttrack_domain::failure::chain;
use fasttrack_infra_auth::keys::{self, KeyAlgorithm, KeyError, KeyRing, SigningKey, VerificationKey};
use std::path::{Path, PathBuf};

/// Generates a key in a new file.
pub fn generate_key(path: &Path, algorithm: KeyAlgorithm) -> Result<(), KeyError> {
    keys::generate(path, algorithm).map(drop)
}

/// File of the signing key; `None` where `SECRET_KEY` signs.
pub fn signing_key_file(settings: &Settings) -> Option<PathBuf> {
    (settings.tokens.algorithm != Some(KeyAlgorithm::HS256)).then(|| private_key_file(settings))
}

fn private_key_file(settings: &Settings) -> PathBuf {
    settings.tokens.private_key_file.clone().unwrap_or_else(|| settings.server.data_dir.join(PRIVATE_KEY_FILE))
}

pub(super) fn key_ring(settings: &Settings) -> Result<KeyRing, StartError> {
    let fault = |name| move |error: KeyError| StartError::Setting(InvalidSetting::new(name, chain(&error)));
    let signing = match (settings.tokens.algorithm, &settings.tokens.secret_key) {
        (Some(KeyAlgorithm::HS256), Some(secret)) => {
            SigningKey::from_secret(secret.expose().as_bytes()).map_err(fault("SECRET_KEY"))?
        }
        (algorithm, _) => {
            if settings.tokens.private_key_file.is_none() {
                ensure_data_dir(&settings.server.data_dir)?;
            }
            let path = private_key_file(settings);
            SigningKey::load_or_create(&path, algorithm).map_err(fault("JWT_PRIVATE_KEY_FILE"))?
        }
    };
    let others = settings
        .tokens
        .verification_key_files
        .iter()
        .map(|path| VerificationKey::load(path))
        .collect::<Result<Vec<_>, _>>()
        .map_err(fault("JWT_VERIFICATION_KEY_FILES"))?;
    Ok(KeyRing::new(signing, others))
}
