//! Serving until told to stop.

use crate::{
    app,
    openapi::Document,
    settings::{InvalidSetting, Settings},
    start::StartError,
    sweeper::Sweeper,
    wiring::Adapters,
};
use actix_web::{HttpServer, web::Data};
use futures_util::poll;
use std::{io, net::SocketAddr, pin::pin, task::Poll};

/// What runs when the server is told to stop has this long, in seconds.
const SHUTDOWN_TIMEOUT: u64 = 30;

/// Serves until SIGTERM or SIGINT, and returns when all that ran is finished and on disk.
pub async fn serve(settings: &Settings) -> Result<(), StartError> {
    let adapters = Adapters::open(settings).await?;
    let follower = adapters.follow().await?;
    let sweeper = Sweeper::start(adapters.sweep());
    let document = Document::new().map_err(|error| StartError::failed("the OpenAPI document", &error))?;
    let (api, document) = (Data::new(adapters.api(settings)), Data::new(document));
    let server = HttpServer::new({
        let api = api.clone();
        move || app::app(api.clone(), document.clone())
    })
    .workers(settings.workers)
    .shutdown_timeout(SHUTDOWN_TIMEOUT)
    .bind((settings.host.as_str(), settings.port))
    .map_err(|error| cannot_listen(settings, &error))?;

    let addresses = server.addrs();
    let mut running = pin!(server.run());
    // The first poll begins to accept and to listen for signals; the line below promises both.
    let early = poll!(running.as_mut());
    for address in addresses {
        tracing::info!("listening on http://{address}");
    }
    let outcome = match early {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => running.await,
    };
    tracing::info!("stopping");
    sweeper.stop().await;
    follower.stop().await;
    // The last to hold the database waits until all that was handed in is on disk.
    drop((api, adapters));
    tracing::info!("stopped");
    outcome.map_err(|error| StartError::failed("the server", &error))
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
