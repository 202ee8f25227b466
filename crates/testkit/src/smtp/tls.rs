//! A certificate for 127.0.0.1, from an authority of this process.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::sync::{Arc, LazyLock};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivatePkcs8KeyDer},
};

struct Identity {
    root_pem: String,
    acceptor: TlsAcceptor,
}

static IDENTITY: LazyLock<Identity> = LazyLock::new(|| {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let config = ServerConfig::builder_with_provider(aws_lc_rs::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
        .unwrap();
    Identity { root_pem: authority.pem(), acceptor: TlsAcceptor::from(Arc::new(config)) }
});

pub(super) fn root_pem() -> &'static str {
    &IDENTITY.root_pem
}

pub(super) fn acceptor() -> &'static TlsAcceptor {
    &IDENTITY.acceptor
}
