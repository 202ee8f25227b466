//! Mutation tests of `domain` and `app`: cargo-mutants changes one thing after the other, and a test has to fail each
//! time. `docs/mutants.yaml` has the changes that no test finds, with the reason.

mod accepted;
mod options;
mod outcomes;
mod program;
mod verdict;

pub(crate) use options::Options;

use crate::{outcome::Outcome, workspace};
use accepted::Accepted;
use outcomes::Tally;

/// Tests the mutants of each package, then compares them with `docs/mutants.yaml`. Fails if a fault is found.
pub(crate) fn run(options: &Options) -> Outcome {
    program::refuse_leftovers(&workspace::sources()?)?;
    program::install()?;
    let accepted = Accepted::read(&workspace::root())?;
    let mut faults = accepted.faults(&workspace::root())?;
    for package in options.packages() {
        let outcomes = program::test(*package, options)?;
        let is_whole = options.is_whole();
        println!("{}: {}", package.name(), Tally::of(&outcomes.mutants));
        faults.extend(verdict::faults(&outcomes, &accepted, *package, is_whole));
    }
    for fault in &faults {
        println!("FAULT  {fault}");
    }
    if faults.is_empty() { Ok(()) } else { Err(format!("{} faults of mutation tests", faults.len()).into()) }
}

#[cfg(test)]
mod tests;
