//! The API on the adapters of the program, for an application that mounts it.

use super::{
    background as tasks, server,
    settings::{self, Settings},
    start::StartError,
    wiring::{self, Adapters, BlocklistFollower, ServerLock},
};
use crate::{app::Application, background::Background, http::graceful_shutdown::ShutdownFlag};

/// The API, its adapters and its background work. What `fasttrack serve` adds are listeners, signals and metrics.
///
/// ```no_run
/// use actix_web::{App, HttpServer};
/// use fasttrack_api_actix::program::{Embedded, StartError};
///
/// # async fn run() -> Result<(), StartError> {
/// let tracker = Embedded::start([("DATA_DIR", "/var/lib/tracker".to_owned())]).await?;
/// let application = tracker.application.clone();
/// let server = HttpServer::new(move || App::new().service(application.scope("/tracker")));
/// # drop(server);
/// tracker.stop().await;
/// # Ok(())
/// # }
/// ```
pub struct Embedded {
    /// The API, to be mounted on an actix-web application.
    pub application: Application,
    shutdown: ShutdownFlag,
    background: Background,
    follower: BlocklistFollower,
    adapters: Adapters,
    /// The lock is held longer than the database is open, so that no other process serves it.
    _lock: Option<ServerLock>,
}

impl Embedded {
    /// Opens the database, and starts the background work.
    ///
    /// Settings have the names of their environment variables, like `DATA_DIR`, `DATABASE_URL` and `RATE_LIMIT_REQUESTS`.
    /// An absent setting has its default; the environment is not read.
    ///
    /// # Errors
    ///
    /// If settings are invalid or unknown, or what they name can't be used.
    pub async fn start(settings: impl IntoIterator<Item = (&'static str, String)>) -> Result<Self, StartError> {
        let given: Vec<_> = settings.into_iter().collect();
        let known = settings::describe();
        if let Some((name, _)) = given.iter().find(|(name, _)| known.iter().all(|setting| setting.name != *name)) {
            return Err(StartError::Failed(format!("{name}: there is no such setting")));
        }
        let settings = Settings::check(&given.into_iter().collect()).map_err(|faults| {
            StartError::Failed(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        })?;
        let lock = wiring::lock_database(&settings).await?;
        let adapters = Adapters::open(&settings).await?;
        let follower = adapters.follow().await?;
        let shutdown = ShutdownFlag::default();
        let application = server::application(&adapters, &settings, &shutdown).await?;
        let mut background = Background::start(&application, adapters.news());
        background.add(tasks::auditor::start(adapters.audit()));
        Ok(Self { application, shutdown, background, follower, adapters, _lock: lock })
    }

    /// Closes WebSockets and event streams, finishes the background work, and waits until every write is on disk. To be
    /// called after the HTTP server has stopped.
    pub async fn stop(self) {
        self.shutdown.set();
        self.application.realtime.shut_down();
        self.background.stop().await;
        self.follower.stop().await;
        // Dropping the last handle of the database waits until every write is on disk.
        drop((self.application, self.adapters));
    }
}
