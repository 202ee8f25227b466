//! The keys that sign and verify tokens.

use crate::program::{
    settings::{InvalidSetting, PRIVATE_KEY_FILE, Settings},
    start::{StartError, ensure_data_dir},
};
pub use fasttrack_infra_auth::keys::KeyAlgorithm;
use fasttrack_infra_auth::keys::{self, KeyError, KeyRing, SigningKey, VerificationKey};
use std::path::{Path, PathBuf};

/// A new key in a file of its own.
pub fn generate_key(path: &Path, algorithm: KeyAlgorithm) -> Result<(), KeyError> {
    keys::generate(path, algorithm).map(drop)
}

/// Where the key is that signs; `None` where it's the secret of the settings.
pub fn signing_key_file(settings: &Settings) -> Option<PathBuf> {
    (settings.jwt_algorithm != Some(KeyAlgorithm::HS256)).then(|| private_key_file(settings))
}

fn private_key_file(settings: &Settings) -> PathBuf {
    settings.jwt_private_key_file.clone().unwrap_or_else(|| settings.data_dir.join(PRIVATE_KEY_FILE))
}

pub(super) fn key_ring(settings: &Settings) -> Result<KeyRing, StartError> {
    let setting = |name, example| {
        move |error: KeyError| match StartError::failed(name, &error) {
            StartError::Failed(line) => {
                let fault = line.trim_start_matches(name).trim_start_matches(": ").to_owned();
                StartError::Setting(InvalidSetting { name, fault, example })
            }
            other => other,
        }
    };
    let signing = match (settings.jwt_algorithm, &settings.secret_key) {
        (Some(KeyAlgorithm::HS256), Some(secret)) => SigningKey::from_secret(secret.expose().as_bytes())
            .map_err(setting("SECRET_KEY", "at-least-32-random-bytes-of-yours"))?,
        (algorithm, _) => {
            if settings.jwt_private_key_file.is_none() {
                ensure_data_dir(&settings.data_dir)?;
            }
            let path = private_key_file(settings);
            SigningKey::load_or_create(&path, algorithm)
                .map_err(setting("JWT_PRIVATE_KEY_FILE", "/etc/fasttrack/jwt_private_key.pem"))?
        }
    };
    let others = settings
        .jwt_verification_key_files
        .iter()
        .map(|path| VerificationKey::load(path))
        .collect::<Result<Vec<_>, _>>()
        .map_err(setting("JWT_VERIFICATION_KEY_FILES", "/etc/fasttrack/old_public_key.pem"))?;
    Ok(KeyRing::new(signing, others))
}
