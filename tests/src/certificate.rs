use crate::Installation;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::fs;

/// A self-signed certificate for `localhost`.
#[derive(Debug)]
pub struct Certificate {
    pem: String,
    key: String,
    /// The certificate in DER, as in a handshake.
    pub der: Vec<u8>,
}

impl Default for Certificate {
    fn default() -> Self {
        Self::new()
    }
}

impl Certificate {
    /// Generates a certificate with a new key.
    pub fn new() -> Self {
        let names = ["localhost", "127.0.0.1"].map(str::to_owned);
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
        Self { pem: cert.pem(), key: signing_key.serialize_pem(), der: cert.der().to_vec() }
    }

    /// Writes the certificate and the key into the directory of an installation.
    pub fn install(&self, installation: &Installation) {
        fs::write(installation.path("certificate.pem"), &self.pem).unwrap();
        installation.write_private("key.pem", &self.key);
    }
}

impl Installation {
    /// Serves HTTPS with this certificate.
    #[must_use]
    pub fn with_certificate(self, certificate: &Certificate) -> Self {
        certificate.install(&self);
        self.with("TLS_CERT_FILE", "certificate.pem").with("TLS_KEY_FILE", "key.pem")
    }
}
