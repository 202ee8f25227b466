//! PostgreSQL databases for installations.

use crate::Installation;
use fasttrack_testkit::postgres::{Cluster, Database, Options};
use std::{
    env,
    io::{Write, stdout},
    process::exit,
    sync::{Arc, Mutex, Weak},
};

/// The executable whose tests run on PostgreSQL; all others run on SQLite.
const ON_POSTGRES: &str = "postgres-";

/// A PostgreSQL database that is dropped with its last installation.
#[derive(Debug)]
pub(crate) struct Storage {
    database: Database,
    /// It is held so that the next installation can copy it.
    _template: Option<Arc<Database>>,
}

impl Storage {
    /// Creates an empty database in the executable `postgres`; `None` elsewhere: SQLite in the directory of the
    /// installation.
    pub(crate) fn empty() -> Option<Arc<Self>> {
        Self::create(|cluster| Self { database: cluster.create_database(), _template: None })
    }

    /// Creates a database with the schema as a copy, since migrating each takes longer; `None` as for
    /// [`empty`](Self::empty).
    pub(crate) fn migrated() -> Option<Arc<Self>> {
        Self::create(|cluster| {
            let template = template(cluster);
            Self { database: cluster.copy_database(&template), _template: Some(template) }
        })
    }

    fn create(create: impl FnOnce(&Cluster) -> Self) -> Option<Arc<Self>> {
        let executable = env::current_exe().unwrap();
        let on_postgres = executable.file_name().unwrap().to_str().unwrap().starts_with(ON_POSTGRES);
        on_postgres.then(|| Arc::new(create(found(Cluster::shared()))))
    }

    pub(crate) fn url(&self) -> &str {
        self.database.url()
    }

    pub(crate) fn execute(&self, sql: &str) {
        self.database.execute(sql);
    }
}

/// The database that others are copied from. It is dropped with the last copy, as nothing may be left on a server that
/// isn't ours.
fn template(cluster: &Cluster) -> Arc<Database> {
    static TEMPLATE: Mutex<Weak<Database>> = Mutex::new(Weak::new());
    let mut template = TEMPLATE.lock().unwrap();
    template.upgrade().unwrap_or_else(|| {
        let database = Arc::new(cluster.create_database());
        let migrate = Installation::without_settings().with("DATABASE_URL", database.url());
        assert!(migrate.command(["migrate"]).spawn().wait().unwrap().success());
        *template = Arc::downgrade(&database);
        database
    })
}

/// A PostgreSQL server whose commits are on disk when they are acknowledged, for a test that stops it.
pub fn cluster() -> Cluster {
    found(Options::default().durable().start())
}

/// Ends the executable with success where there is no PostgreSQL to run its tests on.
#[expect(clippy::explicit_write, reason = "what is printed in a test is only shown where it fails")]
fn found<T>(cluster: Option<T>) -> T {
    cluster.unwrap_or_else(|| {
        writeln!(stdout(), "ignored: no PostgreSQL").unwrap();
        exit(0)
    })
}
