//! Nodes, and loads on them.

use super::{
    counts::Counts,
    reading::{Delivery, Reading, Setting},
};
use crate::{
    bench::{
        build::Programs,
        case::Load,
        load::{self, Length, LoadReport, number},
        pause::pause,
        process::Process,
        rounds,
        servers::Servers,
        subject::Database,
    },
    outcome::Outcome,
};
use std::{
    iter,
    time::{Duration, Instant},
};

pub(super) const TASKS: u64 = 100_000;

/// Threads of each node that serve requests.
pub(super) const WORKERS: usize = 1;

/// Users who only get tasks.
pub(super) const READERS: u64 = 10_000;

/// Events that the dispatcher works off while nothing else is done.
const BACKLOG: u64 = 10_000;

/// The longest until it begins, without a hint.
const BEGIN: Duration = Duration::from_secs(10);

/// The longest until it ends.
const END: Duration = Duration::from_mins(2);

/// Connections that make the changes of which messages are received.
const CONNECTIONS: usize = 32;

/// Web sockets, one of each user with a token: each change has one message.
const SOCKETS: usize = 10;

/// Running nodes on both databases. Dropping it stops them.
pub(super) struct Stage {
    /// On PostgreSQL, besides the first. They go before its database.
    others: Vec<Process>,
    pub(super) servers: Servers,
}

/// What was used and counted until a moment.
struct Usage {
    nodes: Duration,
    database: Duration,
    counts: Counts,
}

impl Stage {
    /// Starts one node on each database.
    pub(super) fn start(programs: Programs) -> Outcome<Self> {
        let servers = Servers::start_products(programs, &Database::ALL, TASKS, WORKERS)?;
        for database in Database::ALL {
            let file = format!("readers-{}.sql", database.word());
            servers.run_sql(database.product(), &file, &[format!("readers={READERS}")])?;
        }
        Ok(Self { others: Vec::new(), servers })
    }

    /// Starts or stops nodes on PostgreSQL until so many run, and warms them up. The first always runs.
    pub(super) fn set_nodes(&mut self, nodes: usize) -> Outcome {
        while self.others.len() + 1 < nodes {
            self.others.push(self.servers.another(Database::Postgres.product())?);
        }
        for node in self.others.split_off(nodes.saturating_sub(1)) {
            node.stop()?;
        }
        let load = Load { operation: "read", connections: 64, rate: None, follow: None };
        self.run(Database::Postgres, load, 0, &self.other_addresses(Database::Postgres), 0.5).map(drop)
    }

    /// Runs a load that takes as much as it gets, on all nodes alike.
    pub(super) fn step(&self, setting: Setting, seconds: f64) -> Outcome<Reading> {
        let Setting { work, database, connections, .. } = setting;
        let subject = database.product();
        let load = Load { operation: work.operation(), connections, rate: None, follow: None };
        let before = self.usage(database)?;
        let report = self.run(database, load, 0, &self.other_addresses(database), seconds)?;
        let (waiting_events, catch_up_seconds) =
            if work.writes() { rounds::catch_up(&self.servers, subject)? } else { (0, 0.0) };
        let used = self.usage(database)?.since(&before);
        let waiting_jobs = self.servers.number(subject, "SELECT count(*) FROM jobs")?;
        if work.writes() {
            self.tidy(database)?;
        }
        let (served, refused) = report.served_and_refused()?;
        let (served, refused, time) = (number(served), number(refused), report.seconds + catch_up_seconds);
        let counts = used.counts;
        Ok(Reading {
            requests_per_second: served / report.seconds,
            refused_per_second: refused / report.seconds,
            p99_milliseconds: report.sample().p99_microseconds / 1000.0,
            node_cores: used.nodes.as_secs_f64() / time,
            database_cores: used.database.as_secs_f64() / time,
            node_cpu_microseconds: used.nodes.as_secs_f64() * 1e6 / served.max(1.0),
            database_cpu_microseconds: used.database.as_secs_f64() * 1e6 / served.max(1.0),
            events_per_second: counts.events / time,
            waiting_events: number(waiting_events),
            catch_up_seconds,
            waiting_jobs: number(waiting_jobs),
            units_per_commit: counts.units / counts.commits.max(1.0),
            writer_busy: counts.commit_seconds / time,
        })
    }

