//! Mutation tests of `domain` and `app`: cargo-mutants changes one thing after the other, and a test has to fail each
//! time. `docs/mutants.yaml` has the changes that no test finds, with the reason.

mod accepted;
mod fault;
mod options;
mod outcomes;
mod program;
mod verdict;

pub(crate) use options::Options;

use crate::{outcome::Outcome, workspace};
use accepted::Accepted;
use outcomes::Tally;

/// Tests the mutants of each package, and compares them with `docs/mutants.yaml`. Fails if a fault is found, or if there is
/// no mutant, as with a glob that no file matches.
pub(crate) fn run(options: &Options) -> Outcome {
    program::refuse_leftovers(&workspace::sources()?)?;
    program::install()?;
    let accepted = Accepted::read(&workspace::root())?;
    let (mut faults, mut tested) = (accepted.faults(&workspace::root())?, 0);
    for package in options.packages() {
        let outcomes = program::test(*package, options)?;
        tested += outcomes.mutants.len();
        let is_whole = options.is_whole();
        println!("{}: {}", package.name(), Tally::of(&outcomes.mutants));
        faults.extend(verdict::faults(&outcomes, &accepted, *package, is_whole));
    }
    for fault in &faults {
        println!("FAULT  {fault}");
    }
    match faults.len() {
        0 if tested == 0 => Err("no mutant was tested".into()),
        0 => Ok(()),
        number => Err(format!("{number} faults of mutation tests").into()),
    }
}

#[cfg(test)]
mod tests;
