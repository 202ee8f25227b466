//! The load: a server under the recorder, with a backup, a kill, restarts and a restoration between acknowledged changes.

use super::{
    acts::{Load, People},
    check,
    disk::Syncs,
    facts::{Fact, none},
    faults,
    log::{Log, Record, Target},
    recorder::Recorder,
};
use fasttrack_tests::{Server, eventually};
use std::{mem, time::Duration};
use tokio::sync::OnceCell;

/// The database, and its backup.
pub(super) const DATABASE: &str = "fasttrack.db";
pub(super) const BACKUP: &str = "backup.db";

/// What a load wrote and what was acknowledged. Moments are lengths of the log.
pub(super) struct Recording {
    pub(super) log: Log,
    pub(super) syncs: Syncs,
    pub(super) facts: Vec<Fact>,
    /// The positions at which names change or are synced: there are few of them, and much depends on their order.
    pub(super) turns: Vec<usize>,
    /// The schema of a database that is migrated.
    pub(super) schema: Vec<String>,
    /// When the first server listened.
    pub(super) migrated: u64,
    /// When the backup was complete.
    pub(super) backed_up: u64,
    /// A user that is in every image since `registered`.
    pub(super) email: String,
    pub(super) registered: u64,
}

impl Recording {
    /// The recording of this executable; `None` where it can't be made, which is printed.
    pub(super) async fn shared() -> Option<&'static Self> {
        static SHARED: OnceCell<Option<Recording>> = OnceCell::const_new();
        SHARED.get_or_init(Self::make).await.as_ref()
    }

    async fn make() -> Option<Self> {
        let recorder = Recorder::new()?;
        let mut load = Load::new(recorder);
        let installation = load.recorder.installation.clone();

        let server = installation.start();
        let migrated = load.recorder.length();
        let mut people = load.settle(&server).await;
        let (email, registered) = (people.owner.email.clone(), load.recorder.length());
        load.rounds(&server, &mut people, 2).await;
        for fact in &mut load.facts {
            fact.is_in_backup = true;
        }
        installation.command(["backup", "--out", BACKUP]).run().await.succeeded();
        let backed_up = load.recorder.length();
        load.rounds(&server, &mut people, 2).await;
        load.quiet().await;
        server.kill();

        let server = installation.start();
        load.log_in(&server, &mut people).await;
        load.rounds(&server, &mut people, 2).await;
        assert!(server.stop().await.success());

        let server = installation.start();
        load.log_in(&server, &mut people).await;
        load.rounds(&server, &mut people, 1).await;
        assert!(server.stop().await.success());

        load.restore().await;
        let server = installation.start();
        load.log_in(&server, &mut people).await;
        load.rounds(&server, &mut people, 2).await;
        assert!(server.stop().await.success());

        let log = load.recorder.log();
        let syncs = faults::faultless(&log);
        let turns = log.records.iter().enumerate().filter(|(_, record)| is_turn(record)).map(|(at, _)| at).collect();
        let schema = check::schema(&installation.path(DATABASE)).unwrap();
        Some(Self { log, syncs, turns, facts: load.facts, schema, migrated, backed_up, email, registered })
    }

    /// The facts that hold in an image of this position.
    pub(super) fn facts_at(&self, position: usize) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(move |fact| {
            self.is_since(position, fact.since) && !fact.until.is_some_and(|until| self.is_since(position, until))
        })
    }

    /// Whether an image of this position is of this moment or later.
    pub(super) fn is_since(&self, position: usize, moment: u64) -> bool {
        position >= self.log.position(moment)
    }
}

fn is_turn(record: &Record) -> bool {
    matches!(record, Record::Names(_) | Record::Sync { target: Target::Directory(_), .. })
}

impl Load {
    async fn rounds(&mut self, server: &Server, people: &mut People, count: usize) {
        for _ in 0..count {
            self.round += 1;
            self.act(server, people).await;
        }
    }

    /// Waits until nothing is recorded, as a kill may cut the record that is being written.
    async fn quiet(&self) {
        let mut last = 0;
        eventually("the server is quiet", async || {
            let before = mem::replace(&mut last, self.recorder.length());
            tokio::time::sleep(Duration::from_millis(200)).await;
            before == last && last == self.recorder.length()
        })
        .await;
    }

    /// Restores the backup: what was acknowledged since isn't there afterwards, and may not be there from now on.
    async fn restore(&mut self) {
        let begun = self.recorder.length();
        for fact in self.facts.iter_mut().filter(|fact| !fact.is_in_backup) {
            fact.until = Some(begun);
        }
        self.recorder.installation.command(["restore", "--from", BACKUP]).run().await.succeeded();
        self.acknowledge("restoration", none("tasks", format!("title = 'Task {}'", self.round)));
    }
}
