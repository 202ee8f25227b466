//! Metrics for Prometheus, on an address of their own.
//!
//! The library records by the crate `metrics`. A program that embeds it installs a recorder of its own, or nothing is
//! counted; our binary installs the one here.

mod process;

use crate::background::Task;
use crate::program::{
    background::sampler,
    settings::{InvalidSetting, MetricsAddress},
    start::StartError,
    wiring::Adapters,
};
use actix_web::{
    App, HttpResponse, HttpServer,
    dev::ServerHandle,
    http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue},
    web::{self, Data},
};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use process::Process;
use std::{
    io,
    net::{SocketAddr, TcpListener},
    time::{Duration, Instant},
};
use tokio::{
    task::{JoinHandle, spawn_blocking},
    time::{MissedTickBehavior, interval},
};

/// `Content-Type` of version 0.0.4 of Prometheus' text format.
const TEXT_FORMAT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// Bounds of the buckets of durations, in seconds. A read takes tens of microseconds, a write as long as the disk (1 to
/// 10 ms), a login a quarter of a second; after 10 s all our timeouts have passed. With three buckets a decade, a
/// quantile is accurate within a factor of 2.5.
const SECONDS: [f64; 16] =
    [0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Bounds of the buckets of units of work that share a commit, up to the maximum of a commit.
const UNITS: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// How often what was recorded is sorted into buckets: until then each observation takes 16 bytes.
const UPKEEP: Duration = Duration::from_secs(5);

/// Maximum number of concurrent connections: some Prometheus servers, and people.
const CONNECTIONS: usize = 32;

/// Updates the metrics that are read only when they are scraped.
type Observe = Box<dyn Fn() + Send + Sync>;

/// The installed recorder and its socket, until it is [served](Self::serve).
pub struct Exporter {
    listener: TcpListener,
    handle: PrometheusHandle,
    begun: Instant,
}

impl Exporter {
    /// Installs the recorder, if `address` can be listened on. What was counted before is lost.
    pub fn open(address: MetricsAddress) -> Result<Option<Self>, StartError> {
        let listener = match address {
            MetricsAddress::Off => return Ok(None),
            MetricsAddress::Chosen(address) => {
                TcpListener::bind(address).map_err(|error| cannot_listen(address, &error))?
            }
            MetricsAddress::Default(address) => match TcpListener::bind(address) {
                Ok(listener) => listener,
                Err(error) => {
                    tracing::warn!(
                        %error,
                        "no metrics: {address} can't be used; choose another address, for example \
                         METRICS_ADDR=127.0.0.1:9465, or METRICS_ADDR=off"
                    );
                    return Ok(None);
                }
            },
        };
        let recorder = PrometheusBuilder::new()
            .set_buckets(&SECONDS)
            .and_then(|builder| builder.set_buckets_for_metric(Matcher::Suffix("_units".to_owned()), &UNITS))
            .map_err(|error| StartError::failed("metrics", &error))?
            .build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).map_err(|error| StartError::failed("metrics", &error))?;
        let version = env!("CARGO_PKG_VERSION");
        metrics::gauge!(description: "The program.", "fasttrack_build_info", "version" => version).set(1);
        Ok(Some(Self { listener, handle, begun: Instant::now() }))
    }

    /// Serves `GET /metrics` by a thread of its own, so that busy workers don't delay it.
    pub fn serve(self, adapters: &Adapters) -> Result<Serving, StartError> {
        let process = Process::new(adapters.now(), self.begun.elapsed());
        let failed = |error: io::Error| StartError::failed("METRICS_ADDR", &error);
        let upkeep = self.handle.clone();
        let figures = Data::new(Figures { handle: self.handle, process, observe: Box::new(adapters.observe()) });
        let server = HttpServer::new(move || {
            let show = async |figures: Data<Figures>| figures.show();
            App::new().app_data(figures.clone()).service(web::resource("/metrics").get(show))
        })
        .workers(1)
        .max_connections(CONNECTIONS)
        .shutdown_timeout(1)
        .disable_signals()
        .listen(self.listener)
        .map_err(failed)?;
        for address in server.addrs() {
            tracing::info!("metrics at http://{address}/metrics");
        }
        let server = server.run();
        Ok(Serving {
            handle: server.handle(),
            server: tokio::spawn(server),
            sampler: sampler::start(adapters.use_cases().maintenance),
            upkeep: Task::start("metrics", |mut stopped| async move {
                let mut ticks = interval(UPKEEP);
                ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
                while stopped.or(ticks.tick()).await.is_some() {
                    let handle = upkeep.clone();
                    // Half a million observations take tens of milliseconds.
                    drop(spawn_blocking(move || handle.run_upkeep()).await);
                }
            }),
        })
    }
}

/// The running server of the metrics, and its background tasks.
pub struct Serving {
    handle: ServerHandle,
    server: JoinHandle<io::Result<()>>,
    sampler: Task,
    upkeep: Task,
}

impl Serving {
    pub async fn stop(self) {
        self.sampler.stop().await;
        self.upkeep.stop().await;
        self.handle.stop(false).await;
        if let Ok(Err(error)) = self.server.await {
            tracing::error!(%error, "the server of metrics failed");
        }
    }
}

/// State of `GET /metrics`.
struct Figures {
    handle: PrometheusHandle,
    process: Process,
    observe: Observe,
}

impl Figures {
    fn show(&self) -> HttpResponse {
        (self.observe)();
        let mut text = self.handle.render();
        self.process.render(&mut text);
        HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, TEXT_FORMAT))
            .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
            .body(text)
    }
}

fn cannot_listen(address: SocketAddr, error: &io::Error) -> StartError {
    match error.kind() {
        io::ErrorKind::AddrInUse => StartError::Failed(format!(
            "METRICS_ADDR: {address} is in use already; choose another, for example METRICS_ADDR=127.0.0.1:9465"
        )),
        _ => InvalidSetting::new("METRICS_ADDR", format!("can't listen on {address}: {error}")).into(),
    }
}
