//! The results of a run, as `docs/scaling.json` has them.

use super::{
    knee::{highest, knee},
    options::Options,
    reading::{Delivery, Reading, Setting},
    stage::{READERS, TASKS, WORKERS},
    work::Work,
};
use crate::bench::{
    figures::{median, rounded},
    machine::Machine,
    servers::{PROJECTS, USERS},
    subject::Database,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The longest that events may wait.
const LAG_SECONDS: f64 = 1.0;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Figures {
    pub(super) machine: Machine,
    pub(super) run: Run,
    pub(super) steps: Vec<Step>,
    pub(super) drains: Vec<Drain>,
    pub(super) deliveries: Vec<Delivery>,
}

/// How it was measured.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Run {
    pub(super) rounds: usize,
    pub(super) seconds: f64,
    /// Of each node.
    pub(super) workers: usize,
    pub(super) users: u64,
    /// Further users, who only get tasks.
    pub(super) readers: u64,
    pub(super) projects: u64,
    pub(super) tasks: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Step {
    #[serde(flatten)]
    pub(super) setting: Setting,
    #[serde(flatten)]
    pub(super) reading: Reading,
}

/// How fast a backlog of events is worked off while nothing else is done.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Drain {
    pub(super) database: Database,
    pub(super) nodes: usize,
    pub(super) events_per_second: f64,
}

/// The rounds of each load.
#[derive(Default)]
pub(super) struct Rounds {
    pub(super) steps: BTreeMap<Setting, Vec<Reading>>,
    /// By database and number of nodes.
    pub(super) drains: BTreeMap<(Database, usize), Vec<f64>>,
    /// By the changes that were to be made in a second.
    pub(super) deliveries: BTreeMap<u32, Vec<Delivery>>,
}

impl Rounds {
    pub(super) fn figures(&self, machine: Machine, options: &Options) -> Figures {
        let step =
            |(setting, rounds): (&Setting, &Vec<Reading>)| Step { setting: *setting, reading: Reading::median(rounds) };
        let drain = |(place, rounds): (&(Database, usize), &Vec<f64>)| Drain {
            database: place.0,
            nodes: place.1,
            events_per_second: rounded(median(rounds.clone()).unwrap_or_default(), 0),
        };
        Figures {
            machine,
            run: Run {
                rounds: options.rounds,
                seconds: options.seconds,
                workers: WORKERS,
                users: USERS,
                readers: READERS,
                projects: PROJECTS,
                tasks: TASKS,
            },
            steps: self.steps.iter().map(step).collect(),
            drains: self.drains.iter().map(drain).collect(),
            deliveries: self.deliveries.iter().map(|(rate, rounds)| Delivery::median(*rate, rounds)).collect(),
        }
    }
}

impl Figures {
    /// The steps of a ladder, by rising load.
    pub(super) fn ladder(&self, work: Work, database: Database, nodes: usize) -> Vec<Step> {
        let is_of_it =
            |step: &&Step| (step.setting.work, step.setting.database, step.setting.nodes) == (work, database, nodes);
        let mut steps: Vec<_> = self.steps.iter().filter(is_of_it).copied().collect();
        steps.sort_by_key(|step| step.setting.connections);
        steps
    }

    /// The step of a ladder from which on more load only waits longer.
    pub(super) fn knee(&self, work: Work, database: Database, nodes: usize) -> Option<Step> {
        knee(&self.ladder(work, database, nodes), |step| step.reading.requests_per_second).copied()
    }

    /// Of a ladder, the step with the most events a second of those after which no event waits for long.
    pub(super) fn dispatched(&self, work: Work, database: Database, nodes: usize) -> Option<Step> {
        highest(
            self.ladder(work, database, nodes),
            |step| step.reading.catch_up_seconds <= LAG_SECONDS,
            |step| step.reading.events_per_second,
        )
    }

    /// The delivery with the most messages of those that keep up.
    pub(super) fn delivered(&self) -> Option<Delivery> {
        highest(self.deliveries.iter().copied(), Delivery::keeps_up, |delivery| delivery.messages_per_second)
    }

    pub(super) fn drain(&self, database: Database, nodes: usize) -> Option<f64> {
        let drain = self.drains.iter().find(|drain| (drain.database, drain.nodes) == (database, nodes));
        drain.map(|drain| drain.events_per_second)
    }

    /// The numbers of nodes that were measured, each once.
    pub(super) fn nodes(&self, database: Database) -> Vec<usize> {
        let of_database = self.steps.iter().filter(|step| step.setting.database == database);
        let mut nodes: Vec<_> = of_database.map(|step| step.setting.nodes).collect();
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    }
}

