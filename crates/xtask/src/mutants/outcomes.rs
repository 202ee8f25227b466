//! What cargo-mutants found, from the files that it writes.

use crate::outcome::Outcome;
use serde_json::{Value, json};
use std::{fmt, fs, path::Path};

/// How the tests of one mutant ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// A test failed.
    Caught,
    /// No test failed.
    Missed,
    /// A test didn't end.
    Endless,
    /// The compiler refused the mutant, so that it shows nothing.
    Unviable,
}

impl Ending {
    fn parse(summary: &str) -> Option<Self> {
        match summary {
            "CaughtMutant" => Some(Self::Caught),
            "MissedMutant" => Some(Self::Missed),
            "Timeout" => Some(Self::Endless),
            "Unviable" => Some(Self::Unviable),
            _ => None,
        }
    }
}

/// One mutant that was tested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mutant {
    /// The path from the workspace's root, with slashes.
    pub(super) file: String,
    /// The line and the column.
    pub(super) place: String,
    /// What was changed, like `replace < with <= in Limit::up_to`. Several mutants of a file may have the same.
    pub(super) change: String,
    pub(super) ending: Ending,
}

impl Mutant {
    /// The name without the place, which would change with each line that is added above.
    pub(super) fn name(&self) -> String {
        format!("{}: {}", self.file, self.change)
    }
}

/// What a run found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outcomes {
    /// The number of mutants that were to be tested.
    pub(super) planned: usize,
    pub(super) mutants: Vec<Mutant>,
}

impl Outcomes {
    /// Reads the folder `mutants.out`.
    pub(super) fn read(folder: &Path) -> Outcome<Self> {
        let read = |file: &str| -> Outcome<Value> {
            let path = folder.join(file);
            let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            Ok(serde_json::from_str(&text)?)
        };
        let planned = read("mutants.json")?;
        // Without mutants it writes no outcomes.
        let outcomes = if planned == json!([]) { json!({ "outcomes": [] }) } else { read("outcomes.json")? };
        Self::parse(&planned, &outcomes)
    }

    /// Parses `mutants.json` and `outcomes.json`.
    pub(super) fn parse(planned: &Value, outcomes: &Value) -> Outcome<Self> {
        let unknown = || "cargo-mutants wrote files of no known form";
        let mut mutants = Vec::new();
        for outcome in outcomes["outcomes"].as_array().ok_or_else(unknown)? {
            let summary = outcome["summary"].as_str().ok_or_else(unknown)?;
            if outcome["scenario"] == "Baseline" {
                if summary != "Success" {
                    return Err("the tests fail without a mutant".into());
                }
                continue;
            }
            let mutant = &outcome["scenario"]["Mutant"];
            let ending = Ending::parse(summary).ok_or_else(|| format!("cargo-mutants reports `{summary}`"))?;
            mutants.push(parse_mutant(mutant, ending).ok_or_else(unknown)?);
        }
        Ok(Self { planned: planned.as_array().ok_or_else(unknown)?.len(), mutants })
    }
}

fn parse_mutant(mutant: &Value, ending: Ending) -> Option<Mutant> {
    let (file, name) = (mutant["file"].as_str()?, mutant["name"].as_str()?);
    let (place, change) = name.strip_prefix(file)?.strip_prefix(':')?.split_once(": ")?;
    Some(Mutant { file: file.to_owned(), place: place.to_owned(), change: change.to_owned(), ending })
}

/// The number of mutants by their ending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) caught: usize,
    pub(super) missed: usize,
    pub(super) endless: usize,
    pub(super) unviable: usize,
}

impl Tally {
    pub(super) fn of<'a>(mutants: impl IntoIterator<Item = &'a Mutant>) -> Self {
        let mut tally = Self::default();
        for mutant in mutants {
            match mutant.ending {
                Ending::Caught => tally.caught += 1,
                Ending::Missed => tally.missed += 1,
                Ending::Endless => tally.endless += 1,
                Ending::Unviable => tally.unviable += 1,
            }
        }
        tally
    }

    /// The mutants that a test can find: all but those that the compiler refused.
    pub(super) const fn viable(self) -> usize {
        self.caught + self.missed + self.endless
    }

    /// The share of the viable mutants that were found, in hundredths of a percent and rounded down. That a test didn't
    /// end is a find, as each such mutant has to be named.
    pub(super) fn share(self) -> usize {
        (self.caught + self.endless) * 10_000 / self.viable().max(1)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { caught, missed, endless, unviable } = self;
        let share = self.share();
        let percent = format!("{}.{:02} %", share / 100, share % 100);
        write!(f, "{caught} caught, {missed} missed, {endless} endless, {unviable} not compiled: {percent} found")
    }
}
