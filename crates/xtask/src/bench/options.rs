//! Options of the command.

use super::{case::Case, servers::PROJECTS, subject::Database};
use std::path::PathBuf;

/// As many as the server that is measured allows its users: beyond that it refuses connections.
const MOST_FOLLOWERS: usize = 10_000;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Options {
    pub(super) rounds: usize,
    pub(super) seconds: f64,
    pub(super) tasks: u64,
    /// Tasks of a second, larger database of the product.
    pub(super) large: Option<u64>,
    /// The connections that receive notifications, in the cases that have some.
    pub(super) followers: usize,
    pub(super) databases: Vec<Database>,
    pub(super) cases: Vec<Case>,
    /// The product's executable, which is built otherwise.
    pub(super) binary: Option<PathBuf>,
    /// Where the figures go instead of into the documentation.
    pub(super) output: Option<PathBuf>,
    /// Figures of a run before, with which these are compared.
    pub(super) against: Option<PathBuf>,
    /// What is profiled instead of measured.
    pub(super) profile: Option<Case>,
}

impl Options {
    const DEFAULT: Self = Self {
        rounds: 5,
        seconds: 5.0,
        tasks: 100_000,
        large: None,
        followers: 1000,
        databases: Vec::new(),
        cases: Vec::new(),
        binary: None,
        output: None,
        against: None,
        profile: None,
    };

    /// Parses the command line; `None` if it is invalid.
    pub(crate) fn parse(arguments: &[&str]) -> Option<Self> {
        let mut options = Self::DEFAULT;
        for option in arguments.chunks(2) {
            match *option {
                ["--rounds", rounds] => options.rounds = rounds.parse().ok().filter(|rounds| *rounds > 0)?,
                ["--seconds", seconds] => options.seconds = seconds.parse().ok().filter(|seconds| *seconds > 0.0)?,
                ["--tasks", tasks] => options.tasks = tasks.parse().ok().filter(|tasks| *tasks >= PROJECTS)?,
                ["--large", tasks] => options.large = Some(tasks.parse().ok().filter(|tasks| *tasks >= PROJECTS)?),
                ["--sockets", sockets] => {
                    options.followers =
                        sockets.parse().ok().filter(|sockets| (1..=MOST_FOLLOWERS).contains(sockets))?;
                }
                ["--database", database] => options.databases.push(Database::parse(database)?),
                ["--only", cases] => options.cases = cases.split(',').map(Case::parse).collect::<Option<_>>()?,
                ["--binary", path] => options.binary = Some(path.into()),
                ["--output" | "--json", path] => options.output = Some(path.into()),
                ["--against", path] => options.against = Some(path.into()),
                ["--profile", case] => options.profile = Some(Case::parse(case)?),
                _ => return None,
            }
        }
        if options.databases.is_empty() {
            options.databases.extend(Database::ALL);
        }
        if options.cases.is_empty() {
            options.cases.extend(Case::ALL);
        }
        Some(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_measured_by_default() {
        let options = Options::parse(&[]).unwrap();
        assert_eq!((options.databases, options.cases), (Database::ALL.to_vec(), Case::ALL.to_vec()));
        assert_eq!((options.rounds, options.tasks, options.large), (5, 100_000, None));
        assert_eq!((options.followers, options.against, options.profile), (1000, None, None));
    }

    #[test]
    fn options_narrow_the_run() {
        let options = ["--only", "read,create", "--database", "sqlite", "--seconds", "0.5", "--large", "1000000"];
        let options = Options::parse(&options).unwrap();
        assert_eq!((options.databases, options.cases), (vec![Database::Sqlite], vec![Case::Read, Case::Create]));
        assert_eq!((options.seconds, options.large), (0.5, Some(1_000_000)));
    }

    #[test]
    fn run_is_compared_or_profiled() {
        let options = Options::parse(&["--against", "a.json", "--json", "b.json", "--sockets", "50"]).unwrap();
        assert_eq!((options.against, options.output), (Some("a.json".into()), Some("b.json".into())));
        assert_eq!(options.followers, 50);
        let options = Options::parse(&["--profile", "event-streams"]).unwrap();
        assert_eq!(options.profile, Some(Case::EventStreams));
    }

    #[test]
    fn invalid_options_are_refused() {
        for options in [
            &["--rounds", "0"][..],
            &["--only", "sleep"],
            &["--seconds"],
            &["--tasks", "9"],
            &["--sockets", "0"],
            &["--sockets", "10001"],
            &["--profile", "sleep"],
            &["-v", "1"],
        ] {
            assert_eq!(Options::parse(options), None, "{options:?}");
        }
    }
}
