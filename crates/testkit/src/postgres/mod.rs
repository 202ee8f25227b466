//! A PostgreSQL for tests: the one at `TEST_DATABASE_URL`, or one that is started from the installed binaries, listens
//! on 127.0.0.1 alone and leaves nothing behind, however the test ends.
//!
//! Without either, `ignored: no PostgreSQL` is printed and there is `None`, for the test to return at once. Where `CI`
//! is set that is a panic: there, nothing may be left out.
//!
//! ```no_run
//! use fasttrack_testkit::postgres::Cluster;
//!
//! let Some(cluster) = Cluster::shared() else { return };
//! let database = cluster.create_database();
//! println!("{}", database.url());
//! ```

mod supervisor;

use std::{
    env,
    hash::{BuildHasher, RandomState},
    sync::{Mutex, OnceLock},
    thread,
};
use supervisor::{Supervisor, binaries};
use tokio_postgres::NoTls;

// @norm NORM-TEST-001
/// A PostgreSQL server.
#[derive(Debug)]
pub struct Cluster {
    url: Url,
    /// `None` where the server was not started here.
    supervisor: Option<Mutex<Supervisor>>,
}

/// How a server is started.
#[derive(Debug, Default)]
pub struct Options {
    durable: bool,
    settings: Vec<String>,
    files: Vec<(String, String)>,
}

impl Options {
    /// Commits are on disk when they are answered. Otherwise the server never waits for the disk; what was committed
    /// then survives its crash, but not that of the machine.
    #[must_use]
    pub fn durable(mut self) -> Self {
        self.durable = true;
        self
    }

    /// Adds a line of `postgresql.conf`.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push(format!("{name} = '{value}'"));
        self
    }

    /// Adds a file in the server's data directory, which it alone may read: a certificate, or `pg_hba.conf`.
    #[must_use]
    pub fn file(mut self, name: &str, contents: &str) -> Self {
        self.files.push((name.to_owned(), contents.to_owned()));
        self
    }

    /// Starts a server of its own, whatever `TEST_DATABASE_URL` says.
    pub fn start(self) -> Option<Cluster> {
        let Some(binaries) = binaries() else { return ignored() };
        let (supervisor, port) = Supervisor::start(&binaries, &self);
        let url = Url::parse(&format!("postgres://postgres@127.0.0.1:{port}/postgres"));
        Some(Cluster { url, supervisor: Some(Mutex::new(supervisor)) })
    }
}

impl Cluster {
    /// The server that all tests of an executable share. It must not be stopped.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Cluster>> = OnceLock::new();
        SHARED.get_or_init(|| variable("TEST_DATABASE_URL").map(|url| Self::at(&url)).or_else(Self::start)).as_ref()
    }

    /// Starts a server of its own, for a test that stops it.
    pub fn start() -> Option<Self> {
        Options::default().start()
    }

    /// A server that runs already; databases are made and dropped on it by the user that `url` names.
    fn at(url: &str) -> Self {
        Self { url: Url::parse(url), supervisor: None }
    }

    /// The URL of the database of this name.
    pub fn url(&self, database: &str) -> String {
        self.url.of(database)
    }

    /// A new, empty database.
    pub fn create_database(&self) -> Database {
        self.create("template1")
    }

    /// A copy of a database that nobody is connected to: faster than migrating each.
    pub fn copy_database(&self, template: &Database) -> Database {
        self.create(&template.name)
    }

    fn create(&self, template: &str) -> Database {
        let name = format!("fasttrack_{:016x}", RandomState::new().hash_one(()));
        let create = format!("CREATE DATABASE {name} TEMPLATE {template}");
        // A quarter of the time that the default takes, which logs each page. Before PostgreSQL 15 the default copies files,
        // and there is no option.
        if execute(&self.url.whole, &format!("{create} STRATEGY FILE_COPY")).is_err() {
            self.execute(&create);
        }
        Database { url: self.url(&name), server: self.url.clone(), name }
    }

    /// Runs a statement as the owner of the server, outside of all databases that were made here.
    pub fn execute(&self, sql: &str) {
        execute(&self.url.whole, sql).unwrap();
    }

    /// Stops it at once, without a message to its clients and without writing to disk what is in memory only, as in a crash.
    pub fn stop(&self) {
        self.control("-m immediate stop");
    }

    /// Starts it again after [`stop`](Self::stop), on the same port and data; returns when it accepts connections.
    pub fn start_again(&self) {
        self.control("start");
    }

    fn control(&self, order: &str) {
        let Some(supervisor) = &self.supervisor else { panic!("a server that was not started here can't be stopped") };
        assert!(supervisor.lock().unwrap().control(order), "pg_ctl {order} failed");
    }
}

/// A database of one test. It is dropped with this, also where clients are connected.
#[derive(Debug)]
pub struct Database {
    url: String,
    server: Url,
    name: String,
}

impl Database {
    /// Its URL, with user and password where one is needed.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns its name on the server.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs statements.
    pub fn execute(&self, sql: &str) {
        execute(&self.url, sql).unwrap();
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // Fails where the server is stopped, and its data deleted with it.
        execute(&self.server.whole, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)).ok();
    }
}

/// `postgres://…/database?…`, in its parts.
#[derive(Clone, Debug)]
struct Url {
    whole: String,
    server: String,
    parameters: String,
}

impl Url {
    fn parse(whole: &str) -> Self {
        let (path, parameters) = whole.split_at(whole.find('?').unwrap_or(whole.len()));
        let authority = path.find("://").map_or(0, |scheme| scheme + 3);
        let server = path[authority..].find('/').map_or(path, |end| &path[..authority + end]).to_owned();
        Self { whole: whole.to_owned(), server, parameters: parameters.to_owned() }
    }

    fn of(&self, database: &str) -> String {
        format!("{}/{database}{}", self.server, self.parameters)
    }
}

#[expect(clippy::disallowed_methods, reason = "tests have no command line for their settings")]
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn ignored() -> Option<Cluster> {
    assert!(variable("CI").is_none(), "CI is set, but there is no PostgreSQL");
    println!("ignored: no PostgreSQL");
    None
}

/// Blocks, on a thread and runtime of its own: tests may be asynchronous or not.
fn execute(url: &str, sql: &str) -> Result<(), tokio_postgres::Error> {
    let work = async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        let connection = tokio::spawn(connection);
        client.batch_execute(sql).await?;
        drop(client);
        connection.await.unwrap()
    };
    let run = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work);
    thread::scope(|scope| scope.spawn(run).join().unwrap())
}
