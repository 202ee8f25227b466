//! The HTTP service behind each listener.
//!
//! It differs from what `actix_web::HttpServer` builds in two things: connections are [`Watched`], so that an endless
//! response ends with its client, and a connection that ends early is logged at `debug`, as its client caused that.

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

/// How long a connection that the server ends is still read, so that a client which is sending receives the response.
/// More than the 500 ms by which actix's clock may be late: with less, the deadline could be past when it is set.
const LINGER: Duration = Duration::from_millis(600);

/// Size in bytes of the buffer in which the operating system holds what a client has not read.
const SEND_BUFFER: usize = 256 * 1024;

/// How long a client may acknowledge nothing of what was sent (RFC 5482) until its connection is closed.
const STALL: Duration = Duration::from_secs(30);

/// The HTTP settings that all listeners share.
#[derive(Clone, Debug)]
pub struct HttpService {
    /// How long a connection without a request is kept.
    pub keep_alive: Duration,
    /// How long a client may take to send the head of a connection's first request.
    pub request_timeout: Duration,
    /// Without it, the listeners serve HTTP without TLS.
    pub tls: Option<ServerConfig>,
    /// Counts the connections of all listeners.
    pub connections: Connections,
}

/// Why a connection ended early.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error("TLS: {0:?}")]
    Tls(TlsError<io::Error, Infallible>),
    #[error(transparent)]
    Http(DispatchError),
}

/// A connection with the address of its client.
type Connected<T> = (Watched<T>, Protocol, Option<SocketAddr>);

impl HttpService {
    /// Adds a listener, whose connections are served by what `mount` builds for each worker.
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
        let (service, shutdown) = (self.clone(), builder.graceful_shutdown_signal());
        let Some(config) = &self.tls else {
            return builder.listen(name, listener, move || {
                let accept = fn_service(|stream: TcpStream| async move {
                    let peer = stream.peer_addr().ok();
                    Ok((Watched::new(stream), Protocol::Http1, peer))
                });
                accept.and_then(service.http(mount(), &shutdown)).map_err(|ended| log(&ended))
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
                .and_then(service.http(mount(), &shutdown))
                .map_err(|ended| log(&ended))
        })
    }

    /// Builds the HTTP service of one worker.
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
    /// Whether bytes can be written to the socket directly.
    const IS_PLAIN: bool;

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

/// Logs at `debug`, as the client caused it.
fn log(ended: &Ended) {
    tracing::debug!(error = ended as &dyn std::error::Error, "a connection ended early");
}

/// Bounds the memory and the time that a client which stops reading occupies.
fn bound(stream: &TcpStream) {
    let socket = SockRef::from(stream);
    // A notification is small, and must not wait for the one before it to be acknowledged.
    let bounded = socket.set_tcp_nodelay(true).and_then(|()| socket.set_send_buffer_size(SEND_BUFFER));
    // Other systems have bounds of their own.
    #[cfg(target_os = "linux")]
    let bounded = bounded.and_then(|()| socket.set_tcp_user_timeout(Some(STALL)));
    if let Err(error) = bounded {
        tracing::debug!(%error, "a connection keeps the system's defaults");
    }
}
