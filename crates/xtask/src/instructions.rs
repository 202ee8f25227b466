//! `docs/instructions.json`: how many CPU instructions some requests take, so that CI finds a change that adds many.
//!
//! The requests are those of `tests/src/bin/instructions.rs`, which sends them to the API in its own process. Callgrind
//! counts the instructions of all its threads.

use crate::{outcome::Outcome, workspace};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

const PATH: &str = "docs/instructions.json";
const HINT: &str = "run `cargo xtask instructions --write` and commit docs/instructions.json";

/// How far a figure may be from the committed one. Seeds of hash maps and the timing of threads change it by less.
const TOLERANCE_PERCENT: u64 = 5;

/// The functions at which Callgrind writes what it has counted, and begins to count again.
const BEGIN: &str = "counting_begins";
const END: &str = "counting_ends";

/// The content of the file.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Figures {
    /// The release of the compiler: others make other code of the same source.
    rust: String,
    /// The platform that it compiled for.
    platform: String,
    /// Instructions per request, by operation.
    instructions: BTreeMap<String, u64>,
}

/// Fails if a request takes more or fewer instructions than the file says, by more than the tolerance. Fewer fail too,
/// as otherwise a later change could add as many again without a failure.
pub(crate) fn check() -> Outcome {
    let committed = fs::read(path()).map_err(|error| format!("{PATH}: {error}; {HINT}"))?;
    let committed: Figures = serde_json::from_slice(&committed)?;
    let (rust, platform) = compiler()?;
    if platform != committed.platform {
        println!("ignored: {PATH} is of {}, and this is {platform}", committed.platform);
        return Ok(());
    }
    let Some(instructions) = measure()? else {
        if is_ci() {
            return Err("CI is set, but there is no valgrind".into());
        }
        println!("ignored: no valgrind");
        return Ok(());
    };
    let deviations = deviations(&committed.instructions, &instructions);
    if deviations.is_empty() {
        print(&instructions);
        return Ok(());
    }
    let other_rust = if rust == committed.rust {
        String::new()
    } else {
        format!("\n  the committed figures are of Rust {}, and this is {rust}", committed.rust)
    };
    Err(format!(
        "the instructions of requests are not those of {PATH}:\n  {}{other_rust}\nWhere that is intended, {HINT}, with \
         the reason in its message.",
        deviations.join("\n  ")
    )
    .into())
}

/// Writes the file.
pub(crate) fn write() -> Outcome {
    let (rust, platform) = compiler()?;
    let instructions = measure()?.ok_or("there is no valgrind: install it, as by `apt-get install valgrind`")?;
    print(&instructions);
    let mut json = serde_json::to_string_pretty(&Figures { rust, platform, instructions })?;
    json.push('\n');
    Ok(fs::write(path(), json)?)
}

fn path() -> PathBuf {
    workspace::root().join(PATH)
}

fn print(instructions: &BTreeMap<String, u64>) {
    for (operation, count) in instructions {
        println!("{operation}: {count} instructions");
    }
}

#[expect(clippy::disallowed_methods, reason = "the variable is not a setting of fasttrack")]
fn is_ci() -> bool {
    std::env::var_os("CI").is_some()
}

/// The release and the platform of the compiler.
fn compiler() -> Outcome<(String, String)> {
    let output = Command::new("rustc").arg("-vV").current_dir(workspace::root()).output()?;
    let text = String::from_utf8(output.stdout)?;
    let value = |name| value(&text, name).map(ToOwned::to_owned).ok_or_else(|| format!("rustc -vV has no `{name}`"));
    Ok((value("release:")?, value("host:")?))
}

/// The rest of the first line that begins so.
fn value<'a>(text: &'a str, beginning: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(beginning)).map(str::trim)
}

/// Instructions per request, by operation. `None` without valgrind.
fn measure() -> Outcome<Option<BTreeMap<String, u64>>> {
    let program = workspace::program("browser", "instructions")?;
    let directory = tempfile::tempdir()?;
    let counted = Command::new("valgrind")
        .args(["--tool=callgrind", "--dump-line=no"])
        .args([BEGIN, END].map(|function| format!("--dump-before=*{function}*")))
        .arg(format!("--callgrind-out-file={}", directory.path().join("part").display()))
        .arg(&program)
        .stdin(Stdio::null())
        .output();
    let output = match counted {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        output => output?,
    };
    if !output.status.success() {
        let log = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{} failed in valgrind: {}\n{log}", program.display(), output.status).into());
    }
    per_request(&String::from_utf8(output.stdout)?, parts(directory.path())?).map(Some)
}

/// A file of Callgrind, which has what was counted since the file before it.
#[derive(Debug, PartialEq)]
struct Part {
    number: u32,
    instructions: u64,
}

/// The parts that end where the counting ends.
fn parts(directory: &Path) -> Outcome<Vec<Part>> {
    let mut parts = Vec::new();
    for file in fs::read_dir(directory)? {
        parts.extend(parse_part(&fs::read_to_string(file?.path())?));
    }
    Ok(parts)
}

