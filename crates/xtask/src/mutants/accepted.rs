//! `docs/mutants.yaml`: the mutants that no test finds, with the reason, and the files in which only those that change
//! nothing may be.

use super::fault::Fault;
use crate::{outcome::Outcome, workspace};
use glob::Pattern;
use serde::Deserialize;
use std::{collections::BTreeMap, fs, path::Path};

const PATH: &str = "docs/mutants.yaml";

/// The content of the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Accepted {
    /// Globs of files in which only mutants that change nothing may survive.
    pub(super) complete: Vec<String>,
    /// The mutants that survive.
    pub(super) survivors: Vec<Survivor>,
    /// The mutants with which a test doesn't end: only the time that it takes shows them.
    pub(super) endless: Vec<Endless>,
}

/// A mutant that survives.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Survivor {
    /// The file and the change, as `cargo mutants --list --line-col=false` prints them.
    pub(super) mutant: String,
    /// The number of mutants of this name that survive.
    #[serde(default = "once")]
    pub(super) times: usize,
    /// Why nothing that the code does differs with it.
    pub(super) equivalent: Option<String>,
    /// Why there is no test that finds it.
    pub(super) untested: Option<String>,
}

/// A mutant with which a test doesn't end.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Endless {
    pub(super) mutant: String,
    #[serde(default = "once")]
    pub(super) times: usize,
}

const fn once() -> usize {
    1
}

impl Accepted {
    pub(super) fn read(root: &Path) -> Outcome<Self> {
        let text = fs::read_to_string(root.join(PATH)).map_err(|error| format!("{PATH}: {error}"))?;
        Self::parse(&text)
    }

    pub(super) fn parse(text: &str) -> Outcome<Self> {
        serde_saphyr::from_str(text).map_err(|error| format!("{PATH}: {}", error.without_snippet()).into())
    }

    /// What is wrong with the file whatever was tested.
    pub(super) fn faults(&self, root: &Path) -> Outcome<Vec<Fault>> {
        let mut faults = self.unreasoned();
        for glob in &self.complete {
            if workspace::matching(root, glob)?.is_empty() {
                faults.push(Fault::NoFile { glob: glob.clone() });
            }
        }
        Ok(faults)
    }

    /// The survivors without one reason, and those in complete files that change something.
    fn unreasoned(&self) -> Vec<Fault> {
        let is_blank = |text: &Option<String>| text.as_ref().is_none_or(|text| text.trim().is_empty());
        let mut faults = Vec::new();
        for Survivor { mutant, equivalent, untested, .. } in &self.survivors {
            if is_blank(equivalent) == is_blank(untested) {
                faults.push(Fault::OneReason { mutant: mutant.clone() });
            } else if is_blank(equivalent) && self.is_complete(file_of(mutant)) {
                faults.push(Fault::Untested { mutant: mutant.clone() });
            }
        }
        faults
    }

    /// Whether only mutants that change nothing may survive in this file.
    pub(super) fn is_complete(&self, file: &str) -> bool {
        self.complete.iter().any(|glob| Pattern::new(glob).is_ok_and(|glob| glob.matches(file)))
    }

    /// The number of mutants that may survive, by name, below a folder.
    pub(super) fn survivors(&self, folder: &str) -> BTreeMap<&str, usize> {
        let named = self.survivors.iter().map(|survivor| (survivor.mutant.as_str(), survivor.times));
        sum(named.filter(|(mutant, _)| mutant.starts_with(folder)))
    }

    /// The number of mutants that may be endless, by name, below a folder.
    pub(super) fn endless(&self, folder: &str) -> BTreeMap<&str, usize> {
        let named = self.endless.iter().map(|endless| (endless.mutant.as_str(), endless.times));
        sum(named.filter(|(mutant, _)| mutant.starts_with(folder)))
    }
}

/// The file of a mutant's name.
fn file_of(mutant: &str) -> &str {
    mutant.split_once(": ").map_or(mutant, |(file, _)| file)
}

fn sum<'a>(named: impl Iterator<Item = (&'a str, usize)>) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    for (mutant, times) in named {
        *counts.entry(mutant).or_default() += times;
    }
    counts
}
