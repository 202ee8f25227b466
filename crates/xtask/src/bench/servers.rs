//! The servers that are measured, each on rows of its own.

use super::{
    build::Programs,
    http,
    postgres::Cluster,
    process::Process,
    subject::{Database, Subject},
};
use crate::{outcome::Outcome, workspace};
use serde_json::json;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};
use tempfile::TempDir;

pub(super) const WORKERS: usize = 2;
pub(super) const USERS: u64 = 10;
pub(super) const PROJECTS: u64 = 1000;

/// Connections of the peer to read on. sqlx runs each connection to SQLite on a thread of its own.
const PEER_SQLITE_READERS: usize = 4;
const PEER_POSTGRES_CONNECTIONS: usize = 16;

/// The password of all users in `tests/bench/seed`.
const PASSWORD: &str = "correct horse battery staple";

/// Running servers. Dropping it stops them and removes their data.
pub(super) struct Servers {
    // In this order they go.
    running: BTreeMap<Subject, Server>,
    pub(super) cluster: Option<Cluster>,
    directory: TempDir,
    pub(super) programs: Programs,
    /// Threads of each that serve requests.
    workers: usize,
}

pub(super) struct Server {
    pub(super) process: Process,
    /// None for the floor.
    storage: Option<Storage>,
    /// Has the access tokens of the users, one a line.
    pub(super) tokens: PathBuf,
    /// Gets the refresh tokens of the connections that refresh sessions.
    pub(super) sessions: PathBuf,
    pub(super) tasks: u64,
}

#[derive(Clone)]
struct Storage {
    database: Database,
    url: String,
}

impl Servers {
    /// Starts the product on each database with so many tasks and workers.
    pub(super) fn start_products(
        programs: Programs,
        databases: &[Database],
        tasks: u64,
        workers: usize,
    ) -> Outcome<Self> {
        let cluster = databases.contains(&Database::Postgres).then(Cluster::start).transpose()?;
        let directory = tempfile::tempdir()?;
        let mut servers = Self { running: BTreeMap::new(), cluster, directory, programs, workers };
        for database in databases.iter().copied() {
            servers.start_product(database, database.product(), tasks)?;
        }
        Ok(servers)
    }

    /// Starts the floor, and the product and the peer on each database with so many tasks.
    pub(super) fn start(programs: Programs, databases: &[Database], tasks: u64, large: Option<u64>) -> Outcome<Self> {
        let mut servers = Self::start_products(programs, databases, tasks, WORKERS)?;
        for database in databases.iter().copied() {
            servers.start_peer(database, tasks)?;
            if let Some(tasks) = large {
                servers.start_product(database, database.large(), tasks)?;
            }
        }
        let floor = Process::start(Command::new(&servers.programs.floor).args(["--workers", &WORKERS.to_string()]))?;
        let tokens = servers.tokens(databases.first().map_or(Subject::ProductSqlite, |database| database.product()));
        let sessions = servers.directory.path().join("sessions");
        servers.running.insert(Subject::Floor, Server { process: floor, storage: None, tokens, sessions, tasks });
        Ok(servers)
    }

    pub(super) fn get(&self, subject: Subject) -> Outcome<&Server> {
        self.running.get(&subject).ok_or_else(|| format!("{subject:?} doesn't run").into())
    }

    /// Events of a product whose consequences are still to come.
    pub(super) fn undispatched(&self, subject: Subject) -> Outcome<u64> {
        self.number(subject, "SELECT count(*) FROM events WHERE NOT is_set_aside")
    }

    /// The number that a query on the database of a product returns.
    pub(super) fn number(&self, subject: Subject, query: &str) -> Outcome<u64> {
        Ok(self.sql(self.url(subject)?, &["number", query])?.trim().parse()?)
    }

    /// Runs a file of `tests/bench/seed` on the database of a product. `NAME=VALUE` replaces `:NAME` in it.
    pub(super) fn run_sql(&self, subject: Subject, file: &str, values: &[String]) -> Outcome {
        self.run_file(self.url(subject)?, file, values, &[])
    }

    fn url(&self, subject: Subject) -> Outcome<&str> {
        let storage = self.get(subject)?.storage.as_ref();
        Ok(storage.map(|storage| storage.url.as_str()).ok_or_else(|| format!("{subject:?} has no database"))?)
    }

