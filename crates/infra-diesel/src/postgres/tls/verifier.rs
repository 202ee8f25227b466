//! Verifies the certificate of the server.

use crate::Error;
use rustls::{
    CertificateError, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use std::{path::PathBuf, sync::Arc};

/// How the server's certificate is verified.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::postgres) enum Verification {
    /// Not at all: protects against eavesdropping, not against a man in the middle.
    Nothing,
    /// A trusted authority has issued it.
    Authority,
    /// A trusted authority has issued it for the host's name.
    AuthorityAndName,
}

/// The trusted authorities.
pub(in crate::postgres) enum Roots {
    /// Those of the operating system.
    System,
    /// Those in this PEM file.
    File(PathBuf),
}

fn trusted(roots: &Roots) -> Result<RootCertStore, Error> {
    let unusable = |reason: String| Error::Connection(format!("sslrootcert: {reason}").into());
    let mut store = RootCertStore::empty();
    match roots {
        Roots::System => drop(store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs)),
        Roots::File(path) => {
            let certificates = CertificateDer::pem_file_iter(path).map_err(|error| unusable(error.to_string()))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
                store.add(certificate).map_err(|error| unusable(error.to_string()))?;
            }
        }
    }
    if store.is_empty() { Err(unusable("there is no certificate to trust".to_owned())) } else { Ok(store) }
}

/// Verifies the certificate as [`Verification`] says, and always that the server has its private key.
#[derive(Debug)]
pub(super) struct Verifier {
    provider: Arc<CryptoProvider>,
    /// `None` where nothing is verified.
    authorities: Option<Arc<WebPkiServerVerifier>>,
    any_name: bool,
}

impl Verifier {
    pub(super) fn new(
        verification: Verification,
        roots: &Roots,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, Error> {
        let authorities = match verification {
            Verification::Nothing => None,
            Verification::Authority | Verification::AuthorityAndName => Some(
                WebPkiServerVerifier::builder_with_provider(trusted(roots)?.into(), Arc::clone(provider))
                    .build()
                    .map_err(|error| Error::Connection(error.into()))?,
            ),
        };
        let any_name = verification == Verification::Authority;
        Ok(Self { provider: Arc::clone(provider), authorities, any_name })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(authorities) = &self.authorities else { return Ok(ServerCertVerified::assertion()) };
        match authorities.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            // The name is checked last: everything else has been verified.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.any_name => Ok(ServerCertVerified::assertion()),
            result => result,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
