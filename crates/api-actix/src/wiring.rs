//! Concrete adapters behind the ports: the only place that names them.

use crate::{
    api::Api,
    settings::{InvalidSetting, Settings},
    start::{StartError, ensure_data_dir},
};
use fasttrack_app::{auth, comment, maintenance, project, task, user};
use fasttrack_domain::ports::{
    clock::Clock,
    password::PasswordHasher,
    token::{TokenIssuer, TokenVerifier},
};
pub use fasttrack_infra_auth::keys::KeyAlgorithm;
use fasttrack_infra_auth::{
    blocklist::TokenBlocklist,
    clock::SystemClock,
    follower::{BlocklistFollower, Intervals},
    keys::{self, KeyError, KeyRing, SigningKey, VerificationKey},
    password::BcryptHasher,
    token::{JwtConfig, JwtTokens},
};
pub use fasttrack_infra_diesel::{
    DatabaseUrl, InvalidDatabaseUrl,
    copy::{Content, Progress, Table},
};
use fasttrack_infra_diesel::{
    Repositories, SchemaState,
    copy::{self, End},
    postgres,
    sqlite::{self, SqliteLocation},
};
use std::{error::Error, path::Path, sync::Arc, thread};

/// Passwords that may wait for a thread of the hasher: about eight seconds' worth at the default cost.
const WAITING_PASSWORDS_PER_THREAD: usize = 32;

/// Verified access tokens that are remembered, at about 300 bytes each.
const REMEMBERED_TOKENS: usize = 10_000;

/// The database that the settings name.
pub enum Database {
    /// In this process.
    Sqlite(sqlite::Database),
    /// On a server, shared by any number of nodes.
    Postgres(postgres::Database),
}

impl Database {
    /// As it is.
    pub fn open(settings: &Settings) -> Result<Self, StartError> {
        let url = if let Some(url) = &settings.database_url {
            url.clone()
        } else {
            ensure_data_dir(&settings.data_dir)?;
            DatabaseUrl::Sqlite(SqliteLocation::File(settings.data_dir.join("fasttrack.db")))
        };
        Self::at(&url, "DATABASE_URL", settings)
    }

    /// At `url`, which is what `name` says.
    fn at(url: &DatabaseUrl, name: &str, settings: &Settings) -> Result<Self, StartError> {
        match url {
            DatabaseUrl::Sqlite(location) => {
                sqlite::Database::open(location).map(Self::Sqlite).map_err(|error| StartError::failed(name, &error))
            }
            DatabaseUrl::Postgres(url) => postgres::Database::open(url, settings.database_pool_size)
                .map(Self::Postgres)
                .map_err(|error| StartError::failed(name, &error)),
        }
    }

    /// With the schema of this program: brought up to date where the settings allow.
    pub async fn open_current(settings: &Settings) -> Result<Self, StartError> {
        let database = Self::open(settings)?;
        match database.schema_state().await.map_err(unusable)? {
            SchemaState::UpToDate => {}
            SchemaState::Behind(_) if settings.auto_migrate => {
                let applied = database.migrate().await?;
                tracing::info!(migrations = applied.join(", "), "the database's schema was brought up to date");
            }
            SchemaState::Behind(names) => {
                let names = names.join(", ");
                return Err(StartError::Failed(format!(
                    "AUTO_MIGRATE: is false, and the database needs {names}; run `fasttrack migrate` or set AUTO_MIGRATE=true"
                )));
            }
            newer @ SchemaState::Newer(_) => {
                return Err(StartError::Failed(format!(
                    "DATABASE_URL: the schema of the database is {newer}; run that program, or restore a copy from before"
                )));
            }
        }
        Ok(database)
    }

    /// Applies what is pending, and names it.
    pub async fn migrate(&self) -> Result<Vec<String>, StartError> {
        match self {
            Self::Sqlite(database) => database.migrate().await,
            Self::Postgres(database) => database.migrate().await,
        }
        .map_err(unusable)
    }

