//! What to test.

/// A package whose mutants are tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Package {
    Domain,
    App,
}

impl Package {
    /// The name in `Cargo.toml`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Domain => "fasttrack-domain",
            Self::App => "fasttrack-app",
        }
    }

    /// The folder, with a slash at its end.
    pub(super) const fn folder(self) -> &'static str {
        match self {
            Self::Domain => "crates/domain/",
            Self::App => "crates/app/",
        }
    }

    /// The tests that have to find the mutants. Those of `app` in other folders need adapters, which take longer to
    /// link than its unit tests take to run.
    pub(super) const fn tests(self) -> &'static str {
        match self {
            Self::Domain => "--tests",
            Self::App => "--lib",
        }
    }
}

/// The part of a package's mutants that is tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Whole,
    /// The mutants `index`, `index + count`, `index + 2 count` …
    Shard {
        index: u64,
        count: u64,
    },
    /// About this many. With each next seed they are others, until all were tested.
    Sample {
        size: u64,
        seed: u64,
    },
}

impl Part {
    /// The shard of this many mutants to test; `None` for all of them.
    pub(super) fn shard(self, mutants: u64) -> Option<(u64, u64)> {
        match self {
            Self::Whole => None,
            Self::Shard { index, count } => Some((index, count)),
            Self::Sample { size, seed } => {
                let count = mutants.div_ceil(size.max(1)).max(1);
                Some((seed % count, count))
            }
        }
    }
}

/// What to test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    /// `None` for each.
    package: Option<Package>,
    pub(super) part: Part,
    /// A glob of source files.
    pub(super) file: Option<String>,
}

impl Options {
    /// Parses the command line; `None` if it is invalid.
    pub(crate) fn parse(arguments: &[&str]) -> Option<Self> {
        let (mut package, mut file, mut shard, mut sample, mut seed) = (None, None, None, None, None);
        for pair in arguments.chunks(2) {
            match pair {
                ["--package", "domain"] => package = Some(Package::Domain),
                ["--package", "app"] => package = Some(Package::App),
                ["--file", glob] => file = Some((*glob).to_owned()),
                ["--shard", text] => shard = Some(parse_shard(text)?),
                ["--sample", size] => sample = Some(size.parse::<u64>().ok().filter(|size| *size > 0)?),
                ["--seed", number] => seed = Some(number.parse::<u64>().ok()?),
                _ => return None,
            }
        }
        let part = match (shard, sample, seed) {
            (None, None, None) => Part::Whole,
            (Some((index, count)), None, None) => Part::Shard { index, count },
            (None, Some(size), seed) => Part::Sample { size, seed: seed.unwrap_or_default() },
            _ => return None,
        };
        Some(Self { package, part, file })
    }

    pub(super) fn packages(&self) -> &'static [Package] {
        match self.package {
            None => &[Package::Domain, Package::App],
            Some(Package::Domain) => &[Package::Domain],
            Some(Package::App) => &[Package::App],
        }
    }

    /// Whether all mutants of a package are tested, so that shares and what is missing mean something.
    pub(super) fn is_whole(&self) -> bool {
        self.part == Part::Whole && self.file.is_none()
    }
}

/// Parses `I/N`, with I from 0 to N - 1.
fn parse_shard(text: &str) -> Option<(u64, u64)> {
    let (index, count) = text.split_once('/')?;
    let (index, count) = (index.parse().ok()?, count.parse().ok()?);
    (index < count).then_some((index, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_have_defaults_and_any_order() {
        let all = Options { package: None, part: Part::Whole, file: None };
        assert_eq!(Options::parse(&[]), Some(all.clone()));
        assert!(all.is_whole() && all.packages() == [Package::Domain, Package::App]);
        let parsed = Options::parse(&["--seed", "7", "--package", "domain", "--sample", "12"]).unwrap();
        let part = Part::Sample { size: 12, seed: 7 };
        assert_eq!(parsed, Options { package: Some(Package::Domain), part, ..all.clone() });
        assert!(!parsed.is_whole() && parsed.packages() == [Package::Domain]);
        let file = Some("crates/app/src/auth/**".to_owned());
        let parsed = Options::parse(&["--file", "crates/app/src/auth/**", "--package", "app"]).unwrap();
        assert_eq!(parsed, Options { package: Some(Package::App), file, ..all.clone() });
        assert!(!parsed.is_whole() && parsed.packages() == [Package::App]);
        let part = Part::Shard { index: 0, count: 4 };
        assert_eq!(Options::parse(&["--shard", "0/4"]), Some(Options { part, ..all }));
    }

    #[test]
    fn invalid_options_are_refused() {
        for arguments in [
            &["--package"][..],
            &["--package", "testkit"],
            &["--shard", "4/4"],
            &["--shard", "1"],
            &["--sample", "0"],
            &["--sample", "many"],
            &["--seed", "7"],
            &["--shard", "0/4", "--sample", "7"],
            &["--shard", "0/4", "--seed", "7"],
            &["7"],
        ] {
            assert_eq!(Options::parse(arguments), None, "{arguments:?}");
        }
    }

    #[test]
    fn samples_of_all_seeds_are_all_mutants_once() {
        let sample = |seed| Part::Sample { size: 12, seed }.shard(100).unwrap();
        let counts = |(index, count): (u64, u64)| (0..100).filter(|mutant| mutant % count == index).count();
        assert_eq!((0..9).map(|seed| counts(sample(seed))).sum::<usize>(), 100);
        assert!((0..9).all(|seed| counts(sample(seed)) <= 12));
        assert_eq!((sample(9), sample(20_000)), ((0, 9), (2, 9)));
        assert_eq!(Part::Sample { size: 12, seed: 5 }.shard(0), Some((0, 1)));
        assert_eq!((Part::Whole.shard(100), Part::Shard { index: 1, count: 3 }.shard(100)), (None, Some((1, 3))));
    }
}