    /// Starts the product once more on the same database, which has to be PostgreSQL.
    pub(super) fn another(&self, subject: Subject) -> Outcome<Process> {
        Process::start(&mut self.product(subject, self.url(subject)?))
    }

    /// The CPU time of the server, and of the database's processes.
    pub(super) fn cpu(&self, subject: Subject) -> Outcome<(Duration, Duration)> {
        let server = self.get(subject)?;
        let on_postgres = server.storage.as_ref().is_some_and(|storage| storage.database == Database::Postgres);
        let cluster = self.cluster.as_ref().filter(|_| on_postgres);
        Ok((server.process.cpu()?, cluster.map_or(Ok(Duration::ZERO), Cluster::cpu)?))
    }

    /// Stops a product and starts it again on the same database, by the program and the arguments in `launcher` if there
    /// are some.
    pub(super) fn restart(&mut self, subject: Subject, launcher: &[String]) -> Outcome<&Server> {
        let server = self.running.remove(&subject).ok_or_else(|| format!("{subject:?} doesn't run"))?;
        let Server { process, storage, tokens, sessions, tasks } = server;
        process.stop()?;
        let url = storage.as_ref().map(|storage| storage.url.as_str()).unwrap_or_default();
        let process = Process::start(&mut self.launched(subject, url, launcher))?;
        Ok(self.running.entry(subject).or_insert(Server { process, storage, tokens, sessions, tasks }))
    }

    /// Stops a product gracefully.
    pub(super) fn stop(&mut self, subject: Subject) -> Outcome {
        let server = self.running.remove(&subject).ok_or_else(|| format!("{subject:?} doesn't run"))?;
        server.process.stop()
    }

    fn start_product(&mut self, database: Database, subject: Subject, tasks: u64) -> Outcome {
        let (file, name) = (format!("product-{}.sql", database.word()), format!("{subject:?}").to_lowercase());
        eprintln!("{}: {tasks} tasks for the product", database.name());
        fs::create_dir(self.home(subject))?;
        let url = self.create_database(database, &name)?;
        let migrated = self.product(subject, &url).arg("migrate").output()?;
        if !migrated.status.success() {
            return Err(String::from_utf8_lossy(&migrated.stderr).into_owned().into());
        }
        self.seed(database, &url, &file, &name, tasks, &["tasks", "task_words"])?;
        let process = Process::start(&mut self.product(subject, &url))?;
        let mut tokens = String::new();
        for user in 1..=USERS {
            let body = json!({ "email": format!("user{user}@example.org"), "password": PASSWORD });
            let answer = http::post(&process.address, "/auth/login", &body)?;
            tokens.push_str(answer["data"]["access_token"].as_str().ok_or("a login without a token")?);
            tokens.push('\n');
        }
        fs::write(self.tokens(subject), tokens)?;
        fs::write(self.jwks(), http::get(&process.address, "/.well-known/jwks.json")?)?;
        let (storage, tokens) = (Some(Storage { database, url }), self.tokens(subject));
        let sessions = self.home(subject).join("sessions");
        self.running.insert(subject, Server { process, storage, tokens, sessions, tasks });
        Ok(())
    }

    /// The product without limits and without lines in the log for requests.
    fn product(&self, subject: Subject, url: &str) -> Command {
        self.launched(subject, url, &[])
    }

    fn launched(&self, subject: Subject, url: &str, launcher: &[String]) -> Command {
        let mut command = match launcher {
            [] => Command::new(&self.programs.product),
            [program, arguments @ ..] => {
                let mut command = Command::new(program);
                command.args(arguments).arg(&self.programs.product);
                command
            }
        };
        // There is no `.env` in it.
        command.current_dir(self.home(subject)).env("DATA_DIR", ".").env("DATABASE_URL", url);
        command.env("JWT_PRIVATE_KEY_FILE", self.directory.path().join("key.pem"));
        command.env("WORKERS", self.workers.to_string()).envs([
            ("HOST", "127.0.0.1"),
            ("PORT", "0"),
            ("METRICS_ADDR", "127.0.0.1:0"),
            ("ACCESS_TOKEN_EXPIRE_MINUTES", "1440"),
            ("RATE_LIMIT_REQUESTS", "0"),
            ("LOGIN_RATE_LIMIT", "0"),
            ("MAX_TASKS_PER_PROJECT", "1000000000"),
            ("MAX_COMMENTS_PER_TASK", "1000000000"),
            ("WS_CONNECTIONS_PER_USER", "1000"),
            ("RUST_LOG", "warn,fasttrack_api_actix=info,fasttrack::request=off"),
        ]);
        command
    }

