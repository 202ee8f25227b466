//! Serving until told to stop.

use crate::{
    app, background, capacity,
    door::Door,
    http::{
        connection::Connections,
        drain::Draining,
        edge::{Edge, Patience},
    },
    metrics::Exporter,
    openapi::Document,
    realtime::{Realtime, RealtimeConfig},
    settings::{InvalidSetting, Settings},
    start::StartError,
    tls::{self, Certificate},
    wiring::Adapters,
};
use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::{HttpServer, dev::Extensions, rt::net::TcpStream, web::Data};
use futures_util::poll;
use socket2::SockRef;
use std::{any::Any, io, net::SocketAddr, pin::pin, sync::Arc, task::Poll, time::Duration};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What runs when the server is told to stop has this long, in seconds.
const SHUTDOWN_TIMEOUT: u64 = 30;

/// How long a connection that we end is still read, so that a client which is sending gets to see why. A client that
/// has said goodbye waits for it to be over. More than the 500 ms by which actix's clock may be late: a moment that is
/// past already would never come.
const LINGER: Duration = Duration::from_millis(600);

/// Serves until SIGTERM or SIGINT, and returns when all that ran is finished and on disk. A second
/// signal cuts the delay short that comes first, or gives up what still runs.
pub async fn serve(settings: &Settings) -> Result<(), StartError> {
    let certificate = settings.tls.clone().map(Certificate::load).transpose()?.map(Arc::new);
    let https = certificate.clone().map(tls::config).transpose().map_err(|error| StartError::failed("TLS", &error))?;
    // Before all that counts.
    let exporter = Exporter::open(settings.observability.metrics)?;
    let adapters = Adapters::open(settings).await?;
    let work = adapters.work(settings)?;
    let follower = adapters.follow().await?;
    let document = Document::new().map_err(|error| StartError::failed("the OpenAPI document", &error))?;
    let realtime = realtime(settings);
    let draining = Draining::default();
    let bounds = capacity::bounds(settings)?;
    let per_worker = capacity::per_worker(&bounds, settings.workers);
    let connections = Connections::new(bounds);
    let (document, edge) = (Data::new(document), Data::new(edge(settings, &draining)));
    let limits = adapters.limits(settings).await;
    let (api, realtime) = (Data::new(adapters.api(settings, limits)), Data::new(realtime));
    let door = Door::open(&settings.host, settings.port).map_err(|error| cannot_listen(settings, &error))?;
    let mut server = HttpServer::new({
        let (api, realtime) = (api.clone(), realtime.clone());
        move || app::app(api.clone(), document.clone(), realtime.clone(), edge.clone())
    })
    .workers(settings.workers)
    .shutdown_timeout(SHUTDOWN_TIMEOUT)
    .disable_signals()
    // A notification is small, and must not wait for the one before it to be acknowledged.
    .tcp_nodelay(true)
    .client_disconnect_timeout(LINGER)
    .tls_handshake_timeout(tls::HANDSHAKE_TIMEOUT)
    .max_connection_rate(tls::HANDSHAKES)
    .client_request_timeout(settings.limits.request_timeout)
    .max_connections(per_worker)
    .on_connect(take_in(connections.clone()));
    for listener in door.listeners().map_err(|error| cannot_listen(settings, &error))? {
        server = match &https {
            Some(config) => server.listen_rustls_0_23(listener, config.clone()),
            None => server.listen(listener),
        }
        .map_err(|error| cannot_listen(settings, &error))?;
    }
    let mut signals = Signals::new().map_err(|error| StartError::failed("signals", &error))?;
    let hangups = signal(SignalKind::hangup()).map_err(|error| StartError::failed("signals", &error))?;

    let metrics = exporter.map(|exporter| exporter.serve(&adapters)).transpose()?;

    // In the order in which they are stopped.
    let background = [
        background::dispatcher::start(adapters.dispatch()),
        background::worker::start(work),
        background::guard::start(api.clone(), realtime.clone()),
        background::sweeper::start(adapters.sweep()),
        background::idle::start(connections),
        background::reloader::start(hangups, certificate),
    ];
    let listener = adapters.news().map(|news| background::listener::start(news, adapters.board(), adapters.catch_up()));

    let (addresses, scheme) = (server.addrs(), if https.is_some() { "https" } else { "http" });
    let running = server.run();
    let handle = running.handle();
    let mut running = pin!(running);
    // The first poll begins to accept; the line below promises it.
    let early = poll!(running.as_mut());
    for address in addresses {
        tracing::info!("listening on {scheme}://{address}");
    }
    let outcome = match early {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => tokio::select! {
            outcome = running.as_mut() => outcome,
            () = signals.next() => {
                tracing::info!("stopping");
                tokio::select! {
                    () = leave(door, &draining, settings.shutdown_delay) => {}
                    () = signals.next() => {}
                }
                realtime.shut_down();
                drop(handle.stop(true));
                tokio::select! {
                    outcome = running.as_mut() => outcome,
                    () = signals.next() => {
                        tracing::warn!("told again to stop: what still runs is given up");
                        drop(handle.stop(false));
                        Ok(())
                    }
                }
            }
        },
    };
    for background in background.into_iter().chain(listener) {
        background.stop().await;
    }
    follower.stop().await;
    if let Some(metrics) = metrics {
        metrics.stop().await;
    }
    // The last to hold the database waits until all that was handed in is on disk.
    drop((api, adapters));
    tracing::info!("stopped");
    outcome.map_err(|error| StartError::failed("the server", &error))
}

