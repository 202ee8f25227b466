//! Soaks the binary that is built for release: `tests/tests/soak`, which CI runs for some seconds with that of the tests.

use crate::{
    bench::{self, Database},
    outcome::Outcome,
    workspace,
};
use std::{
    fs,
    path::{PathBuf, absolute},
};

const TEST: &str = "soak::figures_stay_flat_under_load";

/// How long, and on what.
#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    seconds: u64,
    database: Database,
    /// The executable, which is built otherwise.
    binary: Option<PathBuf>,
    /// Where the figures go instead of into the target directory.
    output: Option<PathBuf>,
}

impl Options {
    /// Parses the command line; `None` if it is invalid. Hours and minutes add up; without both it is an hour.
    pub(crate) fn parse(arguments: &[&str]) -> Option<Self> {
        let (mut hours, mut minutes) = (None, None);
        let (mut database, mut binary, mut output) = (Database::Sqlite, None, None);
        for option in arguments.chunks(2) {
            match *option {
                ["--hours", number] => hours = Some(number.parse::<u32>().ok()?),
                ["--minutes", number] => minutes = Some(number.parse::<u32>().ok()?),
                ["--database", word] => database = Database::parse(word)?,
                ["--binary", path] => binary = Some(path.into()),
                ["--output", path] => output = Some(path.into()),
                _ => return None,
            }
        }
        let minutes = match (hours, minutes) {
            (None, None) => 60,
            (hours, minutes) => 60 * u64::from(hours.unwrap_or(0)) + u64::from(minutes.unwrap_or(0)),
        };
        (minutes > 0).then_some(Self { seconds: 60 * minutes, database, binary, output })
    }
}

/// Runs the server under load, and fails where a figure grew or a request failed.
pub(crate) fn run(options: Options) -> Outcome {
    let Options { seconds, database, binary, output } = options;
    let database = database.word();
    let binary = bench::release(binary)?;
    let output = match output {
        // The test runs in another directory.
        Some(path) => absolute(path)?,
        None => workspace::root().canonicalize()?.join(format!("target/soak-{database}.json")),
    };
    // It is there afterwards only if the test ran: without a PostgreSQL it succeeds at once.
    if output.exists() {
        fs::remove_file(&output)?;
    }
    let status = workspace::test(database, TEST)
        .env("SOAK_SECONDS", seconds.to_string())
        .env("SOAK_BINARY", binary)
        .env("SOAK_OUTPUT", &output)
        .status()?;
    if !output.exists() {
        return Err(format!("the soak on {database} did not run to its end").into());
    }
    println!("figures and samples: {}", output.display());
    if status.success() { Ok(()) } else { Err("a figure grew, or a request failed".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hour_on_sqlite_is_the_default() {
        let options = Options { seconds: 3600, database: Database::Sqlite, binary: None, output: None };
        assert_eq!(Options::parse(&[]), Some(options));
    }

    #[test]
    fn options_may_have_any_order() {
        let options = ["--minutes", "30", "--output", "b", "--database", "postgres", "--hours", "2", "--binary", "a"];
        let expected =
            Options { seconds: 9000, database: Database::Postgres, binary: Some("a".into()), output: Some("b".into()) };
        assert_eq!(Options::parse(&options), Some(expected));
        assert_eq!(Options::parse(&["--minutes", "10"]).unwrap().seconds, 600);
    }

    #[test]
    fn invalid_options_are_refused() {
        for options in
            [&["--hours"][..], &["--hours", "0"], &["--minutes", "-1"], &["--database", "mysql"], &["--seconds", "9"]]
        {
            assert_eq!(Options::parse(options), None, "{options:?}");
        }
    }
}
