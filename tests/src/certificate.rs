//! Certificates of servers.

use crate::Installation;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::fs;

/// A certificate for this machine that nobody signed but its own key.
#[derive(Debug)]
pub struct Certificate {
    pem: String,
    key: String,
    /// As it is shown in a handshake.
    pub der: Vec<u8>,
}

impl Default for Certificate {
    fn default() -> Self {
        Self::new()
    }
}

impl Certificate {
    /// Another one each time.
    pub fn new() -> Self {
        let names = ["localhost", "127.0.0.1"].map(str::to_owned);
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
        Self { pem: cert.pem(), key: signing_key.serialize_pem(), der: cert.der().to_vec() }
    }

    /// Puts it where an installation with TLS has its certificate.
    pub fn install(&self, installation: &Installation) {
        fs::write(installation.path("certificate.pem"), &self.pem).unwrap();
        installation.write_private("key.pem", &self.key);
    }
}

impl Installation {
    /// With this certificate in files, and HTTPS by it.
    #[must_use]
    pub fn with_certificate(self, certificate: &Certificate) -> Self {
        certificate.install(&self);
        self.with("TLS_CERT_FILE", "certificate.pem").with("TLS_KEY_FILE", "key.pem")
    }
}
