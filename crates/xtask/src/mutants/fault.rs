//! What can be wrong with the tests, or with `docs/mutants.yaml`.

use super::outcomes::Tally;
use std::fmt;

/// The least share of mutants that have to be found, in hundredths of a percent.
pub(super) const LEAST_SHARE: usize = 9_500;

/// Something that is wrong with the tests, or with `docs/mutants.yaml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// No test finds these mutants, and they aren't named as often.
    Survives { mutant: String, named: usize, places: Vec<String> },
    /// A test doesn't end with these mutants, and they aren't named as often.
    DoesNotEnd { mutant: String, named: usize, places: Vec<String> },
    /// More mutants are named as survivors than survive.
    IsFound { mutant: String, named: usize, survive: usize },
    /// More mutants are named as endless than are.
    Ends { mutant: String, named: usize, endless: usize },
    /// A survivor has no reason, or two.
    OneReason { mutant: String },
    /// A survivor that changes something is in a file in which none may be.
    Untested { mutant: String },
    /// No file is meant by a glob.
    NoFile { glob: String },
    /// Too few of a package's mutants are found.
    Share { package: &'static str, tally: Tally },
    /// The run ended before all mutants were tested.
    Unfinished { planned: usize, tested: usize },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Survives { mutant, named, places } => {
                write!(f, "no test finds `{mutant}` at {}; {named} named", places.join(" and "))
            }
            Self::DoesNotEnd { mutant, named, places } => {
                write!(f, "a test doesn't end with `{mutant}` at {}; {named} named", places.join(" and "))
            }
            Self::IsFound { mutant, named, survive } => {
                write!(
                    f,
                    "`{mutant}` is named {named} times and survives {survive} times: name it no more, or less often"
                )
            }
            Self::Ends { mutant, named, endless } => {
                write!(f, "`{mutant}` is named {named} times as endless, and is so {endless} times")
            }
            Self::OneReason { mutant } => write!(f, "`{mutant}` must have `equivalent` or `untested`, with a reason"),
            Self::Untested { mutant } => {
                write!(f, "`{mutant}` is in a file in which only mutants that change nothing may survive")
            }
            Self::NoFile { glob } => write!(f, "`{glob}` in `complete` is no file"),
            Self::Share { package, tally } => {
                write!(f, "{package}: {tally}; {} % have to be found", LEAST_SHARE / 100)
            }
            Self::Unfinished { planned, tested } => write!(f, "{tested} of {planned} mutants were tested"),
        }
    }
}
