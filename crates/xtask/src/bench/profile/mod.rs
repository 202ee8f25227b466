//! Profiles the product in a case: by `perf`, which samples what its threads run, or where that is missing by Callgrind,
//! which counts their instructions.

mod callgrind;
mod perf;

use super::{
    build::{Programs, Purpose},
    case::{Case, Load},
    load::{self, Length},
    options::Options,
    servers::{Servers, WORKERS},
    subject::Subject,
};
use crate::{outcome::Outcome, workspace};
use std::{
    fs::{self, File},
    path::Path,
    process::Command,
};

/// Where the profiles go, from the workspace's root.
const DIRECTORY: &str = "target/profile";

/// A case on a subject.
#[derive(Clone, Copy)]
struct Work {
    case: Case,
    subject: Subject,
    load: Load,
    /// The connections that receive notifications.
    followers: usize,
    seconds: f64,
}

#[derive(Clone, Copy)]
enum Profiler {
    Perf,
    Callgrind,
}

/// Writes the folded stacks and the flame graph of a case on each database.
pub(super) fn run(case: Case, options: &Options) -> Outcome {
    let load = case.load().ok_or("there is nothing to profile: no server runs in this case")?;
    if case.accompanies_login() {
        return Err("these reads run during logins only: profile `login` or `read`".into());
    }
    let profiler = Profiler::find()?;
    let programs = Programs::build(options.binary.clone(), Purpose::Profile)?;
    let directory = workspace::root().canonicalize()?.join(DIRECTORY);
    fs::create_dir_all(&directory)?;
    let mut servers = Servers::start_products(programs, &options.databases, options.tasks, WORKERS)?;
    for database in &options.databases {
        let (followers, seconds) = (options.followers, options.seconds);
        let work = Work { case, subject: database.product(), load, followers, seconds };
        let output = directory.join(format!("{}-{}", case.word(), database.word()));
        eprintln!("{}: profiling {case:?}", database.name());
        profiler.profile(&mut servers, work, &output)?;
        println!("{}", output.with_extension("folded").display());
        println!("{}", output.with_extension("svg").display());
    }
    Ok(())
}

impl Profiler {
    fn find() -> Outcome<Self> {
        let runs = |program| Command::new(program).arg("--version").output().is_ok_and(|it| it.status.success());
        if runs("perf") {
            Ok(Self::Perf)
        } else if runs("valgrind") {
            Ok(Self::Callgrind)
        } else {
            Err("neither perf nor valgrind is installed".into())
        }
    }

    fn profile(self, servers: &mut Servers, work: Work, output: &Path) -> Outcome {
        let title = format!("{}, {}", work.case.name().replace('`', ""), work.subject.name());
        let flame = servers.programs.flame.clone();
        let (format, profile) = match self {
            Self::Perf => ("perf", perf::record(servers, &work, output)?),
            Self::Callgrind => ("callgrind", callgrind::count(servers, work, output)?),
        };
        draw(&flame, format, profile, output, &title)
    }
}

impl Work {
    /// Runs the load.
    fn run(&self, servers: &Servers, length: Length) -> Outcome {
        self.finish(&mut self.generator(servers, length)?)
    }

    fn generator(&self, servers: &Servers, length: Length) -> Outcome<Command> {
        load::generator(servers, self.subject, self.load, self.followers, length)
    }

    /// Runs the load generator, or a program that runs it, to its end.
    fn finish(&self, generator: &mut Command) -> Outcome {
        load::finish(load::start(generator)?, self.subject, self.load)?;
        Ok(())
    }
}

/// Writes the folded stacks and the flame graph of a profile.
fn draw(flame: &Path, format: &str, profile: File, output: &Path, title: &str) -> Outcome {
    let drawn = Command::new(flame)
        .args(["--from", format, "--title", title, "--folded"])
        .arg(output.with_extension("folded"))
        .arg("--svg")
        .arg(output.with_extension("svg"))
        .stdin(profile)
        .output()?;
    if drawn.status.success() {
        Ok(())
    } else {
        Err(format!("no flame graph of {}: {}", output.display(), String::from_utf8_lossy(&drawn.stderr)).into())
    }
}
