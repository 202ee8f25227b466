//! Connects the driver by TLS, with rustls.

use super::{channel_binding, sqlstate_reader::SqlStateReader};
use crate::{Error, sqlstate::LatestState};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use std::{
    io,
    path::PathBuf,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect};
use tokio_rustls::{TlsConnector, client};

/// How the server's certificate is verified.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Verification {
    /// Not at all: protects against eavesdropping, not against a man in the middle.
    Nothing,
    /// A trusted authority has issued it.
    Authority,
    /// A trusted authority has issued it for the host's name.
    AuthorityAndName,
}

/// The trusted authorities.
pub(super) enum Roots {
    /// Those of the operating system.
    System,
    /// Those in this PEM file.
    File(PathBuf),
}

/// Whether connections are encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encryption {
    /// Never.
    Never,
    /// Where the server supports it.
    Preferred,
    /// Always: the connection fails where the server doesn't support it.
    Required,
    /// Always, without a request before the handshake (`sslnegotiation=direct`).
    Direct,
}

/// Makes a connector for every connection, encrypted or not. The driver is configured for direct TLS, so that it leaves the
/// negotiation to the connector, and every stream goes through a [`SqlStateReader`].
#[derive(Clone)]
pub(super) struct Tls {
    encryption: Encryption,
    config: Option<Arc<ClientConfig>>,
    latest: Arc<LatestState>,
}

impl Tls {
    /// `verification` is `None` where nothing is encrypted.
    pub(super) fn new(
        encryption: Encryption,
        verification: Option<Verification>,
        roots: &Roots,
    ) -> Result<Self, Error> {
        let config = verification.map(|verification| configuration(encryption, verification, roots)).transpose()?;
        Ok(Self { encryption, config: config.map(Arc::new), latest: Arc::default() })
    }

    #[cfg(test)]
    pub(super) fn encryption(&self) -> Encryption {
        self.encryption
    }

    /// The connector of one connection, which stores its SQLSTATE in `latest`.
    pub(super) fn reporting_to(&self, latest: &Arc<LatestState>) -> Self {
        Self { latest: Arc::clone(latest), ..self.clone() }
    }
}

fn configuration(encryption: Encryption, verification: Verification, roots: &Roots) -> Result<ClientConfig, Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Verifier::new(verification, roots, &provider)?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Connection(error.into()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    if encryption == Encryption::Direct {
        // The server refuses direct TLS without it.
        config.alpn_protocols = vec![b"postgresql".to_vec()];
    }
    Ok(config)
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
struct Verifier {
    provider: Arc<CryptoProvider>,
    /// `None` where nothing is verified.
    authorities: Option<Arc<WebPkiServerVerifier>>,
    any_name: bool,
}

impl Verifier {
    fn new(verification: Verification, roots: &Roots, provider: &Arc<CryptoProvider>) -> Result<Self, Error> {
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

/// Negotiates the encryption of one connection.
pub(super) struct Connector {
    tls: Tls,
    host: String,
}

impl<S> MakeTlsConnect<S> for Tls
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Stream<S>;
    type TlsConnect = Connector;
    type Error = io::Error;

    fn make_tls_connect(&mut self, host: &str) -> io::Result<Connector> {
        Ok(Connector { tls: self.clone(), host: host.to_owned() })
    }
}

/// `SSLRequest`, which the server answers with `S` where it supports TLS (PostgreSQL's manual, 55.7).
const REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

impl<S> TlsConnect<S> for Connector
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Stream<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Stream<S>>> + Send>>;

    fn connect(self, mut stream: S) -> Self::Future {
        Box::pin(async move {
            let Self { tls: Tls { encryption, config, latest }, host } = self;
            let encrypts = match encryption {
                Encryption::Never => false,
                Encryption::Direct => true,
                Encryption::Preferred | Encryption::Required => {
                    stream.write_all(&REQUEST).await?;
                    stream.flush().await?;
                    stream.read_u8().await? == b'S'
                }
            };
            if !encrypts {
                return match encryption {
                    Encryption::Required => Err(io::Error::other("the server does not support TLS")),
                    _ => Ok(Stream(SqlStateReader::new(Transport::Plain(stream), latest))),
                };
            }
            let config = config.ok_or(io::ErrorKind::Unsupported)?;
            let host = ServerName::try_from(host).map_err(io::Error::other)?;
            let encrypted = TlsConnector::from(config).connect(host, stream).await?;
            Ok(Stream(SqlStateReader::new(Transport::Encrypted(Box::new(encrypted)), latest)))
        })
    }
}

/// The stream of a connection.
pub(super) struct Stream<S>(SqlStateReader<Transport<S>>);

enum Transport<S> {
    Plain(S),
    Encrypted(Box<client::TlsStream<S>>),
}

impl<S: AsyncRead + AsyncWrite + Unpin> tokio_postgres::tls::TlsStream for Stream<S> {
    fn channel_binding(&self) -> ChannelBinding {
        let Transport::Encrypted(stream) = self.0.stream() else { return ChannelBinding::none() };
        let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
        let hash = certificate.and_then(|certificate| channel_binding::certificate_hash(certificate));
        hash.map_or_else(ChannelBinding::none, ChannelBinding::tls_server_end_point)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Stream<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Stream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Transport<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Encrypted(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Transport<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Encrypted(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Encrypted(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Encrypted(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
