//! Connects the driver by TLS, with rustls.

mod stream;
mod verifier;

pub(super) use stream::Stream;
pub(super) use verifier::{Roots, Verification};

use crate::{Error, sqlstate::LatestState};
use rustls::{ClientConfig, crypto::aws_lc_rs, pki_types::ServerName};
use std::{io, pin::Pin, sync::Arc};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_rustls::TlsConnector;
use verifier::Verifier;

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
/// negotiation to the connector, and every stream goes through a [`SqlStateReader`](super::sqlstate_reader::SqlStateReader).
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
                    _ => Ok(Stream::plain(stream, latest)),
                };
            }
            let config = config.ok_or(io::ErrorKind::Unsupported)?;
            let host = ServerName::try_from(host).map_err(io::Error::other)?;
            let encrypted = TlsConnector::from(config).connect(host, stream).await?;
            Ok(Stream::encrypted(encrypted, latest))
        })
    }
}
