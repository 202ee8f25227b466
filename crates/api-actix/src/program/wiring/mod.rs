//! Concrete adapters behind the ports: the only place that names them.

mod api;
mod backup;
mod database;
mod keys;
mod limits;
pub mod types;

pub use backup::{BackupProgress, Contents, Restored, backup, restore};
pub use database::{Database, InvalidDatabaseUrl, Progress, copy, lock_database, served_by};
pub use fasttrack_infra_auth::follower::BlocklistFollower;
pub use fasttrack_infra_diesel::{audit::AuditQueue, sqlite::ServerLock};
pub use keys::{generate_key, signing_key_file};

use crate::payload::webhook::JsonDeliveryEncoder;
use crate::program::{settings::Settings, start::StartError};
use api::{external_tokens, mailer, use_case_config};
use database::unusable;
use fasttrack_app::{Ports, UseCases};
use fasttrack_domain::{
    Timestamp,
    ports::{Repositories, clock::Clock, notification_bus::NotificationListener},
};
use fasttrack_infra_auth::{
    api_token::ApiTokens,
    clock::SystemClock,
    follower::Intervals,
    memory::TokenMemory,
    password::BcryptHasher,
    secret::RandomSecrets,
    token::{JwtConfig, JwtTokens},
};
use fasttrack_infra_notify::bus::LocalNotificationBus;
use fasttrack_infra_webhooks::{endpoint::AllowedEndpoints, transport::HttpWebhookTransport};
use keys::key_ring;
use std::{sync::Arc, thread};

/// Passwords that may wait for a thread of the hasher: about eight seconds' worth at the default cost.
const WAITING_PASSWORDS_PER_THREAD: usize = 32;

// @spec SPEC-012
// @decision DEC-0001
// @norm NORM-ARCH-001
/// The adapters that the settings name, for the server and the command line.
pub struct Adapters {
    database: Database,
    repositories: Repositories,
    use_cases: UseCases,
    tokens: Arc<JwtTokens>,
    blocklist: Arc<TokenMemory>,
    audit: Arc<AuditQueue>,
    clock: Arc<dyn Clock>,
    jwks: serde_json::Value,
}

impl Adapters {
    /// Opens the database and loads the keys.
    pub async fn open(settings: &Settings) -> Result<Self, StartError> {
        let database = Database::open_current(settings).await?;
        let keys = key_ring(settings)?;
        let jwks = serde_json::to_value(keys.jwks()).map_err(|error| StartError::failed("the public keys", &error))?;
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let hasher = BcryptHasher::new(settings.tokens.bcrypt_cost, threads, threads * WAITING_PASSWORDS_PER_THREAD)
            .map_err(|error| StartError::failed("BCRYPT_COST", &error))?;
        let (repositories, uncounted) = (database.repositories(), database.uncounted());
        let audit = Arc::new(AuditQueue::new(repositories.audit.clone()));
        let hasher = hasher.with_costs(repositories.password_costs.clone());
        let blocklist = Arc::new(TokenMemory::default());
        let config = JwtConfig {
            keys,
            issuer: settings.tokens.issuer.clone(),
            audience: settings.tokens.audience.clone(),
            access_lifetime: settings.tokens.access_lifetime,
            refresh_lifetime: settings.tokens.refresh_lifetime.min(settings.tokens.session_lifetime),
        };
        let api_tokens = ApiTokens::new(Arc::clone(&blocklist), uncounted.api_tokens.clone());
        let tokens = JwtTokens::new(config, Arc::clone(&blocklist), uncounted.revocations.clone());
        let tokens = Arc::new(tokens);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let endpoints = AllowedEndpoints::new(settings.webhooks.allowed_networks.clone());
        let webhook_transport = HttpWebhookTransport::new(Arc::new(endpoints));
        let ports = Ports {
            repositories: repositories.clone(),
            uncounted,
            hasher: Arc::new(hasher),
            issuer: tokens.clone(),
            verifier: tokens.clone(),
            api_tokens: Arc::new(api_tokens),
            external: external_tokens(settings)?,
            secrets: Arc::new(RandomSecrets),
            blocklist: blocklist.clone(),
            bus: Arc::new(LocalNotificationBus::default()),
            audit: audit.clone(),
            mailer: mailer(settings)?,
            endpoint_policy: Arc::new(webhook_transport.policy()),
            webhook_transport: Arc::new(webhook_transport),
            delivery_encoder: Arc::new(JsonDeliveryEncoder),
            clock: clock.clone(),
        };
        let use_cases = UseCases::new(&ports, &use_case_config(settings));
        Ok(Self { database, repositories, use_cases, tokens, blocklist, audit, clock, jwks })
    }

    /// Starts to read revocations of other processes. Must succeed before any token is verified.
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

    /// Returns the queue of audit entries that are not written yet.
    pub fn audit(&self) -> Arc<AuditQueue> {
        self.audit.clone()
    }

    /// Updates the metrics that are read only when they are scraped.
    pub fn observe(&self) -> impl Fn() + Send + Sync + use<> {
        let (pool, blocklist) = (self.database.pool(), self.blocklist.clone());
        move || {
            pool.iter().for_each(fasttrack_infra_diesel::postgres::Database::observe);
            blocklist.observe();
        }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns a listener to other nodes' hints; `None` on SQLite, which serves one node.
    pub fn news(&self) -> Option<Box<dyn NotificationListener>> {
        self.database.listen()
    }
}
