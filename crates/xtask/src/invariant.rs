//! Invariants and their violations.

use crate::outcome::Outcome;

/// A rule and its violations.
pub(crate) struct Invariant {
    pub(crate) rule: &'static str,
    pub(crate) violations: Vec<String>,
}

/// Prints every invariant and whether it holds. Fails if one doesn't.
pub(crate) fn report(what: &str, invariants: &[Invariant]) -> Outcome {
    for Invariant { rule, violations } in invariants {
        println!("{} {rule}", if violations.is_empty() { "ok    " } else { "BROKEN" });
        for violation in violations {
            println!("         {violation}");
        }
    }
    match invariants.iter().map(|invariant| invariant.violations.len()).sum() {
        0_usize => Ok(()),
        violations => Err(format!("{violations} violations of the {what}").into()),
    }
}
