//! What is wrong with the outcomes of a run.

use super::{
    accepted::Accepted,
    fault::{Fault, LEAST_SHARE},
    options::Package,
    outcomes::{Ending, Mutant, Outcomes, Tally},
};
use std::collections::BTreeMap;

/// The faults of a run. Names that aren't there, and shares, are judged by a run of a whole package alone.
pub(super) fn faults(outcomes: &Outcomes, accepted: &Accepted, package: Package, is_whole: bool) -> Vec<Fault> {
    let (survivors, endless) = (accepted.survivors(package.folder()), accepted.endless(package.folder()));
    let missed = by_name(&outcomes.mutants, Ending::Missed);
    let stuck = by_name(&outcomes.mutants, Ending::Endless);
    let mut faults = Vec::new();
    for (mutant, named, places) in unnamed(missed.clone(), &survivors) {
        faults.push(Fault::Survives { mutant, named, places });
    }
    for (mutant, named, places) in unnamed(stuck.clone(), &endless) {
        faults.push(Fault::DoesNotEnd { mutant, named, places });
    }
    if outcomes.mutants.len() != outcomes.planned {
        faults.push(Fault::Unfinished { planned: outcomes.planned, tested: outcomes.mutants.len() });
    }
    if !is_whole {
        return faults;
    }
    for (mutant, named, survive) in missing(&missed, survivors) {
        faults.push(Fault::IsFound { mutant, named, survive });
    }
    for (mutant, named, endless) in missing(&stuck, endless) {
        faults.push(Fault::Ends { mutant, named, endless });
    }
    let tally = Tally::of(&outcomes.mutants);
    if tally.share() < LEAST_SHARE {
        faults.push(Fault::Share { package: package.name(), tally });
    }
    faults
}

/// The places of mutants, by name.
type Places = BTreeMap<String, Vec<String>>;

/// The places of the mutants with this ending.
fn by_name(mutants: &[Mutant], ending: Ending) -> Places {
    let mut names = Places::new();
    for mutant in mutants.iter().filter(|mutant| mutant.ending == ending) {
        names.entry(mutant.name()).or_default().push(mutant.place.clone());
    }
    names
}

/// The mutants that there are more of than are named, with the number that is named.
fn unnamed(found: Places, named: &BTreeMap<&str, usize>) -> Vec<(String, usize, Vec<String>)> {
    let with_number = |(mutant, places): (String, Vec<String>)| {
        let number = named.get(mutant.as_str()).copied().unwrap_or_default();
        (places.len() > number).then_some((mutant, number, places))
    };
    found.into_iter().filter_map(with_number).collect()
}

/// The mutants that there are fewer of than are named, with the number that is named and that of those found.
fn missing(found: &Places, named: BTreeMap<&str, usize>) -> Vec<(String, usize, usize)> {
    let with_numbers = |(mutant, number): (&str, usize)| {
        let count = found.get(mutant).map_or(0, Vec::len);
        (count < number).then(|| (mutant.to_owned(), number, count))
    };
    named.into_iter().filter_map(with_numbers).collect()
}
