//! Serves until a signal, and shuts down gracefully.

use crate::program::{
    background as tasks, capacity,
    exporter::Exporter,
    http_service::HttpService,
    listeners::Listeners,
    settings::{InvalidSetting, Server as ServerSettings, Settings},
    start::StartError,
    tls::{self, Certificate},
    wiring::{self, Adapters},
};
use crate::{
    app::Application,
    background::Background,
    http::{config::HttpConfig, connection::Connections, graceful_shutdown::ShutdownFlag},
    realtime::{Realtime, RealtimeConfig},
};
use actix_server::Server;
use futures_util::poll;
use std::{io, net::SocketAddr, pin::pin, sync::Arc, task::Poll, time::Duration};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Seconds that requests may take to finish during the graceful shutdown.
const SHUTDOWN_TIMEOUT: u64 = 30;

/// Serves until SIGTERM or SIGINT. The graceful shutdown finishes requests and background work, and returns when all of
/// it is on disk. A second signal ends the delay before it, or aborts what is still running.
pub async fn serve(settings: &Settings) -> Result<(), StartError> {
    let certificate = settings.server.tls.clone().map(Certificate::load).transpose()?.map(Arc::new);
    let https = certificate.clone().map(tls::config).transpose().map_err(|error| StartError::failed("TLS", &error))?;
    // Before anything is counted.
    let exporter = Exporter::open(settings.observability.metrics)?;
    // Held longer than the database is open.
    let _lock = wiring::lock_database(settings).await?;
    let adapters = Adapters::open(settings).await?;
    let follower = adapters.follow().await?;
    let shutdown = ShutdownFlag::default();
    let bounds = capacity::bounds(settings)?;
    let per_worker = capacity::per_worker(&bounds, settings.server.workers);
    let connections = Connections::new(bounds);
    let application = application(&adapters, settings, &shutdown).await?;
    let listeners = Listeners::bind(&settings.server.host, settings.server.port)
        .map_err(|error| cannot_listen(settings, &error))?;
    let scheme = if https.is_some() { "https" } else { "http" };
    let service = HttpService {
        keep_alive: settings.limits.keep_alive,
        request_timeout: settings.limits.request_timeout,
        tls: https,
        connections: connections.clone(),
    };
    let mount = {
        let application = application.clone();
        move || application.app()
    };
    let mut builder = Server::build()
        .workers(settings.server.workers)
        .shutdown_timeout(SHUTDOWN_TIMEOUT)
        .disable_signals()
        .max_concurrent_connections(per_worker);
    let mut addresses = Vec::new();
    for listener in listeners.try_clone().map_err(|error| cannot_listen(settings, &error))? {
        addresses.extend(listener.local_addr());
        builder = service.listen(builder, listener, mount.clone()).map_err(|error| cannot_listen(settings, &error))?;
    }
    let mut signals = Signals::new().map_err(|error| StartError::failed("signals", &error))?;
    let hangups = signal(SignalKind::hangup()).map_err(|error| StartError::failed("signals", &error))?;

    let metrics = exporter.map(|exporter| exporter.serve(&adapters)).transpose()?;

    let mut background = Background::start(&application, adapters.news());
    background.add(tasks::auditor::start(adapters.audit()));
    background.add(tasks::idle::start(connections));
    background.add(tasks::reloader::start(hangups, certificate));

    let running = builder.run();
    let handle = running.handle();
    let mut running = pin!(running);
    // The first poll begins to accept connections, before a line says so.
    let early = poll!(running.as_mut());
    for address in addresses {
        tracing::info!("listening on {scheme}://{address}");
    }
    let outcome = match early {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => tokio::select! {
            outcome = running.as_mut() => outcome,
            () = signals.next() => {
                tracing::info!("graceful shutdown: finishing requests and background work");
                tokio::select! {
                    () = drain(listeners, &shutdown, settings.server.shutdown_delay) => {}
                    () = signals.next() => {}
                }
                application.realtime.shut_down();
                drop(handle.stop(true));
                tokio::select! {
                    outcome = running.as_mut() => outcome,
                    () = signals.next() => {
                        tracing::warn!("a second signal: aborting what is still running");
                        drop(handle.stop(false));
                        Ok(())
                    }
                }
            }
        },
    };
    background.stop().await;
    follower.stop().await;
    if let Some(metrics) = metrics {
        metrics.stop().await;
    }
    // Dropping the last handle of the database waits until every write is on disk.
    drop((application, adapters));
    tracing::info!("stopped");
    outcome.map_err(|error| StartError::failed("the server", &error))
}

/// Builds the API on these adapters.
pub async fn application(
    adapters: &Adapters,
    settings: &Settings,
    shutdown: &ShutdownFlag,
) -> Result<Application, StartError> {
    let (api, limits) = (adapters.api(), adapters.limits(settings).await);
    Application::new(api, limits, realtime(settings), http_config(settings, shutdown))
        .map_err(|error| StartError::failed("the OpenAPI document", &error))
}

fn realtime(settings: &Settings) -> Realtime {
    Realtime::new(RealtimeConfig {
        origins: settings.server.cors_origins.clone(),
        connections_per_user: settings.limits.connections_per_user,
        ping_interval: settings.limits.ping_interval,
    })
}

fn http_config(settings: &Settings, shutdown: &ShutdownFlag) -> HttpConfig {
    HttpConfig {
        cors_origins: settings.server.cors_origins.clone(),
        trusted_proxies: settings.limits.trusted_proxies.clone(),
        is_tls: settings.server.tls.is_some(),
        shutdown: shutdown.clone(),
        body_timeout: settings.limits.request_timeout,
        max_queue: settings.limits.max_queue,
    }
}

/// Fails readiness checks for the delay, so that load balancers choose other nodes, and then accepts no more
/// connections.
async fn drain(listeners: Listeners, shutdown: &ShutdownFlag, delay: Duration) {
    if delay > Duration::ZERO {
        shutdown.set();
        tokio::time::sleep(delay).await;
        listeners.close().await;
    }
}

/// Signals that end the server.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Installs handlers for the signals, which no longer end the process by themselves.
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

fn cannot_listen(settings: &Settings, error: &io::Error) -> StartError {
    let ServerSettings { host, port, .. } = &settings.server;
    match error.kind() {
        io::ErrorKind::AddrInUse => StartError::Failed(format!(
            "PORT: {port} on {host} is in use already; choose another, for example PORT=8081"
        )),
        io::ErrorKind::PermissionDenied => StartError::Failed(format!(
            "PORT: {port} may not be used by this user; choose another, for example PORT=8080"
        )),
        _ => {
            let fault = format!("can't listen on {host:?}: {error}");
            InvalidSetting { name: "HOST", fault, example: "127.0.0.1".to_owned() }.into()
        }
    }
}

/// Returns the address at which a program on this machine reaches the server.
pub fn local_address(settings: &Settings) -> String {
    let host = match settings.server.host.as_str() {
        "0.0.0.0" => "127.0.0.1".to_owned(),
        "::" => "[::1]".to_owned(),
        host if host.contains(':') => format!("[{host}]"),
        host => host.to_owned(),
    };
    match format!("{host}:{}", settings.server.port).parse::<SocketAddr>() {
        Ok(address) => address.to_string(),
        Err(_) => format!("{host}:{}", settings.server.port),
    }
}