    async fn schema_state(&self) -> Result<SchemaState, fasttrack_infra_diesel::Error> {
        match self {
            Self::Sqlite(database) => database.schema_state().await,
            Self::Postgres(database) => database.schema_state().await,
        }
    }

    fn repositories(&self) -> Repositories {
        match self {
            Self::Sqlite(database) => Repositories::sqlite(database),
            Self::Postgres(database) => Repositories::postgres(database),
        }
    }
}

fn unusable(error: impl Error) -> StartError {
    StartError::failed("DATABASE_URL", &error)
}

/// For `fasttrack copy`: all data of one database into another.
pub async fn copy(
    from: &DatabaseUrl,
    to: &DatabaseUrl,
    settings: &Settings,
    report: impl FnMut(Progress) + Send,
) -> Result<Vec<(Table, Content)>, StartError> {
    if let DatabaseUrl::Sqlite(SqliteLocation::File(path)) = from
        && !path.exists()
    {
        return Err(StartError::Failed(format!("--from: {} does not exist", path.display())));
    }
    let end = |database| match database {
        Database::Sqlite(database) => End::Sqlite(database),
        Database::Postgres(database) => End::Postgres(database),
    };
    let from = end(Database::at(from, "--from", settings)?);
    let to = end(Database::at(to, "--to", settings)?);
    copy::copy(&from, &to, report).await.map_err(|error| StartError::failed("nothing was copied", &error))
}

/// A new key in a file of its own.
pub fn generate_key(path: &Path, algorithm: KeyAlgorithm) -> Result<(), KeyError> {
    keys::generate(path, algorithm).map(drop)
}

fn key_ring(settings: &Settings) -> Result<KeyRing, StartError> {
    let setting = |name, example| {
        move |error: KeyError| match StartError::failed(name, &error) {
            StartError::Failed(line) => {
                let fault = line.trim_start_matches(name).trim_start_matches(": ").to_owned();
                StartError::Setting(InvalidSetting { name, fault, example })
            }
            setting @ StartError::Setting(_) => setting,
        }
    };
    let signing = match (settings.jwt_algorithm, &settings.secret_key) {
        (Some(KeyAlgorithm::HS256), Some(secret)) => SigningKey::from_secret(secret.expose().as_bytes())
            .map_err(setting("SECRET_KEY", "at-least-32-random-bytes-of-yours"))?,
        (algorithm, _) => {
            let path = if let Some(path) = &settings.jwt_private_key_file {
                path.clone()
            } else {
                ensure_data_dir(&settings.data_dir)?;
                settings.data_dir.join("jwt_private_key.pem")
            };
            SigningKey::load_or_create(&path, algorithm)
                .map_err(setting("JWT_PRIVATE_KEY_FILE", "/etc/fasttrack/jwt_private_key.pem"))?
        }
    };
    let others = settings
        .jwt_verification_key_files
        .iter()
        .map(|path| VerificationKey::load(path))
        .collect::<Result<Vec<_>, _>>()
        .map_err(setting("JWT_VERIFICATION_KEY_FILES", "/etc/fasttrack/old_public_key.pem"))?;
    Ok(KeyRing::new(signing, others))
}

