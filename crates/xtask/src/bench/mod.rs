//! Measures the product beside a floor, which does nothing, and a peer, which does the same plainly.
//!
//! The floor (bare actix), the peer (axum and sqlx), the load generator and what runs SQL are in `tests/bench`.

mod binary;
mod build;
mod figures;
mod goals;
mod http;
mod machine;
mod page;
mod pause;
mod postgres;
mod process;
mod rounds;
mod servers;
mod subject;
mod usage;

use crate::{outcome::Outcome, workspace};
use binary::Binary;
use build::Programs;
use figures::{Figures, Measurement, Run, ServerFigures, median};
use machine::Machine;
use pause::pause;
use rounds::{Plan, Samples};
use servers::{PROJECTS, Servers, USERS, WORKERS};
use std::{fs, path::PathBuf, time::Duration};
use subject::{Case, Database, Subject};

/// How often the product is started to measure how long that takes.
const STARTS: usize = 5;

/// Options of the command.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Options {
    rounds: usize,
    seconds: f64,
    tasks: u64,
    /// Tasks of a second, larger database of the product.
    large: Option<u64>,
    databases: Vec<Database>,
    cases: Vec<Case>,
    /// The product's executable, which is built otherwise.
    binary: Option<PathBuf>,
    /// Where the figures go instead of into the documentation.
    output: Option<PathBuf>,
}

impl Options {
    const DEFAULT: Self = Self {
        rounds: 5,
        seconds: 5.0,
        tasks: 100_000,
        large: None,
        databases: Vec::new(),
        cases: Vec::new(),
        binary: None,
        output: None,
    };

    /// Parses the command line; `None` if it is invalid.
    pub(crate) fn parse(arguments: &[&str]) -> Option<Self> {
        let mut options = Self::DEFAULT;
        for option in arguments.chunks(2) {
            match *option {
                ["--rounds", rounds] => options.rounds = rounds.parse().ok().filter(|rounds| *rounds > 0)?,
                ["--seconds", seconds] => options.seconds = seconds.parse().ok().filter(|seconds| *seconds > 0.0)?,
                ["--tasks", tasks] => options.tasks = tasks.parse().ok().filter(|tasks| *tasks >= PROJECTS)?,
                ["--large", tasks] => options.large = Some(tasks.parse().ok().filter(|tasks| *tasks >= PROJECTS)?),
                ["--database", database] => options.databases.push(Database::parse(database)?),
                ["--only", cases] => options.cases = cases.split(',').map(Case::parse).collect::<Option<_>>()?,
                ["--binary", path] => options.binary = Some(path.into()),
                ["--output", path] => options.output = Some(path.into()),
                _ => return None,
            }
        }
        if options.databases.is_empty() {
            options.databases.extend(Database::ALL);
        }
        if options.cases.is_empty() {
            options.cases.extend(Case::ALL);
        }
        Some(options)
    }
}

/// Measures, and writes the figures: to a file, or to the documentation.
pub(crate) fn run(options: Options) -> Outcome {
    let programs = Programs::build(options.binary.clone())?;
    let binary = Binary::measure(&programs.product)?;
    let mut servers = Servers::start(programs, &options.databases, options.tasks, options.large)?;
    let machine = Machine::describe(&servers.programs.product, servers.cluster.as_ref())?;
    let plan = Plan {
        cases: &options.cases,
        databases: &options.databases,
        large: options.large.is_some(),
        rounds: options.rounds,
        seconds: options.seconds,
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
        },
        binary,
        servers: products,
        measurements: Measurement::all(&samples),
    };
    let mut json = serde_json::to_string_pretty(&figures)?;
    json.push('\n');
    if let Some(path) = options.output {
        return Ok(fs::write(path, json)?);
    }
    fs::write(workspace::root().join("docs/performance.json"), json)?;
    report()
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
        milliseconds.push(servers.restart(product)?.process.start_up.as_secs_f64() * 1000.0);
    }
    pause(Duration::from_secs(1));
    let on_64_connections = samples
        .iter()
        .filter(|((case, subject), _)| *subject == product && case.load().is_some_and(|load| load.connections <= 64));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_measured_by_default() {
        let options = Options::parse(&[]).unwrap();
        assert_eq!((options.databases, options.cases), (Database::ALL.to_vec(), Case::ALL.to_vec()));
        assert_eq!((options.rounds, options.tasks, options.large), (5, 100_000, None));
    }

    #[test]
    fn options_narrow_the_run() {
        let options = ["--only", "read,create", "--database", "sqlite", "--seconds", "0.5", "--large", "1000000"];
        let options = Options::parse(&options).unwrap();
        assert_eq!((options.databases, options.cases), (vec![Database::Sqlite], vec![Case::Read, Case::Create]));
        assert_eq!((options.seconds, options.large), (0.5, Some(1_000_000)));
    }

    #[test]
    fn invalid_options_are_refused() {
        for options in [&["--rounds", "0"][..], &["--only", "sleep"], &["--seconds"], &["--tasks", "9"], &["-v", "1"]] {
            assert_eq!(Options::parse(options), None, "{options:?}");
        }
    }
}
