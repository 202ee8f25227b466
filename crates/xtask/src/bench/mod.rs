//! Measures the product beside a floor, which does nothing, and a peer, which does the same plainly.
//!
//! The floor (bare actix), the peer (axum and sqlx), the load generator, what runs SQL and what draws profiles are in
//! `tests/bench`.

mod against;
mod binary;
mod build;
mod case;
mod figures;
mod goals;
mod http;
mod load;
mod machine;
mod options;
mod page;
mod pause;
mod postgres;
mod process;
mod profile;
mod rounds;
mod sample;
pub(crate) mod scale;
mod servers;
mod subject;
mod usage;

use crate::{outcome::Outcome, workspace};
use binary::Binary;
pub(crate) use build::release;
use build::{Programs, Purpose};
use figures::{Figures, Measurement, Run, ServerFigures, median};
use machine::Machine;
pub(crate) use options::Options;
use pause::pause;
use rounds::Plan;
use sample::Samples;
use servers::{PROJECTS, Servers, USERS, WORKERS};
use std::{fs, time::Duration};
pub(crate) use subject::Database;
use subject::Subject;

/// How often the product is started to measure how long that takes.
const STARTS: usize = 5;

/// Measures, and writes the figures: to a file, or to the documentation. Or profiles, if that is chosen.
pub(crate) fn run(options: Options) -> Outcome {
    if let Some(case) = options.profile {
        return profile::run(case, &options);
    }
    // First, as a run takes minutes.
    let before = options.against.as_deref().map(against::read).transpose()?;
    let programs = Programs::build(options.binary.clone(), Purpose::Release)?;
    let binary = Binary::measure(&programs.product)?;
    let mut servers = Servers::start(programs, &options.databases, options.tasks, options.large)?;
    let machine = Machine::describe(&servers.programs.product, servers.cluster.as_ref())?;
    let plan = Plan {
        cases: &options.cases,
        databases: &options.databases,
        large: options.large.is_some(),
        rounds: options.rounds,
        seconds: options.seconds,
        followers: options.followers,
    };
    let samples = plan.run(&servers)?;
    let products = options.databases.iter().map(|database| database.product());
    let products = products.map(|product| start_up(&mut servers, product, &samples)).collect::<Outcome<_>>()?;
    let figures = Figures {
        machine,
        run: Run {
            rounds: options.rounds,
            seconds: options.seconds,
            workers: WORKERS,
            users: USERS,
            projects: PROJECTS,
            tasks: options.tasks,
            large: options.large,
            followers: options.cases.iter().any(|case| case.follows()).then_some(options.followers),
        },
        binary,
        servers: products,
        measurements: Measurement::all(&samples),
    };
    let mut json = serde_json::to_string_pretty(&figures)?;
    json.push('\n');
    if let Some(path) = options.output {
        fs::write(path, json)?;
    } else {
        fs::write(workspace::root().join("docs/performance.json"), json)?;
        report()?;
    }
    if let Some(before) = before {
        print!("{}", against::compare(&figures, &before));
    }
    Ok(())
}

/// Writes the figures of `docs/performance.json` into `docs/performance.md`.
pub(crate) fn report() -> Outcome {
    let docs = workspace::root().join("docs");
    let json = fs::read(docs.join("performance.json")).map_err(|error| format!("docs/performance.json: {error}"))?;
    let page = fs::read_to_string(docs.join("performance.md"))?;
    Ok(fs::write(docs.join("performance.md"), page::replace(&page, &serde_json::from_slice(&json)?)?)?)
}

/// Starts the product several times on the database that it has.
fn start_up(servers: &mut Servers, product: Subject, samples: &Samples) -> Outcome<ServerFigures> {
    let mut milliseconds = Vec::new();
    for _ in 0..STARTS {
        milliseconds.push(servers.restart(product, &[])?.process.start_up.as_secs_f64() * 1000.0);
    }
    pause(Duration::from_secs(1));
    let is_on_64_connections = |load: case::Load| load.connections <= 64 && load.follow.is_none();
    let on_64_connections = samples
        .iter()
        .filter(|((case, subject), _)| *subject == product && case.load().is_some_and(is_on_64_connections));
    Ok(ServerFigures {
        subject: product,
        start_up_milliseconds: median(milliseconds).unwrap_or_default(),
        idle_memory_bytes: servers.get(product)?.process.memory()?,
        loaded_memory_bytes: on_64_connections
            .flat_map(|(_, rounds)| rounds)
            .map(|it| it.memory)
            .max()
            .unwrap_or_default(),
    })
}
