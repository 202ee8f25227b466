//! Options of the command.

use std::path::PathBuf;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Options {
    pub(super) rounds: usize,
    /// Of each load.
    pub(super) seconds: f64,
    /// The product's executable, which is built otherwise.
    pub(super) binary: Option<PathBuf>,
    /// Where the figures go instead of into the documentation.
    pub(super) output: Option<PathBuf>,
}

impl Options {
    /// Parses the command line; `None` if it is invalid.
    pub(crate) fn parse(arguments: &[&str]) -> Option<Self> {
        let mut options = Self { rounds: 2, seconds: 1.0, binary: None, output: None };
        for option in arguments.chunks(2) {
            match *option {
                ["--rounds", rounds] => options.rounds = rounds.parse().ok().filter(|rounds| *rounds > 0)?,
                ["--seconds", seconds] => options.seconds = seconds.parse().ok().filter(|seconds| *seconds > 0.0)?,
                ["--binary", path] => options.binary = Some(path.into()),
                ["--output", path] => options.output = Some(path.into()),
                _ => return None,
            }
        }
        Some(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_replace_defaults() {
        let defaults = Options { rounds: 2, seconds: 1.0, binary: None, output: None };
        assert_eq!(Options::parse(&[]), Some(defaults.clone()));
        let options = Options::parse(&["--rounds", "1", "--seconds", "0.5", "--output", "a.json"]);
        assert_eq!(options, Some(Options { rounds: 1, seconds: 0.5, output: Some("a.json".into()), ..defaults }));
    }

    #[test]
    fn invalid_options_are_refused() {
        for options in [&["--rounds", "0"][..], &["--seconds", "-1"], &["--rounds"], &["--tasks", "9"]] {
            assert_eq!(Options::parse(options), None, "{options:?}");
        }
    }
}
