//! Records histories under faults and checks them: `tests/tests/histories`, of which CI runs a short one on each database.

mod replay;

use crate::{outcome::Outcome, workspace};
use std::path::PathBuf;

const TEST: &str = "histories::answers_during_faults_keep_every_promise";

/// The executables of tests, by the name of the database that each uses.
const DATABASES: [&str; 2] = ["sqlite", "postgres"];

/// What to record, or to check again.
#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    /// For how long, on each database.
    minutes: u64,
    databases: Vec<&'static str>,
    /// The seed of the first history, those of the others follow. `None` for any.
    seed: Option<u64>,
    /// A history that was recorded before. Nothing is recorded then.
    replay: Option<PathBuf>,
}

impl Options {
    /// Parses the command line; `None` if it is invalid.
    pub(crate) fn parse(arguments: &[&str]) -> Option<Self> {
        if let ["--replay", file] = arguments {
            return Some(Self { replay: Some(file.into()), ..Self::parse(&[])? });
        }
        let mut options = Self { minutes: 10, databases: DATABASES.to_vec(), seed: None, replay: None };
        for option in arguments.chunks(2) {
            match *option {
                ["--minutes", number] => options.minutes = number.parse::<u64>().ok().filter(|minutes| *minutes > 0)?,
                ["--database", word] => {
                    options.databases = vec![DATABASES.into_iter().find(|database| *database == word)?];
                }
                ["--seed", number] => options.seed = Some(number.parse().ok()?),
                _ => return None,
            }
        }
        Some(options)
    }
}

/// Records and checks histories, or checks one again. Fails at the first that breaks a promise.
pub(crate) fn run(options: &Options) -> Outcome {
    if let Some(file) = &options.replay {
        return replay::run(file);
    }
    for &database in &options.databases {
        let mut test = workspace::test(database, TEST);
        // Without a PostgreSQL the test fails then, and isn't left out.
        test.env("CI", "true").env("HISTORIES_MINUTES", options.minutes.to_string());
        if let Some(seed) = options.seed {
            test.env("HISTORIES_SEED", seed.to_string());
        }
        if !test.status()?.success() {
            return Err(format!("a history on {database} breaks a promise").into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Options {
        Options::parse(arguments).unwrap()
    }

    #[test]
    fn ten_minutes_on_both_databases_are_the_default() {
        let expected = Options { minutes: 10, databases: vec!["sqlite", "postgres"], seed: None, replay: None };
        assert_eq!(parsed(&[]), expected);
    }

    #[test]
    fn options_may_have_any_order() {
        let expected = Options { minutes: 3, databases: vec!["postgres"], seed: Some(7), replay: None };
        assert_eq!(parsed(&["--seed", "7", "--database", "postgres", "--minutes", "3"]), expected);
    }

    #[test]
    fn replay_stands_alone() {
        assert_eq!(parsed(&["--replay", "a.jsonl"]).replay, Some("a.jsonl".into()));
        assert_eq!(Options::parse(&["--replay", "a.jsonl", "--seed", "7"]), None);
    }

    #[test]
    fn invalid_options_are_refused() {
        for arguments in [
            &["--minutes"][..],
            &["--minutes", "0"],
            &["--seed", "-1"],
            &["--database", "mysql"],
            &["7"],
            &["--replay"],
        ] {
            assert_eq!(Options::parse(arguments), None, "{arguments:?}");
        }
    }
}