/// What the server and the command line both need.
pub struct Adapters {
    repositories: Repositories,
    hasher: Arc<dyn PasswordHasher>,
    tokens: Arc<JwtTokens>,
    blocklist: Arc<TokenBlocklist>,
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
        let blocklist = Arc::new(TokenBlocklist::default());
        let config = JwtConfig {
            keys,
            issuer: settings.token_issuer.clone(),
            audience: settings.token_audience.clone(),
            access_lifetime: settings.access_lifetime,
            refresh_lifetime: settings.refresh_lifetime,
            cache_capacity: REMEMBERED_TOKENS,
        };
        let repositories = database.repositories();
        let tokens = JwtTokens::new(config, Arc::clone(&blocklist)).asking(repositories.revocations.clone());
        Ok(Self {
            repositories,
            hasher: Arc::new(hasher),
            tokens: Arc::new(tokens),
            blocklist,
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
    pub fn sweep(&self) -> maintenance::sweep::Sweep {
        let Repositories { revocations, sessions, idempotency, .. } = self.repositories.clone();
        maintenance::sweep::Sweep::new(revocations, sessions, idempotency, self.clock.clone())
    }

    /// For `fasttrack user create`.
    pub fn create_user(&self) -> user::create::CreateUser {
        user::create::CreateUser::new(self.repositories.users.clone(), self.hasher.clone(), self.clock.clone())
    }

    /// For `fasttrack user set-password`.
    pub fn set_password(&self) -> user::set_password::SetPassword {
        let issuer: Arc<dyn TokenIssuer> = self.tokens.clone();
        user::set_password::SetPassword::new(
            self.repositories.users.clone(),
            self.hasher.clone(),
            issuer,
            self.blocklist.clone(),
            self.clock.clone(),
        )
    }

    /// Every use case, on these adapters.
    pub fn api(&self, settings: &Settings) -> Api {
        let Repositories { users, projects, tasks, comments, sessions, idempotency, health, .. } =
            self.repositories.clone();
        let (hasher, clock, blocklist) = (self.hasher.clone(), self.clock.clone(), self.blocklist.clone());
        let issuer: Arc<dyn TokenIssuer> = self.tokens.clone();
        let verifier: Arc<dyn TokenVerifier> = self.tokens.clone();
        Api {
            verifier: verifier.clone(),
            clock: clock.clone(),
            health,
            jwks: self.jwks.clone(),
            register: auth::register::Register::new(
                users.clone(),
                hasher.clone(),
                clock.clone(),
                settings.registration_open,
            ),
            login: auth::login::Login::new(users.clone(), sessions.clone(), hasher, issuer.clone(), clock.clone()),
            refresh: auth::refresh::Refresh::new(
                sessions.clone(),
                verifier.clone(),
                issuer.clone(),
                blocklist.clone(),
                clock.clone(),
                settings.reuse_leeway,
            ),
            logout: auth::logout::Logout::new(sessions, verifier, issuer.clone(), blocklist.clone(), clock.clone()),
            me: user::me::Me::new(users.clone()),
            update_me: user::update_me::UpdateMe::new(users.clone(), clock.clone()),
            list_users: user::list::ListUsers::new(users.clone()),
            get_user: user::get::GetUser::new(users.clone()),
            update_user: user::update::UpdateUser::new(users.clone(), issuer, blocklist, clock.clone()),
            create_project: project::create::CreateProject::new(projects.clone(), idempotency.clone(), clock.clone()),
            list_projects: project::list::ListProjects::new(projects.clone()),
            get_project: project::get::GetProject::new(projects.clone()),
            update_project: project::update::UpdateProject::new(projects.clone(), clock.clone()),
            delete_project: project::delete::DeleteProject::new(projects),
            create_task: task::create::CreateTask::new(
                tasks.clone(),
                users.clone(),
                idempotency.clone(),
                clock.clone(),
            ),
            list_project_tasks: task::list_in_project::ListProjectTasks::new(tasks.clone()),
            list_assigned_tasks: task::list_assigned::ListAssignedTasks::new(tasks.clone()),
            get_task: task::get::GetTask::new(tasks.clone()),
            update_task: task::update::UpdateTask::new(tasks.clone(), users, clock.clone()),
            delete_task: task::delete::DeleteTask::new(tasks.clone(), clock.clone()),
            create_comment: comment::create::CreateComment::new(tasks, comments.clone(), idempotency, clock),
            list_comments: comment::list::ListComments::new(comments.clone()),
            delete_comment: comment::delete::DeleteComment::new(comments),
        }
    }
}