fn realtime(settings: &Settings) -> Realtime {
    Realtime::new(RealtimeConfig {
        origins: settings.cors_origins.clone(),
        connections_per_user: settings.connections_per_user,
        ping_interval: settings.ping_interval,
    })
}

fn edge(settings: &Settings, draining: &Draining) -> Edge {
    Edge {
        origins: settings.cors_origins.clone(),
        trusted_proxies: settings.limits.trusted_proxies.clone(),
        tls: settings.tls.is_some(),
        draining: draining.clone(),
        patience: Patience(settings.limits.request_timeout),
        max_queue: settings.limits.max_queue,
    }
}

/// What is done with each connection.
fn take_in(connections: Connections) -> impl Fn(&dyn Any, &mut Extensions) + Send + Sync + 'static {
    move |connection, extensions| {
        bound(connection);
        connections.enter(connection, extensions);
    }
}

/// Leads clients elsewhere for so long, and then lets no more in. Without a delay the server stops at once.
async fn leave(door: Door, draining: &Draining, delay: Duration) {
    if delay > Duration::ZERO {
        draining.begin();
        tokio::time::sleep(delay).await;
        door.close().await;
    }
}

/// What tells the server to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From now on they end the program no longer by themselves.
    fn new() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Bytes that the operating system keeps for a client which doesn't take them.
const SEND_BUFFER: usize = 256 * 1024;

/// How long a client may take nothing of what waits for it (RFC 5482): then its connection is over.
const STALL: Duration = Duration::from_secs(30);

/// Bounds what a client that stops reading holds up.
fn bound(connection: &dyn Any) {
    let behind_tls = || Some(connection.downcast_ref::<TlsStream<TcpStream>>()?.get_ref().0);
    let Some(stream) = connection.downcast_ref::<TcpStream>().or_else(behind_tls) else { return };
    let socket = SockRef::from(stream);
    // A system that can't do so has bounds of its own.
    let bounded = socket.set_send_buffer_size(SEND_BUFFER);
    #[cfg(target_os = "linux")]
    let bounded = bounded.and_then(|()| socket.set_tcp_user_timeout(Some(STALL)));
    if let Err(error) = bounded {
        tracing::debug!(%error, "a connection keeps the system's bounds");
    }
}

fn cannot_listen(settings: &Settings, error: &io::Error) -> StartError {
    let Settings { host, port, .. } = settings;
    match error.kind() {
        io::ErrorKind::AddrInUse => StartError::Failed(format!(
            "PORT: {port} on {host} is in use already; choose another, for example PORT=8081"
        )),
        io::ErrorKind::PermissionDenied => StartError::Failed(format!(
            "PORT: {port} may not be used by this user; choose another, for example PORT=8080"
        )),
        _ => InvalidSetting { name: "HOST", fault: format!("can't listen on {host:?}: {error}"), example: "127.0.0.1" }
            .into(),
    }
}

/// Where a program on this machine reaches the server that the settings describe.
pub fn local_address(settings: &Settings) -> String {
    let host = match settings.host.as_str() {
        "0.0.0.0" => "127.0.0.1".to_owned(),
        "::" => "[::1]".to_owned(),
        host if host.contains(':') => format!("[{host}]"),
        host => host.to_owned(),
    };
    match format!("{host}:{}", settings.port).parse::<SocketAddr>() {
        Ok(address) => address.to_string(),
        Err(_) => format!("{host}:{}", settings.port),
    }
}
