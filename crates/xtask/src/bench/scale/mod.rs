//! Measures where nodes, databases, the dispatcher and `pg_notify` saturate: `docs/scaling.json`, and the figures in
//! `docs/scaling.md`.

mod capacity;
mod constants;
mod counts;
mod figures;
mod knee;
mod options;
mod page;
mod reading;
mod stage;
mod work;

use super::{
    build::{Programs, Purpose},
    machine::Machine,
    subject::Database,
};
use crate::{outcome::Outcome, workspace};
use constants::HOT_CONNECTIONS;
use figures::Rounds;
pub(crate) use options::Options;
use reading::Setting;
use stage::Stage;
use std::fs;
use work::Work;

/// Nodes on PostgreSQL.
const NODES: [usize; 3] = [1, 2, 4];

/// Connections that send one request after the other.
const CONNECTIONS: [usize; 6] = [8, 16, 32, 64, 128, 256];

/// Likewise on SQLite, from one writer at a time on.
const SQLITE_CONNECTIONS: [usize; 9] = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/// Changes a second whose messages are received, until they are late.
const CHANGES: [u32; 6] = [125, 250, 500, 1000, 2000, 4000];

/// The number of nodes with which these are received: one makes the changes, one sends the messages.
const DELIVERY_NODES: usize = 2;

/// Measures, and writes the figures: to a file, or to the documentation.
pub(crate) fn run(options: &Options) -> Outcome {
    let programs = Programs::build(options.binary.clone(), Purpose::Release)?;
    let mut stage = Stage::start(programs)?;
    let machine = Machine::describe(&stage.servers.programs.product, stage.servers.cluster.as_ref())?;
    let mut rounds = Rounds::default();
    for round in 1..=options.rounds {
        eprintln!("round {round} of {}", options.rounds);
        measure(&mut stage, options.seconds, &mut rounds)?;
    }
    let mut json = serde_json::to_string_pretty(&rounds.figures(machine, options))?;
    json.push('\n');
    if let Some(path) = &options.output {
        return Ok(fs::write(path, json)?);
    }
    fs::write(workspace::root().join("docs/scaling.json"), json)?;
    report()
}

/// Writes the figures of `docs/scaling.json` into `docs/scaling.md`.
pub(crate) fn report() -> Outcome {
    let docs = workspace::root().join("docs");
    let json = fs::read(docs.join("scaling.json")).map_err(|error| format!("docs/scaling.json: {error}"))?;
    let page = fs::read_to_string(docs.join("scaling.md"))?;
    Ok(fs::write(docs.join("scaling.md"), page::replace(&page, &serde_json::from_slice(&json)?)?)?)
}

/// Runs each load once.
fn measure(stage: &mut Stage, seconds: f64, rounds: &mut Rounds) -> Outcome {
    for nodes in NODES {
        stage.set_nodes(nodes)?;
        let database = Database::Postgres;
        for work in Work::LADDERS {
            for connections in CONNECTIONS {
                step(stage, Setting { work, database, nodes, connections }, seconds, rounds)?;
            }
        }
        for work in Work::HOT {
            step(stage, Setting { work, database, nodes, connections: HOT_CONNECTIONS }, seconds, rounds)?;
        }
        drain(stage, database, nodes, rounds)?;
        if nodes == DELIVERY_NODES {
            deliver(stage, seconds, rounds)?;
        }
    }
    let (work, database, nodes) = (Work::Create, Database::Sqlite, 1);
    for connections in SQLITE_CONNECTIONS {
        step(stage, Setting { work, database, nodes, connections }, seconds, rounds)?;
    }
    drain(stage, database, nodes, rounds)
}

fn step(stage: &Stage, setting: Setting, seconds: f64, rounds: &mut Rounds) -> Outcome {
    let reading = stage.step(setting, seconds)?;
    let Setting { work, database, nodes, connections } = setting;
    eprintln!(
        "{}, {nodes} nodes, {work:?} on {connections} connections: {:.0}/s, p99 {:.1} ms, {:.0} events left for {:.2} s",
        database.name(),
        reading.requests_per_second,
        reading.p99_milliseconds,
        reading.waiting_events,
        reading.catch_up_seconds
    );
    rounds.steps.entry(setting).or_default().push(reading);
    Ok(())
}

fn drain(stage: &Stage, database: Database, nodes: usize, rounds: &mut Rounds) -> Outcome {
    let rate = stage.drain(database)?;
    eprintln!("{}, {nodes} nodes, backlog: {rate:.0} events/s", database.name());
    rounds.drains.entry((database, nodes)).or_default().push(rate);
    Ok(())
}

/// Raises the rate of changes until the messages are late. A failed load is a rate that is too high.
fn deliver(stage: &Stage, seconds: f64, rounds: &mut Rounds) -> Outcome {
    for rate in CHANGES {
        match stage.deliver(rate, seconds) {
            Ok(delivery) => {
                let (messages, p99) = (delivery.messages_per_second, delivery.p99_milliseconds);
                eprintln!("{rate} changes/s: {messages:.0} messages/s, p99 {p99:.1} ms");
                rounds.deliveries.entry(rate).or_default().push(delivery);
                if !delivery.keeps_up() {
                    break;
                }
            }
            Err(error) if rate == CHANGES[0] => return Err(error),
            Err(error) => {
                eprintln!("{rate} changes/s: {error}");
                break;
            }
        }
    }
    stage.settle(Database::Postgres)
}
