use crate::{Command, Server, database::Storage};
use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};
use tempfile::TempDir;

/// Where a server looks for its signing key, below its data directory.
const KEY_FILE: &str = "jwt_private_key.pem";

/// The signing key of most installations of this executable: to generate one takes a quarter of a second.
static KEY: LazyLock<String> = LazyLock::new(|| {
    let installation = Installation::without_settings();
    let generate = installation.command(["keys", "generate", "--algorithm", "RS256", "--out", KEY_FILE]);
    assert!(generate.spawn().wait().unwrap().success());
    installation.read(KEY_FILE)
});

/// A directory of its own, environment variables, and a database: in the executable `postgres` on a PostgreSQL, else
/// SQLite in the directory. Clones share directory and database, which go with the last of them.
#[derive(Clone, Debug)]
pub struct Installation {
    directory: Arc<TempDir>,
    /// Without it, the database is SQLite in the directory.
    database: Option<Arc<Storage>>,
    settings: BTreeMap<String, String>,
    /// Shell commands that run before the binary.
    setup: Option<String>,
}

impl Default for Installation {
    fn default() -> Self {
        Self::new()
    }
}

impl Installation {
    /// Has settings for tests: any free port, cheap password hashes, and no limits. There is a signing key already, and
    /// on PostgreSQL the schema.
    pub fn new() -> Self {
        Self::with_key(Self::configured(Storage::migrated()))
    }

    /// Has the same settings with an empty database and no signing key: the first start creates both.
    pub fn empty() -> Self {
        Self::configured(Storage::empty())
    }

    /// Has the settings of [`new`](Self::new) on a database that the caller keeps.
    pub fn on(database_url: &str) -> Self {
        Self::with_key(Self::configured(None).with("DATABASE_URL", database_url))
    }

    fn with_key(self) -> Self {
        self.write_private(KEY_FILE, &KEY);
        self
    }

    fn configured(database: Option<Arc<Storage>>) -> Self {
        let bare = Self::without_settings();
        let data = bare.path("").display().to_string();
        let url = database.as_ref().map(|database| ("DATABASE_URL", database.url()));
        let installation = [
            ("HOST", "127.0.0.1"),
            ("PORT", "0"),
            ("DATA_DIR", &data),
            ("BCRYPT_COST", "4"),
            ("METRICS_ADDR", "127.0.0.1:0"),
            ("RATE_LIMIT_REQUESTS", "0"),
            ("LOGIN_RATE_LIMIT", "0"),
            ("MAX_QUEUE_MILLISECONDS", "0"),
            ("RUST_LOG", "info"),
        ]
        .into_iter()
        .chain(url)
        .fold(bare, |installation, (name, value)| installation.with(name, value));
        Self { database, ..installation }
    }

    pub fn without_settings() -> Self {
        Self {
            directory: Arc::new(tempfile::tempdir().unwrap()),
            database: None,
            settings: BTreeMap::new(),
            setup: None,
        }
    }

    /// Adds or replaces a setting, by the name of its environment variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.settings.insert(name.to_owned(), value.as_ref().to_owned());
        self
    }

    /// Runs shell commands before the binary in its process, like `umask 077`.
    #[must_use]
    pub fn after(mut self, setup: &str) -> Self {
        self.setup = Some(setup.to_owned());
        self
    }

    /// Removes a setting.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.settings.remove(name);
        self
    }

    /// Returns a path in the directory, which is also the working directory.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Creates a command of the binary with these arguments.
    pub fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        Command::new(self.directory.path(), &self.settings, self.setup.as_deref(), arguments)
    }

    /// Starts a server and waits until it listens.
    ///
    /// # Panics
    ///
    /// If the server ends or doesn't listen in time, with its output.
    pub fn start(&self) -> Server {
        Server::spawn(self.clone())
    }

    /// The same for [`Server::limit_files`]: the server ignores its signal, so that a write fails instead.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start).
    pub fn start_unharmed_by_file_limits(&self) -> Server {
        let command = Command::into_inner(self.command([]));
        let mut shell = std::process::Command::new("/bin/sh");
        shell.args(["-c", "trap '' XFSZ; exec \"$0\""]).arg(command.get_program());
        shell.current_dir(self.directory.path()).env_clear().envs(&self.settings);
        Server::run(self.clone(), shell)
    }

    /// Generates a key for this algorithm and returns its path.
    pub async fn generate_key(&self, algorithm: &str) -> PathBuf {
        let path = self.path(&format!("{algorithm}.pem"));
        let out = path.to_str().unwrap();
        self.command(["keys", "generate", "--algorithm", algorithm, "--out", out]).run().await.succeeded();
        path
    }

    /// Creates an admin by the command line.
    pub async fn create_admin(&self, email: &str) {
        let create = self.command(["user", "create", "--admin", "--email", email]);
        create.input(crate::PASSWORD).run().await.succeeded();
    }

    /// Runs SQL in the database directly.
    pub fn sql(&self, statements: &str) {
        if let Some(database) = &self.database {
            return database.execute(statements);
        }
        let mut database = SqliteConnection::establish(self.path("fasttrack.db").to_str().unwrap()).unwrap();
        database.batch_execute("PRAGMA busy_timeout = 10000").unwrap();
        database.batch_execute(statements).unwrap();
    }

    pub fn is_on_postgres(&self) -> bool {
        self.database.is_some()
    }

    /// The URL of the PostgreSQL database.
    ///
    /// # Panics
    ///
    /// If the database is SQLite.
    pub fn database_url(&self) -> &str {
        &self.settings["DATABASE_URL"]
    }

    /// Writes a file in the directory that only its owner can read.
    pub fn write_private(&self, name: &str, text: &str) {
        let mut options = File::options();
        options.write(true).create(true).truncate(true).mode(0o600);
        options.open(self.path(name)).unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// Reads a file in the directory.
    pub fn read(&self, path: impl AsRef<Path>) -> String {
        fs::read_to_string(self.directory.path().join(path)).unwrap()
    }
}