fn parse_part(text: &str) -> Option<Part> {
    let ends = value(text, "desc: Trigger:")?.contains(END);
    let (number, instructions) = (value(text, "part:")?, value(text, "totals:")?);
    ends.then_some(Part { number: number.parse().ok()?, instructions: instructions.parse().ok()? })
}

/// Divides what was counted by the numbers of requests, of which the program prints a line for each operation.
fn per_request(printed: &str, mut parts: Vec<Part>) -> Outcome<BTreeMap<String, u64>> {
    parts.sort_by_key(|part| part.number);
    let operations: Vec<_> = printed.lines().filter_map(parse_operation).collect();
    if operations.is_empty() || operations.len() != parts.len() {
        return Err(format!("{} operations were counted, and these were sent:\n{printed}", parts.len()).into());
    }
    let counted = operations.into_iter().zip(parts);
    Ok(counted.map(|((name, requests), part)| (name.to_owned(), part.instructions / requests)).collect())
}

/// The operation and the number of its requests.
fn parse_operation(line: &str) -> Option<(&str, u64)> {
    let (name, requests) = line.split_once(' ')?;
    Some((name, requests.parse().ok().filter(|requests| *requests > 0)?))
}

/// A line for each operation whose figure is another.
fn deviations(committed: &BTreeMap<String, u64>, measured: &BTreeMap<String, u64>) -> Vec<String> {
    let operations: BTreeSet<_> = committed.keys().chain(measured.keys()).collect();
    let deviation = |operation: &String| match (committed.get(operation), measured.get(operation)) {
        (Some(committed), Some(measured)) => {
            deviation(*committed, *measured).map(|deviation| format!("{operation}: {deviation}"))
        }
        (None, _) => Some(format!("{operation}: has no committed figure")),
        (_, None) => Some(format!("{operation}: is no longer measured")),
    };
    operations.into_iter().filter_map(deviation).collect()
}

/// `None` within the tolerance.
fn deviation(committed: u64, measured: u64) -> Option<String> {
    let difference = measured.abs_diff(committed);
    if difference * 100 <= committed * TOLERANCE_PERCENT {
        return None;
    }
    let tenths = difference * 1000 / committed.max(1);
    let direction = if measured > committed { "more" } else { "less" };
    Some(format!(
        "{measured} instructions, {}.{} % {direction} than the committed {committed} (tolerance {TOLERANCE_PERCENT} %)",
        tenths / 10,
        tenths % 10
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures<const N: usize>(figures: [(&str, u64); N]) -> BTreeMap<String, u64> {
        figures.into_iter().map(|(operation, count)| (operation.to_owned(), count)).collect()
    }

    #[test]
    fn deviation_within_tolerance_is_none() {
        for measured in [95_000, 100_000, 105_000] {
            assert_eq!(deviation(100_000, measured), None);
        }
    }

    #[test]
    fn more_and_fewer_instructions_are_deviations() {
        let committed = figures([("list", 400_000), ("read", 100_000)]);
        let expected = [
            "list: 350000 instructions, 12.5 % less than the committed 400000 (tolerance 5 %)",
            "read: 105001 instructions, 5.0 % more than the committed 100000 (tolerance 5 %)",
        ];
        assert_eq!(deviations(&committed, &figures([("list", 350_000), ("read", 105_001)])), expected);
    }

    #[test]
    fn operation_without_counterpart_is_a_deviation() {
        let found = deviations(&figures([("list", 1), ("read", 2)]), &figures([("create", 3), ("read", 2)]));
        assert_eq!(found, ["create: has no committed figure", "list: is no longer measured"]);
    }

    #[test]
    fn parts_are_divided_in_their_order() {
        let parts = vec![Part { number: 10, instructions: 999 }, Part { number: 2, instructions: 4_000 }];
        let expected = figures([("list", 9), ("read", 40)]);
        assert_eq!(per_request("read 100\nlist 100\n", parts).unwrap(), expected);
    }

    #[test]
    fn missing_part_is_an_error() {
        let error = per_request("read 100\nlist 100\n", vec![Part { number: 2, instructions: 4_000 }]).unwrap_err();
        assert!(error.to_string().starts_with("1 operations were counted"), "{error}");
        assert!(per_request("", Vec::new()).is_err());
    }

    #[test]
    fn only_what_was_counted_until_the_end_is_a_part() {
        let part = |trigger: &str| {
            format!(
                "# callgrind format\nversion: 1\ncreator: callgrind-3.19.0\npid: 1\ncmd:  instructions\npart: 3\n\n\n\
                 desc: Timerange: Basic block 1 - 2\ndesc: Trigger: {trigger}\n\nevents: Ir\nsummary: 4339207\n\n\
                 fn=(1) main\n0 7\n\ntotals: 4339207\n"
            )
        };
        let found = parse_part(&part("--dump-before=instructions::counting_ends"));
        assert_eq!(found, Some(Part { number: 3, instructions: 4_339_207 }));
        assert_eq!(parse_part(&part("--dump-before=instructions::counting_begins")), None);
        assert_eq!(parse_part(&part("Program termination")), None);
    }
}
