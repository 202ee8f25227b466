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

use std::{
    env, fs,
    hash::{BuildHasher, RandomState},
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, OnceLock},
    thread,
};
use tempfile::TempDir;
use tokio_postgres::NoTls;

// @norm NORM-TEST-001
/// A PostgreSQL server.
#[derive(Debug)]
pub struct Cluster {
    url: Url,
    /// `None` where it isn't ours.
    supervisor: Option<Mutex<Supervisor>>,
}

/// How a server is to be started.
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

    /// A line of `postgresql.conf`.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push(format!("{name} = '{value}'"));
        self
    }

    /// A file in the server's data directory, that it alone may read: a certificate, or `pg_hba.conf`.
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
    /// The one that all tests of an executable share. It isn't to be stopped.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Cluster>> = OnceLock::new();
        SHARED.get_or_init(|| variable("TEST_DATABASE_URL").map(|url| Self::at(&url)).or_else(Self::start)).as_ref()
    }

    /// A server of its own, for a test that stops it.
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
        self.execute(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
        Database { url: self.url(&name), server: self.url.clone(), name }
    }

    /// Runs a statement as the owner of the server, outside of all databases that were made here.
    pub fn execute(&self, sql: &str) {
        execute(&self.url.whole, sql).unwrap();
    }

    /// Stops it at once, without telling its clients or writing down what is in memory only, as a crash would.
    pub fn stop(&self) {
        self.control("-m immediate stop");
    }

    /// Starts it again after [`stop`](Self::stop), on the same port and data; returns when it accepts connections.
    pub fn start_again(&self) {
        self.control("start");
    }

    fn control(&self, order: &str) {
        let Some(supervisor) = &self.supervisor else { panic!("a server that isn't ours is left alone") };
        assert!(supervisor.lock().unwrap().control(order), "pg_ctl {order} failed");
    }
}

/// A database of a test's own. Dropped with this, whoever is connected still.
#[derive(Debug)]
pub struct Database {
    url: String,
    server: Url,
    name: String,
}

impl Database {
    /// Where it is, with user and password where one is needed.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs statements.
    pub fn execute(&self, sql: &str) {
        execute(&self.url, sql).unwrap();
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // Fails where the server is gone, and everything with it.
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

/// Keeps a server running for as long as this process lives.
#[derive(Debug)]
struct Supervisor {
    shell: Child,
    // Goes after the server.
    _directory: TempDir,
}

/// Does what it is told on standard input. That ends with the process that holds its other end, however it dies.
const SUPERVISE: &str = r#"
trap '' INT TERM
while read -r order; do
    "$1"/pg_ctl -D "$2"/data -l "$2"/log -w -s $order </dev/null >/dev/null 2>&1
    echo $?
done
"$1"/pg_ctl -D "$2"/data -m immediate -s stop </dev/null >/dev/null 2>&1
rm -rf "$2"
"#;

/// `nobody`, as which root starts a server: PostgreSQL refuses to run as root.
const NOBODY: u32 = 65534;

impl Supervisor {
    fn start(binaries: &Path, options: &Options) -> (Self, u16) {
        let directory = tempfile::tempdir().unwrap();
        let owner = match fs::metadata(directory.path()).unwrap().uid() {
            0 => NOBODY,
            user => user,
        };
        chown(directory.path(), Some(owner), None).unwrap();
        let command = |program: &Path| {
            let mut command = Command::new(program);
            command.uid(owner).current_dir(directory.path());
            command
        };
        let data = directory.path().join("data");
        let init = command(&binaries.join("initdb"))
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"])
            .arg(&data)
            .output()
            .unwrap();
        assert!(init.status.success(), "initdb: {}", String::from_utf8_lossy(&init.stderr));
        for (name, contents) in &options.files {
            let file = data.join(name);
            fs::write(&file, contents).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
            chown(&file, Some(owner), None).unwrap();
        }
        let mut shell = command(Path::new("sh"));
        shell.args(["-c", SUPERVISE, "supervise"]).args([binaries, directory.path()]);
        let shell = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut supervisor = Self { shell, _directory: directory };
        let port = (0..20).map(|_| free_port()).find(|port| {
            fs::write(data.join("postgresql.auto.conf"), options.configuration(*port)).unwrap();
            supervisor.control("start")
        });
        let log = fs::read_to_string(data.with_file_name("log")).unwrap_or_default();
        (supervisor, port.unwrap_or_else(|| panic!("PostgreSQL doesn't start:\n{log}")))
    }

    /// Whether `pg_ctl` did what it was asked.
    fn control(&mut self, order: &str) -> bool {
        writeln!(self.shell.stdin.as_ref().unwrap(), "{order}").unwrap();
        let mut answer = String::new();
        // One line stands for one order: there is nothing behind it that the buffer could take along.
        BufReader::new(self.shell.stdout.as_mut().unwrap()).read_line(&mut answer).unwrap();
        answer == "0\n"
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        self.shell.wait().ok();
    }
}

impl Options {
    fn configuration(&self, port: u16) -> String {
        let Self { durable, settings, .. } = self;
        let durable = if *durable { "on" } else { "off" };
        format!(
            "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = ''\nmax_connections = 300\n\
             fsync = {durable}\nfull_page_writes = {durable}\n{}\n",
            settings.join("\n")
        )
    }
}

/// A port that nobody listens on, and that no client's end of a connection gets while the server is stopped: it is
/// below the range from which the system takes those.
fn free_port() -> u16 {
    let random = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    12_000 + random % 20_000
}

/// Where PostgreSQL's programs are.
fn binaries() -> Option<PathBuf> {
    let path = variable("PATH").unwrap_or_default();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    env::split_paths(&path)
        .chain(versions.map(|version| version.path().join("bin")))
        .find(|directory| ["initdb", "pg_ctl", "postgres"].iter().all(|program| directory.join(program).exists()))
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
