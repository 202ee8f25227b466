//! Concrete adapters behind the ports: the only place that names them.

mod account;
mod api;
mod backup;
mod database;
mod external;
mod keys;
mod limits;
mod todo;

pub use backup::{BackupProgress, Contents, Restored, backup, restore};
pub use database::{Database, DatabaseUrl, InvalidDatabaseUrl, Progress, copy, lock_database, served_by};
pub use external::JwksUrl;
pub use fasttrack_infra_diesel::audit::AuditQueue;
pub use fasttrack_infra_notify::mail::{Sender, SmtpUrl};
pub use keys::{KeyAlgorithm, generate_key, signing_key_file};
pub use limits::RedisUrl;

use crate::program::{settings::Settings, start::StartError};
use database::unusable;
use external::external_tokens;
use fasttrack_app::{event, job, maintenance, notification, statistics, subscriber, user};
use fasttrack_domain::{
    Timestamp,
    job::WorkerId,
    ports::{
        clock::Clock,
        identity::ExternalVerifier,
        mail::Mailer,
        news::{NewsBoard, NewsSource},
        password::PasswordHasher,
    },
};
use fasttrack_infra_auth::{
    clock::SystemClock,
    follower::{BlocklistFollower, Intervals},
    memory::TokenMemory,
    password::BcryptHasher,
    secret::RandomSecrets,
    token::{JwtConfig, JwtTokens},
};
use fasttrack_infra_diesel::Repositories;
use fasttrack_infra_notify::{
    hub::Hub,
    mail::{LogMailer, SmtpMailer},
};
use keys::key_ring;
use std::{sync::Arc, thread};
use uuid::Uuid;

/// Passwords that may wait for a thread of the hasher: about eight seconds' worth at the default cost.
const WAITING_PASSWORDS_PER_THREAD: usize = 32;

// @spec SPEC-012
// @decision DEC-003
// @norm NORM-ARCH-001
/// What the server and the command line both need.
pub struct Adapters {
    database: Database,
    repositories: Repositories,
    /// For what is looked up before it is known whose a request is.
    uncounted: Repositories,
    hasher: Arc<dyn PasswordHasher>,
    tokens: Arc<JwtTokens>,
    external: Option<Arc<dyn ExternalVerifier>>,
    blocklist: Arc<TokenMemory>,
    board: Arc<dyn NewsBoard>,
    audit: Arc<AuditQueue>,
    clock: Arc<dyn Clock>,
    jwks: serde_json::Value,
}

impl Adapters {
    /// Opens what the settings name.
    pub async fn open(settings: &Settings) -> Result<Self, StartError> {
        let database = Database::open_current(settings).await?;
        let keys = key_ring(settings)?;
        let jwks = serde_json::to_value(keys.jwks()).map_err(|error| StartError::failed("the public keys", &error))?;
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let hasher = BcryptHasher::new(settings.bcrypt_cost, threads, threads * WAITING_PASSWORDS_PER_THREAD)
            .map_err(|error| StartError::failed("BCRYPT_COST", &error))?;
        let (repositories, uncounted) = (database.repositories(), database.uncounted());
        let audit = Arc::new(AuditQueue::new(repositories.audit.clone()));
        let hasher = hasher.asking(repositories.password_costs.clone());
        let blocklist = Arc::new(TokenMemory::default());
        let config = JwtConfig {
            keys,
            issuer: settings.token_issuer.clone(),
            audience: settings.token_audience.clone(),
            access_lifetime: settings.access_lifetime,
            refresh_lifetime: settings.refresh_lifetime.min(settings.session_lifetime),
        };
        let tokens = JwtTokens::new(config, Arc::clone(&blocklist), uncounted.revocations.clone());
        Ok(Self {
            database,
            repositories,
            uncounted,
            hasher: Arc::new(hasher),
            tokens: Arc::new(tokens),
            external: external_tokens(settings)?,
            blocklist,
            board: Arc::new(Hub::default()),
            audit,
            clock: Arc::new(SystemClock),
            jwks,
        })
    }

    /// Begins to hear what other processes revoke. No token is verified before.
    pub async fn follow(&self) -> Result<BlocklistFollower, StartError> {
        let repositories = &self.repositories;
        BlocklistFollower::start(
            repositories.revocations.clone(),
            self.blocklist.clone(),
            self.clock.clone(),
            Intervals::default(),
        )
        .await
        .map_err(unusable)
    }

