//! Searches simulations for broken promises.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use fasttrack_simulation::{Fault, run, search};

/// How many seeds are searched where `SIMULATION_SEEDS` doesn't say.
const SEEDS: u64 = 1_000;

/// The first seed. It is always the same, so that a release doesn't fail by a fault that it only happened to find: `cargo
/// xtask simulate` searches others.
const FIRST: u64 = 1;

/// Seeds that found a fault: a mail that was counted for an erased account, and one that was queued for it by a clock that
/// was ahead.
const FOUND: [u64; 2] = [80, 3_296_138_302];

/// How many seeds it takes at most until a planted fault is found.
const SEEDS_OF_FAULT: u64 = 200;

/// A number that `cargo xtask simulate` sets.
#[expect(clippy::disallowed_methods, reason = "tests have no command line for their settings")]
fn setting(name: &str) -> Option<u64> {
    let value = std::env::var_os(name)?;
    Some(value.to_str().unwrap().parse().unwrap())
}

#[test]
fn every_seed_keeps_all_promises() {
    let first = setting("SIMULATION_SEED").unwrap_or(FIRST);
    let seeds = setting("SIMULATION_SEEDS").unwrap_or(SEEDS);
    assert!(seeds > 0, "no seed is searched");
    if let Some(failure) = search(first..first + seeds, None) {
        panic!("{failure}");
    }
}

#[test]
fn seeds_that_found_faults_keep_all_promises() {
    for seed in FOUND {
        if let Some(failure) = search(seed..seed + 1, None) {
            panic!("{failure}");
        }
    }
}

#[test]
fn same_seed_gives_same_steps() {
    for seed in 0..5 {
        let (first, second) = (run(seed, None).unwrap(), run(seed, None).unwrap());
        assert_eq!(first, second, "seed {seed}");
        assert!(first.steps > 100, "seed {seed} has {} steps", first.steps);
    }
    assert_ne!(run(0, None).unwrap().trace, run(1, None).unwrap().trace);
}

#[test]
fn planted_faults_are_found() {
    for fault in Fault::ALL {
        let failure = search(0..SEEDS_OF_FAULT, Some(fault));
        assert!(failure.is_some(), "{fault:?} is not found by {SEEDS_OF_FAULT} seeds");
    }
}
