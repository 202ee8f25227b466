//! Draws a profile as a flame graph: reads it from the standard input, and writes folded stacks and an SVG.

mod callgrind;
mod stacks;

use clap::{Parser, ValueEnum};
use inferno::{
    collapse::{Collapse, perf::Folder},
    flamegraph,
};
use std::{
    error::Error,
    fs::{self, File},
    io::{self, BufRead, BufWriter},
    path::PathBuf,
};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

#[derive(Parser)]
struct Options {
    /// What the standard input is.
    #[arg(long)]
    from: Format,
    /// Where the stacks go: one a line, with how often it was met.
    #[arg(long)]
    folded: PathBuf,
    #[arg(long)]
    svg: PathBuf,
    #[arg(long)]
    title: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// The output of `perf script`.
    Perf,
    /// The file that Callgrind writes with `--separate-callers`.
    Callgrind,
}

impl Format {
    fn fold(self, profile: impl BufRead) -> Outcome<String> {
        match self {
            Self::Perf => {
                let mut folded = Vec::new();
                Folder::default().collapse(profile, &mut folded)?;
                Ok(stacks::demangle(&String::from_utf8(folded)?))
            }
            Self::Callgrind => callgrind::fold(profile),
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Self::Perf => "samples",
            Self::Callgrind => "instructions",
        }
    }
}

fn main() -> Outcome {
    let Options { from, folded, svg, title } = Options::parse();
    let stacks = from.fold(io::stdin().lock())?;
    if stacks.is_empty() {
        return Err("the profile has no stack".into());
    }
    fs::write(folded, &stacks)?;
    let mut options = flamegraph::Options::default();
    options.title = title;
    options.count_name = from.unit().to_owned();
    // The same profile makes the same picture.
    options.deterministic = true;
    flamegraph::from_lines(&mut options, stacks.lines(), BufWriter::new(File::create(svg)?))?;
    Ok(())
}