    /// Forgets what has expired.
    pub fn sweep(&self, settings: &Settings) -> maintenance::sweep::Sweep {
        let all = self.repositories.clone();
        let ports = maintenance::sweep::Ports {
            revocations: all.revocations,
            sessions: all.sessions,
            idempotency: all.idempotency,
            tickets: all.tickets,
            resets: all.resets,
            verifications: all.verifications,
            attempts: all.login_attempts,
            notifications: all.notifications,
            jobs: all.jobs,
            notices: all.notices,
            audit: all.audit,
        };
        maintenance::sweep::Sweep::new(ports, settings.limits.retention, self.clock.clone())
    }

    /// Lines of the audit that are to be written.
    pub fn audit(&self) -> Arc<AuditQueue> {
        self.audit.clone()
    }

    /// How much waits to be done in the background.
    pub fn measure_backlog(&self) -> maintenance::backlog::MeasureBacklog {
        let Repositories { outbox, jobs, .. } = self.repositories.clone();
        maintenance::backlog::MeasureBacklog::new(outbox, jobs, self.clock.clone())
    }

    /// Brings up to date what metrics show as it is at a moment.
    pub fn observe(&self) -> impl Fn() + Send + Sync + use<> {
        let (pool, blocklist) = (self.database.pool(), self.blocklist.clone());
        move || {
            pool.iter().for_each(fasttrack_infra_diesel::postgres::Database::observe);
            blocklist.observe();
        }
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Turns events into what follows from them.
    pub fn dispatch(&self) -> event::dispatch::Dispatch {
        event::dispatch::Dispatch::new(self.repositories.outbox.clone(), subscriber::all(), self.board.clone())
    }

    /// Does jobs, as a worker of its own.
    pub fn work(&self, settings: &Settings) -> Result<job::work::Work, StartError> {
        let Repositories { jobs, users, tasks, resets, verifications, notices, .. } = self.repositories.clone();
        let perform = job::perform::Perform {
            users,
            tasks,
            resets,
            verifications,
            notices,
            secrets: Arc::new(RandomSecrets),
            mailer: mailer(settings)?,
            clock: self.clock.clone(),
            account_mails: job::perform::AccountMails {
                reset_page: settings.reset_page.clone(),
                verification_page: settings.verification_page.clone(),
                external_users_may_set_password: settings.account_policy.external_users_may_set_password,
            },
        };
        let worker = WorkerId::new(Uuid::new_v4().to_string());
        Ok(job::work::Work::new(jobs, perform, self.clock.clone(), worker))
    }

    /// What other nodes dispatch; `None` where there can be none.
    pub fn news(&self) -> Option<Box<dyn NewsSource>> {
        self.database.listen()
    }

    /// Where news are put up on this node.
    pub fn board(&self) -> Arc<dyn NewsBoard> {
        self.board.clone()
    }

    /// Makes up for hints that were missed.
    pub fn catch_up(&self) -> notification::catch_up::CatchUp {
        notification::catch_up::CatchUp::new(self.repositories.notifications.clone(), self.board.clone())
    }

    /// For `fasttrack jobs list`.
    pub fn list_jobs(&self) -> job::list::ListJobs {
        job::list::ListJobs::new(self.repositories.jobs.clone(), self.clock.clone())
    }

    /// For `fasttrack jobs retry`.
    pub fn retry_jobs(&self) -> job::retry::RetryJobs {
        job::retry::RetryJobs::new(self.repositories.jobs.clone(), self.clock.clone())
    }

    /// For `fasttrack stats rebuild`.
    pub fn rebuild_statistics(&self) -> statistics::rebuild::RebuildStatistics {
        statistics::rebuild::RebuildStatistics::new(self.repositories.statistics.clone(), self.clock.clone())
    }

    /// For `fasttrack user create`.
    pub fn create_user(&self) -> user::create::CreateUser {
        user::create::CreateUser::new(self.repositories.users.clone(), self.hasher.clone(), self.clock.clone())
    }

    /// For `fasttrack user list`.
    pub fn list_accounts(&self) -> user::list_accounts::ListAccounts {
        user::list_accounts::ListAccounts::new(self.repositories.users.clone())
    }

    /// For `fasttrack user set-password`.
    pub fn set_password(&self, settings: &Settings) -> user::set_password::SetPassword {
        user::set_password::SetPassword::new(
            self.repositories.users.clone(),
            self.hasher.clone(),
            self.blocklist.clone(),
            self.clock.clone(),
            settings.account_policy,
        )
    }
}

fn mailer(settings: &Settings) -> Result<Arc<dyn Mailer>, StartError> {
    let (Some(url), Some(sender)) = (settings.smtp_url.clone(), settings.mail_from.clone()) else {
        return Ok(Arc::new(LogMailer::new(settings.mail_log_body)));
    };
    let mailer = SmtpMailer::new(url, sender).map_err(|error| StartError::failed("SMTP_URL", &error))?;
    Ok(Arc::new(mailer))
}
