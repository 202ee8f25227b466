//! Runs many simulations of several nodes: `tests/simulation`, which CI runs with a thousand.

use crate::{outcome::Outcome, workspace};
use std::hash::{BuildHasher, Hasher, RandomState};

const TEST: &str = "every_seed_keeps_all_promises";

/// What to search.
#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    seeds: u64,
    /// The first seed, the others follow. `None` for any.
    seed: Option<u64>,
}

impl Options {
    /// Parses the command line; `None` if it is invalid.
    pub(crate) fn parse(arguments: &[&str]) -> Option<Self> {
        match arguments {
            [] => Some(Self { seeds: 50_000, seed: None }),
            ["--seeds", seeds, rest @ ..] => Some(Self { seeds: seeds.parse().ok()?, ..Self::parse(rest)? }),
            ["--seed", seed, rest @ ..] => Some(Self { seed: Some(seed.parse().ok()?), ..Self::parse(rest)? }),
            _ => None,
        }
    }
}

/// Runs the simulations. Fails at the first that breaks a promise.
pub(crate) fn run(options: &Options) -> Outcome {
    let mut test = workspace::test("simulation", TEST);
    test.env("SIMULATION_SEEDS", options.seeds.to_string())
        .env("SIMULATION_SEED", options.seed.unwrap_or_else(any_seed).to_string());
    if test.status()?.success() { Ok(()) } else { Err("a simulation breaks a promise".into()) }
}

/// One that leaves room for the seeds after it.
fn any_seed() -> u64 {
    RandomState::new().build_hasher().finish() >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_have_defaults_and_any_order() {
        let parsed = |seeds, seed| Some(Options { seeds, seed });
        assert_eq!(Options::parse(&[]), parsed(50_000, None));
        assert_eq!(Options::parse(&["--seeds", "7"]), parsed(7, None));
        assert_eq!(Options::parse(&["--seed", "3", "--seeds", "7"]), parsed(7, Some(3)));
    }

    #[test]
    fn invalid_options_are_refused() {
        for arguments in [&["--seeds"][..], &["--seeds", "many"], &["--seed", "-1"], &["7"]] {
            assert_eq!(Options::parse(arguments), None, "{arguments:?}");
        }
    }
}
