//! Searches many images of disks after a power loss: `tests/tests/power_loss`, which CI runs with a few.

use crate::{outcome::Outcome, workspace};

const TEST: &str = "power_loss::every_acknowledged_change_survives_power_loss";

/// What to search.
#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    images: u64,
    /// The seed of the first image, those of the others follow. `None` for any.
    seed: Option<u64>,
}

impl Options {
    /// Parses the command line; `None` if it is invalid.
    pub(crate) fn parse(arguments: &[&str]) -> Option<Self> {
        match arguments {
            [] => Some(Self { images: 50_000, seed: None }),
            ["--images", images, rest @ ..] => Some(Self { images: images.parse().ok()?, ..Self::parse(rest)? }),
            ["--seed", seed, rest @ ..] => Some(Self { seed: Some(seed.parse().ok()?), ..Self::parse(rest)? }),
            _ => None,
        }
    }
}

/// Records a load and searches images of it. Fails at the first that lacks what was acknowledged.
pub(crate) fn run(options: &Options) -> Outcome {
    let mut test = workspace::test("sqlite", TEST);
    // Without a C compiler the test fails then, and isn't left out.
    test.env("CI", "true").env("POWER_LOSS_IMAGES", options.images.to_string());
    if let Some(seed) = options.seed {
        test.env("POWER_LOSS_SEED", seed.to_string());
    }
    if test.status()?.success() { Ok(()) } else { Err("a power loss loses what was acknowledged".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_have_defaults_and_any_order() {
        let parsed = |images, seed| Some(Options { images, seed });
        assert_eq!(Options::parse(&[]), parsed(50_000, None));
        assert_eq!(Options::parse(&["--images", "7"]), parsed(7, None));
        assert_eq!(Options::parse(&["--seed", "3", "--images", "7"]), parsed(7, Some(3)));
    }

    #[test]
    fn invalid_options_are_refused() {
        for arguments in [&["--images"][..], &["--images", "many"], &["--seed", "-1"], &["7"]] {
            assert_eq!(Options::parse(arguments), None, "{arguments:?}");
        }
    }
}