    /// Events a second that the dispatcher works off while nothing else is done.
    pub(super) fn drain(&self, database: Database) -> Outcome<f64> {
        let subject = database.product();
        let file = format!("backlog-{}.sql", database.word());
        self.servers.run_sql(subject, &file, &[format!("events={BACKLOG}")])?;
        let written = Instant::now();
        let (mut left, mut begun) = (BACKLOG, written);
        while left >= BACKLOG {
            if written.elapsed() > BEGIN {
                return Err("no event of the backlog is dispatched".into());
            }
            pause(Duration::from_millis(20));
            left = self.servers.undispatched(subject)?;
            begun = Instant::now();
        }
        let at_first = left;
        while left > 0 {
            if begun.elapsed() > END {
                return Err(format!("{left} events of the backlog are left after {END:?}").into());
            }
            // Rarely, as each look takes time of the same cores.
            pause(Duration::from_millis(50));
            left = self.servers.undispatched(subject)?;
        }
        let time = begun.elapsed();
        if at_first == 0 || self.servers.number(subject, "SELECT count(*) FROM events WHERE is_set_aside")? > 0 {
            return Err("the backlog is too small, or can't be read".into());
        }
        Ok(number(at_first) / time.as_secs_f64())
    }

    /// Changes on the first node at a constant rate, with web sockets on the second.
    pub(super) fn deliver(&self, rate: u32, seconds: f64) -> Outcome<Delivery> {
        let load = Load { operation: "status", connections: CONNECTIONS, rate: Some(rate), follow: Some("sockets") };
        let node = self.others.first().ok_or("there is one node only")?;
        let second = ["--follow-address".to_owned(), node.address.clone()];
        let sample = self.run(Database::Postgres, load, SOCKETS, &second, seconds)?.sample();
        Ok(Delivery {
            offered_per_second: rate,
            messages_per_second: sample.requests_per_second,
            p50_milliseconds: sample.p50_microseconds / 1000.0,
            p99_milliseconds: sample.p99_microseconds / 1000.0,
        })
    }

    /// Waits for the consequences of a load, and removes what it leaves behind.
    pub(super) fn settle(&self, database: Database) -> Outcome {
        rounds::catch_up(&self.servers, database.product())?;
        self.tidy(database)
    }

    fn tidy(&self, database: Database) -> Outcome {
        let file = format!("tidy-{}.sql", database.word());
        self.servers.run_sql(database.product(), &file, &[])
    }

    fn run(
        &self,
        database: Database,
        load: Load,
        followers: usize,
        further: &[String],
        seconds: f64,
    ) -> Outcome<LoadReport> {
        let length = Length::Seconds(seconds);
        let mut generator = load::generator(&self.servers, database.product(), load, followers, length)?;
        generator.args(["--readers", &READERS.to_string()]).args(further);
        load::report(load::start(&mut generator)?)
    }

    /// The nodes on a database.
    fn nodes(&self, database: Database) -> Outcome<Vec<&Process>> {
        let first = &self.servers.get(database.product())?.process;
        let others = self.others.iter().filter(|_| database == Database::Postgres);
        Ok(iter::once(first).chain(others).collect())
    }

    /// Arguments of the load generator for all nodes but the first.
    fn other_addresses(&self, database: Database) -> Vec<String> {
        let others = self.others.iter().filter(|_| database == Database::Postgres);
        others.flat_map(|node| ["--address".to_owned(), node.address.clone()]).collect()
    }

    fn usage(&self, database: Database) -> Outcome<Usage> {
        let (_, of_database) = self.servers.cpu(database.product())?;
        let mut usage = Usage { nodes: Duration::ZERO, database: of_database, counts: Counts::default() };
        for node in self.nodes(database)? {
            usage.nodes += node.cpu()?;
            let metrics = node.metrics.as_deref().ok_or("a node has no metrics")?;
            usage.counts = usage.counts + Counts::read(metrics)?;
        }
        Ok(usage)
    }
}

impl Usage {
    fn since(&self, before: &Self) -> Self {
        Self {
            nodes: self.nodes.saturating_sub(before.nodes),
            database: self.database.saturating_sub(before.database),
            counts: self.counts - before.counts,
        }
    }
}
