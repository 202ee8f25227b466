//! Runs cargo-mutants.
//!
//! It works in place, in the folder `target` that other builds use. A copy of the tree has its packages at other paths,
//! and so compiles each of them again in every run. In place, of a mutant of `domain` only `domain` and its tests are
//! compiled, incrementally, and of one of `app` its unit tests alone.
//!
//! The dependencies are compiled once more than by `cargo test --workspace`, in the first run: cargo unites the features
//! of dependencies among the packages that it builds, and of one package they are fewer (`chrono` without `serde`). Only
//! an unstable cargo can take those of the workspace (`resolver.feature-unification`). Those of `domain` are few. `app`
//! has adapters among its dependencies for tests, which take minutes.

use super::{
    options::{Options, Package, Part},
    outcomes::Outcomes,
};
use crate::{
    outcome::Outcome,
    workspace::{self, Source},
};
use std::{
    fs,
    process::{Command, Stdio},
};

/// The release that is run. Another one may make other mutants, or name them otherwise.
const VERSION: &str = "27.1.0";

/// What it writes beside each change.
const MARK: &str = "/* ~ changed by cargo-mutants ~ */";

/// The folder of its reports.
const OUTPUT: &str = "target/mutants";

/// Runs tests with 4 GiB of addresses at most: with some mutants a loop fills a list without end.
const LIMITED: &str = "--cargo-arg=--config=target.'cfg(all())'.runner=['prlimit','--as=4294967296']";

/// Fails where a run that was killed has left a mutant in the sources.
pub(super) fn refuse_leftovers(sources: &[Source]) -> Outcome {
    let is_mutated = |source: &&Source| {
        let is_tested = [Package::Domain, Package::App].iter().any(|package| source.path.starts_with(package.folder()));
        is_tested && source.text.contains(MARK)
    };
    match sources.iter().find(is_mutated) {
        Some(Source { path, .. }) => {
            Err(format!("{path} has a mutant, of a run that was killed: restore the file").into())
        }
        None => Ok(()),
    }
}

/// Installs cargo-mutants where it isn't there, or is another release.
pub(super) fn install() -> Outcome {
    let found = Command::new("cargo").args(["mutants", "--version"]).stderr(Stdio::null()).output()?;
    if String::from_utf8_lossy(&found.stdout).trim() == format!("cargo-mutants {VERSION}") {
        return Ok(());
    }
    // Unoptimized, as little of the time is its own.
    let arguments =
        ["install", "--debug", "--locked", "--target-dir", "target/tools", "--version", VERSION, "cargo-mutants"];
    workspace::cargo(&arguments).map(drop)
}

/// Tests mutants of a package.
pub(super) fn test(package: Package, options: &Options) -> Outcome<Outcomes> {
    let mut selected = vec!["mutants", "--package", package.name()];
    if let Some(file) = &options.file {
        selected.extend(["--file", file]);
    }
    let listed = match options.part {
        Part::Sample { .. } => count(&workspace::cargo(&[&selected[..], &["--list"]].concat())?)?,
        Part::Whole | Part::Shard { .. } => 0,
    };
    let root = workspace::root();
    let output = root.join(OUTPUT);
    fs::create_dir_all(&output)?;
    let mut command = Command::new("cargo");
    command.args(selected).args(["--in-place", "--no-shuffle", "--output", OUTPUT]).current_dir(&root);
    command.args(["--cargo-arg=--locked".to_owned(), format!("--cargo-arg={}", package.tests())]);
    if let Some((index, count)) = options.part.shard(listed) {
        // In turns, so that a sample has mutants of the whole package.
        command.args(["--sharding", "round-robin", "--shard", &format!("{index}/{count}")]);
    }
    if Command::new("prlimit").arg("--version").stdout(Stdio::null()).status().is_ok() {
        command.arg(LIMITED);
    }
    command
        .env("CARGO_INCREMENTAL", "1")
        // It refuses jobs at once in place.
        .env_remove("CARGO_MUTANTS_JOBS")
        // A failure ends the test: it is the wanted result. No file remembers it, and each run makes the same cases.
        .env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1")
        .env("PROPTEST_MAX_SHRINK_ITERS", "0")
        .env("PROPTEST_RNG_SEED", "1");
    // 2: mutants were missed. 3: tests didn't end.
    match command.status()?.code() {
        Some(0 | 2 | 3) => Outcomes::read(&output.join("mutants.out")),
        Some(4) => Err("the tests fail without a mutant".into()),
        code => Err(format!("cargo-mutants failed: {code:?}").into()),
    }
}

/// The number of mutants in a list of them.
fn count(list: &[u8]) -> Outcome<u64> {
    Ok(u64::try_from(String::from_utf8_lossy(list).lines().count())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mutant_left_in_a_source_is_refused() {
        let source = |path: &str, text: &str| Source { path: path.to_owned(), text: text.to_owned() };
        let mutated = format!("fn f() -> bool {{ true {MARK} }}");
        let clean = source("crates/domain/src/page.rs", "fn f() -> bool { false }");
        assert!(refuse_leftovers(&[clean.clone(), source("crates/xtask/src/main.rs", &mutated)]).is_ok());
        let error = refuse_leftovers(&[clean, source("crates/app/src/retry.rs", &mutated)]).unwrap_err();
        assert!(error.to_string().starts_with("crates/app/src/retry.rs has a mutant"), "{error}");
    }

    #[test]
    fn mutants_are_counted_by_line() {
        let list = b"crates/domain/src/page.rs:50:19: replace > with < in Cursor::decode\nb\n";
        assert_eq!([count(list).unwrap(), count(b"").unwrap()], [2, 0]);
    }
}