/// Figures for tests: each ladder has its knee at 32 connections.
#[cfg(test)]
pub(super) fn example() -> Figures {
    let step = |work, database, nodes: usize, connections: usize, rate: f64| Step {
        setting: Setting { work, database, nodes, connections },
        reading: Reading {
            requests_per_second: rate,
            p99_milliseconds: 12.5,
            node_cores: 1.0,
            database_cores: 0.5,
            node_cpu_microseconds: 200.0,
            database_cpu_microseconds: 100.0,
            events_per_second: 2.0 * rate,
            waiting_events: 40.0,
            catch_up_seconds: if connections > 32 { 3.0 } else { 0.5 },
            waiting_jobs: 7.0,
            units_per_commit: if database == Database::Sqlite { 30.0 } else { 0.0 },
            ..Reading::default()
        },
    };
    let mut steps = Vec::new();
    for (connections, rate) in [(8, 500.0), (32, 1900.0), (64, 2000.0)] {
        for work in Work::LADDERS {
            steps.extend([1, 2].map(|nodes| step(work, Database::Postgres, nodes, connections, rate)));
        }
        steps.push(step(Work::Create, Database::Sqlite, 1, connections, 2.0 * rate));
    }
    steps.push(step(Work::HotUser, Database::Postgres, 1, 64, 1800.0));
    steps.push(step(Work::HotProject, Database::Postgres, 1, 64, 400.0));
    let delivery = |offered_per_second, messages_per_second, p99_milliseconds| Delivery {
        offered_per_second,
        messages_per_second,
        p50_milliseconds: 2.0,
        p99_milliseconds,
    };
    let drain = |database, nodes, events_per_second| Drain { database, nodes, events_per_second };
    Figures {
        machine: Machine {
            date: "2026-01-02".to_owned(),
            cores: 2,
            processor: "Some".to_owned(),
            memory_gib: 24,
            kernel: "6.1.0".to_owned(),
            filesystem: "ext4".to_owned(),
            product: "fasttrack 0.1.0".to_owned(),
            commit: "abc1234".to_owned(),
            rustc: "rustc 1.95.0".to_owned(),
            postgres: Some("15.1".to_owned()),
        },
        run: Run { rounds: 2, seconds: 1.0, workers: 1, users: 10, readers: 10_000, projects: 1000, tasks: 100_000 },
        steps,
        drains: vec![drain(Database::Postgres, 1, 5000.0), drain(Database::Sqlite, 1, 9000.0)],
        deliveries: vec![delivery(250, 250.0, 9.0), delivery(500, 490.0, 20.0), delivery(1000, 700.0, 2500.0)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knee_is_that_of_its_ladder() {
        let knee = example().knee(Work::Read, Database::Postgres, 2).unwrap();
        assert_eq!((knee.setting.work, knee.setting.nodes, knee.setting.connections), (Work::Read, 2, 32));
        assert_eq!(example().knee(Work::Read, Database::Postgres, 4), None);
    }

    #[test]
    fn dispatcher_keeps_up_while_events_wait_a_second_at_most() {
        let step = example().dispatched(Work::Create, Database::Postgres, 1).unwrap();
        assert_eq!((step.setting.connections, step.reading.catch_up_seconds), (32, 0.5));
    }

    #[test]
    fn messages_that_are_late_are_no_rate() {
        assert_eq!(example().delivered().unwrap().offered_per_second, 500);
    }

    #[test]
    fn figures_are_the_same_from_their_json() {
        let json = serde_json::to_string(&example()).unwrap();
        assert!(json.contains(r#"{"work":"read","database":"postgres","nodes":1,"connections":8,"#), "{json}");
        let read: Figures = serde_json::from_str(&json).unwrap();
        assert_eq!((read.steps, read.drains), (example().steps, example().drains));
    }

    #[test]
    fn rounds_become_medians() {
        let setting = Setting { work: Work::Read, database: Database::Sqlite, nodes: 1, connections: 8 };
        let reading = |rate| Reading { requests_per_second: rate, ..Reading::default() };
        let mut rounds = Rounds::default();
        rounds.steps.insert(setting, vec![reading(1.0), reading(9.0), reading(2.0)]);
        rounds.drains.insert((Database::Sqlite, 1), vec![10.0, 20.0]);
        let options = Options::parse(&[]).unwrap();
        let figures = rounds.figures(example().machine, &options);
        assert_eq!(figures.steps, [Step { setting, reading: reading(2.0) }]);
        assert_eq!(figures.drain(Database::Sqlite, 1), Some(15.0));
        assert_eq!(figures.nodes(Database::Sqlite), [1]);
    }
}
