//! Observes what is stored after each call of a port, and what was answered.

mod carried;
mod dispatched;
mod leases;
mod mirror;
mod roles;
mod sessions;

pub(crate) use mirror::rows;

use crate::scheduler::Sim;
use fasttrack_domain::{job::WorkerId, session::Exchanged, webhook::Attempt};
use leases::Leases;
use mirror::{Mirror, Part};
use roles::Roles;
use rusqlite::Connection;
use sessions::Sessions;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard},
};

/// What is known of a simulation's storage, and the faults that were found.
pub(crate) struct Observer {
    sim: Arc<Sim>,
    stored: Mutex<Stored>,
    jobs: Mutex<Leases>,
    webhooks: Mutex<Leases>,
    sessions: Mutex<Sessions>,
    findings: Mutex<Vec<String>>,
}

struct Stored {
    connection: Connection,
    /// Grows with each commit of another connection.
    version: i64,
    mirror: Mirror,
    roles: Roles,
    names: Names,
    /// The versions that tasks ever had, each with its task.
    versions: BTreeSet<(i64, i64)>,
}

/// The ids that ever had a name. Each request gives what it creates a name of its own.
#[derive(Default)]
struct Names {
    ids: BTreeMap<(&'static str, String), Vec<i64>>,
    last: BTreeMap<&'static str, i64>,
}

/// Where things with names are stored.
const NAMED: [(&str, &str); 4] = [("tasks", "title"), ("projects", "name"), ("comments", "body"), ("labels", "name")];

impl Names {
    fn read(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        for (table, column) in NAMED {
            let last = self.last.entry(table).or_default();
            let sql = format!("SELECT id, {column} FROM {table} WHERE id > {last} ORDER BY id");
            let new: Vec<(i64, String)> = rows(connection, &sql, |row| Ok((row.get(0)?, row.get(1)?)))?;
            for (id, name) in new {
                *last = id;
                self.ids.entry((table, name)).or_default().push(id);
            }
        }
        Ok(())
    }
}

impl Observer {
    /// Observes the database of this connection.
    pub(crate) fn new(sim: Arc<Sim>, connection: Connection) -> rusqlite::Result<Self> {
        let mirror = Mirror::read(&connection)?;
        let (roles, names, versions) = (Roles::default(), Names::default(), BTreeSet::new());
        let stored = Mutex::new(Stored { connection, version: 0, mirror, roles, names, versions });
        Ok(Self {
            sim,
            stored,
            jobs: Mutex::default(),
            webhooks: Mutex::default(),
            sessions: Mutex::default(),
            findings: Mutex::default(),
        })
    }

    fn stored(&self) -> MutexGuard<'_, Stored> {
        self.stored.lock().unwrap()
    }

    pub(crate) fn jobs(&self) -> MutexGuard<'_, Leases> {
        self.jobs.lock().unwrap()
    }

    pub(crate) fn webhooks(&self) -> MutexGuard<'_, Leases> {
        self.webhooks.lock().unwrap()
    }

    /// Reports a finding, if there is one.
    pub(crate) fn found(&self, about: &str, wrong: Option<String>) {
        if let Some(wrong) = wrong {
            self.findings.lock().unwrap().push(format!("{about}: {wrong}"));
        }
    }

    pub(crate) fn findings(&self) -> Vec<String> {
        self.findings.lock().unwrap().clone()
    }

    /// Looks at what a call of this port has changed.
    pub(crate) fn look(&self, call: &'static str) {
        let parts = Part::of(call);
        if parts.is_empty() {
            return;
        }
        let step = self.sim.trace().steps();
        match self.stored().look(call, parts, step) {
            Ok(found) => found.into_iter().for_each(|wrong| self.found(call, Some(wrong))),
            Err(error) => self.found(call, Some(format!("can't be observed: {error}"))),
        }
    }

    /// Records an exchange of a refresh token.
    pub(crate) fn exchanged(&self, spent: &str, exchanged: &Exchanged) {
        let wrong = self.sessions.lock().unwrap().exchange(spent, exchanged);
        self.found("a refresh", wrong);
    }

    /// Checks that an attempt is stored which the adapter says is.
    pub(crate) fn recorded(&self, worker: &WorkerId, attempt: &Attempt) {
        let id = attempt.webhook_id.get();
        if !self.webhooks().is_held_by(id, worker) {
            self.found("an attempt", Some(format!("{} records for webhook {id}, which it lost", worker.as_str())));
        }
        if attempt.is_success() {
            let condition = format!(
                "EXISTS (SELECT 1 FROM deliveries WHERE id = {} AND status = 'delivered')",
                attempt.delivery_id
            );
            self.check("a delivery that succeeded is stored so", &condition);
        }
    }

    /// Reports a finding unless the condition holds.
    pub(crate) fn check(&self, what: &str, condition: &str) {
        let stored = self.stored();
        let holds: rusqlite::Result<bool> =
            stored.connection.query_row(&format!("SELECT ({condition})"), [], |row| row.get(0));
        drop(stored);
        match holds {
            Ok(true) => {}
            Ok(false) => self.found("not so", Some(format!("{what}: {condition}"))),
            Err(error) => self.found(what, Some(error.to_string())),
        }
    }

    /// The ids that ever had this name in a table.
    pub(crate) fn named(&self, table: &'static str, name: &str) -> Vec<i64> {
        self.stored().names.ids.get(&(table, name.to_owned())).cloned().unwrap_or_default()
    }

    /// Whether this version of a task was ever stored.
    pub(crate) fn had_version(&self, task: i64, version: i64) -> bool {
        self.stored().versions.contains(&(task, version))
    }

    /// Calls `read` with what is stored, and with the roles that users had.
    pub(crate) fn with<T>(&self, read: impl FnOnce(&Mirror, &Roles) -> T) -> T {
        let stored = self.stored();
        read(&stored.mirror, &stored.roles)
    }

    /// Reports a finding if anything changed that no call should have changed.
    pub(crate) fn compare(&self) {
        let stored = self.stored();
        let wrong = match Mirror::read(&stored.connection) {
            Ok(read) => {
                // The latest delivery may be deleted.
                let mirror = Mirror { last_delivery: stored.mirror.last_delivery, ..read };
                (mirror != stored.mirror).then(|| format!("{:?} became {mirror:?}", stored.mirror))
            }
            Err(error) => Some(error.to_string()),
        };
        drop(stored);
        self.found("what is stored", wrong);
    }

    /// Calls `read` with the connection.
    pub(crate) fn query<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        read(&self.stored().connection)
    }
}

impl Stored {
    fn look(&mut self, call: &'static str, parts: &[Part], step: u64) -> rusqlite::Result<Vec<String>> {
        let version: i64 = self.connection.query_row("PRAGMA data_version", [], |row| row.get(0))?;
        if version == self.version {
            return Ok(Vec::new());
        }
        self.version = version;
        let mut after = self.mirror.clone();
        after.refresh(&self.connection, parts)?;
        let before = std::mem::replace(&mut self.mirror, after);
        let mut found = carried::findings(call, &before, &self.mirror);
        if parts.contains(&Part::Heads) {
            found.extend(dispatched::findings(call, &self.connection, &before, &self.mirror)?);
        }
        self.names.read(&self.connection)?;
        self.roles.observe(&before, &self.mirror, step);
        self.versions.extend(self.mirror.tasks.iter().map(|(id, task)| (*id, task.version)));
        Ok(found)
    }
}
