//! HTTPS without a proxy in front.

use super::source::Source;
use std::path::PathBuf;

/// Files that HTTPS is served with.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate, followed by its chain.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Both files, or neither.
pub(super) fn read(source: &mut Source<'_>) -> Option<TlsFiles> {
    let certificate = source
        .setting(
            "TLS_CERT_FILE",
            "PEM file of the certificate to serve HTTPS with, followed by its chain; with TLS_KEY_FILE",
        )
        .default_is("none, and HTTP is served")
        .example("certificate.pem")
        .file();
    let key = source.setting("TLS_KEY_FILE", "PEM file of the certificate's private key").example("key.pem").file();
    match (certificate, key) {
        (Some(certificate), Some(key)) => return Some(TlsFiles { certificate, key }),
        (None, None) => {}
        (Some(_), None) => source.fault("TLS_KEY_FILE", "is needed with TLS_CERT_FILE"),
        (None, Some(_)) => source.fault("TLS_CERT_FILE", "is needed with TLS_KEY_FILE"),
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn a_certificate_needs_its_key() {
        let given = HashMap::from([("TLS_CERT_FILE", "certificate.pem".to_owned())]);
        let mut source = Source::new(&given);
        assert!(read(&mut source).is_none());
        let faults: Vec<_> = source.finish().1.iter().map(ToString::to_string).collect();
        assert_eq!(faults, ["TLS_KEY_FILE: is needed with TLS_CERT_FILE; for example TLS_KEY_FILE=key.pem"]);
    }
}
