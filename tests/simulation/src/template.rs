//! A migrated database with users, copied for each simulation.

use crate::{
    client::PASSWORD,
    faults::Fault,
    outside::{BEGIN, Passwords},
};
use fasttrack_domain::{
    email::Email,
    text::DisplayName,
    user::{NewUser, Role, User},
};
use fasttrack_infra_diesel::sqlite::Database;
use futures_util::FutureExt;
use rusqlite::{
    Connection,
    backup::{Backup, StepResult},
};
use std::sync::atomic::{AtomicU64, Ordering};

/// The names of the users. The first is an administrator, the last one is erased in many simulations.
const NAMES: [&str; 5] = ["Ann", "Bob", "Cleo", "Dan", ERASED];

/// A name that stands in no other text.
pub(crate) const ERASED: &str = "Erasmus";

/// Nodes of a simulation.
const NODES: usize = 2;

pub(crate) struct Template {
    source: Connection,
    pub(crate) users: Vec<User>,
    /// Keeps the database in memory.
    _database: Database,
}

/// The connections to the database of one simulation.
pub(crate) struct Databases {
    pub(crate) observed: Connection,
    /// A connection for each node.
    pub(crate) databases: Vec<Database>,
}

/// The name of a new database in memory.
fn name() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("file:/fasttrack-simulation-{}?vfs=memdb", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The address of the user with this name.
fn address(name: &str) -> Email {
    Email::parse(&format!("{}@example.org", name.to_lowercase())).unwrap()
}

fn new_user(name: &str) -> NewUser {
    NewUser {
        email: address(name),
        email_verified: true,
        display_name: DisplayName::parse(name.to_owned()).unwrap(),
        role: if name == NAMES[0] { Role::Admin } else { Role::User },
        password_hash: Some(Passwords::hash_of(PASSWORD)),
        is_external: false,
        created_at: BEGIN,
        audit: None,
    }
}

impl Template {
    /// Migrates a database. What it does is done at the first poll.
    pub(crate) fn new() -> Self {
        let name = name();
        let database = Database::open_inline(&name).unwrap();
        database.migrate().now_or_never().unwrap().unwrap();
        let users = database.repositories().users;
        let users = NAMES.map(|name| users.create(new_user(name)).now_or_never().unwrap().unwrap());
        Self { source: Connection::open(&name).unwrap(), users: users.into(), _database: database }
    }

    pub(crate) fn copy(&self, fault: Option<Fault>) -> Databases {
        let name = name();
        let mut observed = Connection::open(&name).unwrap();
        // All pages at once.
        let copied = Backup::new(&self.source, &mut observed).unwrap().step(-1).unwrap();
        assert_eq!(copied, StepResult::Done);
        if let Some(fault) = fault {
            observed.execute_batch(fault.sql()).unwrap();
        }
        let databases = (0..NODES).map(|_| Database::open_inline(&name).unwrap()).collect();
        Databases { observed, databases }
    }
}
