//! The HTTP service behind each listener.
//!
//! It is what `actix_web::HttpServer` builds, but for two things: connections are [`Watched`], so that an endless answer
//! ends with its client, and what ends a connection early is logged here, as it is the client's doing.

use crate::http::{connection::Connections, watched::Watched};
use crate::program::tls;
use actix_http::{HttpServiceBuilder, Protocol, Request, Response, error::DispatchError};
use actix_server::{GracefulShutdownSignal, ServerBuilder};
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_tls::accept::{
    TlsError, max_concurrent_tls_connect,
    rustls_0_23::{Acceptor, TlsStream},
};
use actix_web::{
    Error,
    body::MessageBody,
    dev::{AppConfig, Extensions, Service, ServiceFactory},
    rt::net::TcpStream,
};
use rustls::ServerConfig;
use socket2::SockRef;
use std::{
    convert::Infallible,
    fmt::Debug,
    io,
    net::{SocketAddr, TcpListener},
    time::Duration,
};

/// How long a connection that we end is still read, so that a client which is sending gets to see why. A client that
/// has said goodbye waits for it to be over. More than the 500 ms by which actix's clock may be late: a moment that is
/// past already would never come.
const LINGER: Duration = Duration::from_millis(600);

/// Bytes that the operating system keeps for a client which doesn't take them.
const SEND_BUFFER: usize = 256 * 1024;

/// How long a client may take nothing of what waits for it (RFC 5482): then its connection is over.
const STALL: Duration = Duration::from_secs(30);

/// What holds for all connections.
#[derive(Clone, Debug)]
pub struct Listening {
    /// How long a connection is kept on which no request is under way.
    pub keep_alive: Duration,
    /// How long a client may take for the head of its first request.
    pub request_timeout: Duration,
    /// With TLS, where it ends here.
    pub tls: Option<ServerConfig>,
    /// Where connections are registered.
    pub connections: Connections,
}

/// Why a connection ended before its time.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error("TLS: {0:?}")]
    Tls(TlsError<io::Error, Infallible>),
    #[error(transparent)]
    Http(DispatchError),
}

/// A connection on its way to the service, and whose it is.
type Connected<T> = (Watched<T>, Protocol, Option<SocketAddr>);

impl Listening {
    /// Adds a listener, whose connections are served by what `mount` makes for each worker.
    pub fn listen<F, I, S, B>(
        &self,
        builder: ServerBuilder,
        listener: TcpListener,
        mount: F,
    ) -> io::Result<ServerBuilder>
    where
        F: Fn() -> I + Send + Clone + 'static,
        I: IntoServiceFactory<S, Request>,
        S: ServiceFactory<Request, Config = AppConfig> + 'static,
        S::Future: 'static,
        S::Error: Into<Error> + 'static,
        S::InitError: Debug,
        S::Response: Into<Response<B>> + 'static,
        S::Service: 'static,
        <S::Service as Service<Request>>::Future: 'static,
        B: MessageBody + 'static,
    {
        let name = listener.local_addr()?.to_string();
        let (listening, shutdown) = (self.clone(), builder.graceful_shutdown_signal());
        let Some(config) = &self.tls else {
            return builder.listen(name, listener, move || {
                let accept = fn_service(|stream: TcpStream| async move {
                    let peer = stream.peer_addr().ok();
                    Ok((Watched::new(stream), Protocol::Http1, peer))
                });
                accept.and_then(listening.http(mount(), &shutdown)).map_err(|ended| log(&ended))
            });
        };
        max_concurrent_tls_connect(tls::HANDSHAKES);
        let mut config = config.clone();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        builder.listen(name, listener, move || {
            let mut acceptor = Acceptor::new(config.clone());
            acceptor.set_handshake_timeout(tls::HANDSHAKE_TIMEOUT);
            let watch = |stream: TlsStream<TcpStream>| async move {
                let peer = stream.get_ref().0.peer_addr().ok();
                Ok((Watched::new(stream), Protocol::Http1, peer))
            };
            acceptor
                .map_err(Ended::Tls)
                .and_then(fn_service(watch))
                .and_then(listening.http(mount(), &shutdown))
                .map_err(|ended| log(&ended))
        })
    }

    /// The service of one worker.
    fn http<T, I, S, B>(
        &self,
        app: I,
        shutdown: &GracefulShutdownSignal,
    ) -> impl ServiceFactory<Connected<T>, Config = (), Response = (), Error = Ended, InitError = ()> + use<T, I, S, B>
    where
        T: Stream,
        I: IntoServiceFactory<S, Request>,
        S: ServiceFactory<Request, Config = AppConfig> + 'static,
        S::Future: 'static,
        S::Error: Into<Error> + 'static,
        S::InitError: Debug,
        S::Response: Into<Response<B>> + 'static,
        S::Service: 'static,
        <S::Service as Service<Request>>::Future: 'static,
        B: MessageBody + 'static,
    {
        let (connections, shutdown) = (self.connections.clone(), shutdown.clone());
        let app = app.into_factory().map_err(|error| Response::from(error.into().error_response()));
        HttpServiceBuilder::default()
            .graceful_shutdown_signal(move || {
                let shutdown = shutdown.clone();
                async move { shutdown.notified().await }
            })
            .keep_alive(self.keep_alive)
            .client_request_timeout(self.request_timeout)
            .client_disconnect_timeout(LINGER)
            .on_connect_ext(move |connection: &Watched<T>, extensions: &mut Extensions| {
                let stream = connection.get_ref();
                bound(stream.tcp());
                connections.on_connect(stream.tcp(), T::IS_PLAIN, &connection.activity, extensions);
                extensions.insert(connection.input.clone());
            })
            .finish(map_config(app, |()| AppConfig::default()))
            .map_err(Ended::Http)
    }
}

/// A connection, encrypted or not.
trait Stream: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + 'static {
    /// Whether bytes can be written past it.
    const IS_PLAIN: bool;

    /// What it is on the network.
    fn tcp(&self) -> &TcpStream;
}

impl Stream for TcpStream {
    const IS_PLAIN: bool = true;

    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Stream for TlsStream<TcpStream> {
    const IS_PLAIN: bool = false;

    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// Whatever a client does to its connection is no fault of ours.
fn log(ended: &Ended) {
    tracing::debug!(error = ended as &dyn std::error::Error, "a connection ended early");
}

/// Bounds what a client that stops reading holds up.
fn bound(stream: &TcpStream) {
    let socket = SockRef::from(stream);
    // A notification is small, and must not wait for the one before it to be acknowledged.
    let bounded = socket.set_tcp_nodelay(true).and_then(|()| socket.set_send_buffer_size(SEND_BUFFER));
    // A system that can't do so has bounds of its own.
    #[cfg(target_os = "linux")]
    let bounded = bounded.and_then(|()| socket.set_tcp_user_timeout(Some(STALL)));
    if let Err(error) = bounded {
        tracing::debug!(%error, "a connection keeps the system's bounds");
    }
}
