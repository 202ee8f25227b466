//! Settings of TLS in the binary.

use super::{InvalidSetting, value::present};
use clap::Args;
use std::path::PathBuf;

/// The settings as they are given.
#[derive(Args, Clone, Default)]
#[expect(clippy::doc_markdown, reason = "the texts are shown in a terminal, by --help")]
pub struct RawTls {
    /// PEM file of the certificate to serve HTTPS with, followed by its chain; with TLS_KEY_FILE [default: none, and HTTP is served]
    #[arg(long, env, value_name = "FILE")]
    tls_cert_file: Option<String>,
    /// PEM file of the certificate's private key
    #[arg(long, env, value_name = "FILE")]
    tls_key_file: Option<String>,
}

/// What HTTPS is served with.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate, followed by its chain.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl RawTls {
    /// Reports what is wrong, and goes on.
    pub fn check(self, fault: &mut impl FnMut(InvalidSetting)) -> Option<TlsFiles> {
        match (present(self.tls_cert_file), present(self.tls_key_file)) {
            (Some(certificate), Some(key)) => Some(TlsFiles { certificate: certificate.into(), key: key.into() }),
            (None, None) => None,
            (certificate, _) => {
                let (name, other, example) = match certificate {
                    Some(_) => ("TLS_KEY_FILE", "TLS_CERT_FILE", "key.pem"),
                    None => ("TLS_CERT_FILE", "TLS_KEY_FILE", "certificate.pem"),
                };
                fault(InvalidSetting { name, fault: format!("is needed with {other}"), example });
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_needs_its_key() {
        let mut wrong = Vec::new();
        let raw = RawTls { tls_cert_file: Some("certificate.pem".to_owned()), tls_key_file: None };
        assert!(raw.check(&mut |fault| wrong.push(fault.to_string())).is_none());
        assert_eq!(wrong, ["TLS_KEY_FILE: is needed with TLS_CERT_FILE; for example TLS_KEY_FILE=key.pem"]);
    }
}
