//! HTTPS without a proxy in front.

use crate::program::settings::{InvalidSetting, TlsFiles};
use rustls::{
    Error, InconsistentKeys, ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use std::{
    fs::{self, File},
    io::Read,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::Arc,
    time::Duration,
};
use tokio::sync::watch;

/// How long a handshake may take, from the connection on.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);

/// Handshakes of one worker at once; further connections wait to be accepted. One core can finish as many in time where
/// each costs it a signature by RSA.
pub const HANDSHAKES: usize = 4096;

// @spec SPEC-015
/// The server's certificate. It can be replaced while connections use it.
#[derive(Debug)]
pub struct Certificate {
    files: TlsFiles,
    current: watch::Sender<Arc<CertifiedKey>>,
}

impl Certificate {
    /// Reads both files.
    pub fn load(files: TlsFiles) -> Result<Self, InvalidSetting> {
        let current = watch::Sender::new(Arc::new(read(&files)?));
        Ok(Self { files, current })
    }

    /// Reads both files again, for handshakes that begin from now on. After an error the former certificate stays.
    pub fn reload(&self) -> Result<(), InvalidSetting> {
        self.current.send_replace(Arc::new(read(&self.files)?));
        Ok(())
    }

    pub fn file(&self) -> &Path {
        &self.files.certificate
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.borrow().clone())
    }
}

/// Configures TLS 1.2 and 1.3 with the defaults of rustls.
pub fn config(certificate: Arc<Certificate>) -> Result<ServerConfig, Error> {
    let versions = ServerConfig::builder_with_provider(Arc::new(provider())).with_safe_default_protocol_versions()?;
    Ok(versions.with_no_client_auth().with_cert_resolver(certificate))
}

fn provider() -> CryptoProvider {
    aws_lc_rs::default_provider()
}

// @norm NORM-SEC-002
/// Reads the certificate and its key. No error contains a part of the files.
fn read(files: &TlsFiles) -> Result<CertifiedKey, InvalidSetting> {
    let certificate_fault = |fault: String| InvalidSetting::new("TLS_CERT_FILE", fault);
    let key_fault = |fault: String| InvalidSetting::new("TLS_KEY_FILE", fault);
    let (certificate, key) = (files.certificate.display(), files.key.display());

    let pem = fs::read(&files.certificate)
        .map_err(|error| certificate_fault(format!("{certificate} can't be read: {error}")))?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|_| certificate_fault(format!("{certificate} is no PEM file")))?;
    if chain.is_empty() {
        return Err(certificate_fault(format!("{certificate} holds no certificate in PEM")));
    }

    let pem = File::open(&files.key).and_then(|mut file| {
        let mut pem = Vec::new();
        file.read_to_end(&mut pem)?;
        Ok((file.metadata()?.permissions().mode() & 0o777, pem))
    });
    let (mode, pem) = pem.map_err(|error| key_fault(format!("{key} can't be read: {error}")))?;
    let private_key = PrivateKeyDer::from_pem_slice(&pem)
        .map_err(|_| key_fault(format!("{key} holds no private key in PEM, or one with a password")))?;
    // As with the keys that sign tokens: a group is how a key is given to one service.
    if mode & 0o006 != 0 {
        return Err(key_fault(format!(
            "{key} can be read or written by others (mode {mode:04o}); run `chmod 600 {key}`, or `chmod 640 {key}` where \
             its group has to read it"
        )));
    }
    let private_key = provider()
        .key_provider
        .load_private_key(private_key)
        .map_err(|_| key_fault(format!("{key} holds a private key that can't be used")))?;

    let pair = CertifiedKey::new(chain, private_key);
    match pair.keys_match() {
        Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => Ok(pair),
        Err(Error::InconsistentKeys(_)) => {
            Err(key_fault(format!("{key} isn't the key of the first certificate in {certificate}")))
        }
        Err(error) => Err(certificate_fault(format!("{certificate} can't be used: {error}"))),
    }
}