    fn start_peer(&mut self, database: Database, tasks: u64) -> Outcome {
        let (subject, name) = (database.peer(), format!("{:?}", database.peer()).to_lowercase());
        eprintln!("{}: {tasks} tasks for the peer", database.name());
        fs::create_dir(self.home(subject))?;
        let url = self.create_database(database, &name)?;
        self.seed(database, &url, &format!("peer-{}.sql", database.word()), &name, tasks, &[])?;
        let readers = match database {
            Database::Sqlite => PEER_SQLITE_READERS,
            Database::Postgres => PEER_POSTGRES_CONNECTIONS,
        };
        let mut command = Command::new(&self.programs.peer);
        command.args(["--database-url", &url, "--workers", &WORKERS.to_string(), "--readers", &readers.to_string()]);
        let process = Process::start(command.arg("--jwks").arg(self.jwks()))?;
        let (storage, tokens) = (Some(Storage { database, url }), self.tokens(database.product()));
        let sessions = self.home(subject).join("sessions");
        self.running.insert(subject, Server { process, storage, tokens, sessions, tasks });
        Ok(())
    }

    /// The URL of an empty database. On SQLite the first to open it creates the file.
    fn create_database(&self, database: Database, name: &str) -> Outcome<String> {
        match (database, &self.cluster) {
            (Database::Postgres, Some(cluster)) => cluster.create_database(name),
            (Database::Postgres, None) => Err("there is no PostgreSQL".into()),
            (Database::Sqlite, _) => {
                Ok(format!("sqlite://{}", self.directory.path().join(name).join("data.db").display()))
            }
        }
    }

    /// Inserts the rows of `file`. The indexes of `tables`, which get many, are made afterwards.
    fn seed(&self, database: Database, url: &str, file: &str, name: &str, tasks: u64, tables: &[&str]) -> Outcome {
        let create = if database == Database::Sqlite { "?mode=rwc" } else { "" };
        self.run_file(&format!("{url}{create}"), file, &[format!("tasks={tasks}")], tables)?;
        self.cluster.as_ref().filter(|_| database == Database::Postgres).map_or(Ok(()), |cluster| cluster.vacuum(name))
    }

    /// Runs a file of `tests/bench/seed`, with these values besides those of all, and without the indexes of `tables` meanwhile.
    fn run_file(&self, url: &str, file: &str, values: &[String], tables: &[&str]) -> Outcome {
        let file = workspace::root().join("tests/bench/seed").join(file);
        let of_all = [format!("users={USERS}"), format!("projects={PROJECTS}")];
        let mut arguments = vec!["run", path(&file)?];
        arguments.extend(of_all.iter().chain(values).map(String::as_str));
        arguments.extend(tables.iter().flat_map(|table| ["--without-indexes-of", *table]));
        self.sql(url, &arguments).map(drop)
    }

    fn sql(&self, url: &str, arguments: &[&str]) -> Outcome<String> {
        let output = Command::new(&self.programs.sql).args(["--database-url", url]).args(arguments).output()?;
        if output.status.success() {
            Ok(String::from_utf8(output.stdout)?)
        } else {
            Err(format!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr)).into())
        }
    }

    fn home(&self, subject: Subject) -> PathBuf {
        self.directory.path().join(format!("{subject:?}").to_lowercase())
    }

    fn tokens(&self, subject: Subject) -> PathBuf {
        self.home(subject).join("tokens")
    }

    fn jwks(&self) -> PathBuf {
        self.directory.path().join("jwks.json")
    }
}

fn path(path: &Path) -> Outcome<&str> {
    path.to_str().ok_or_else(|| format!("{} is no text", path.display()).into())
}
