//! Samples of what the product runs, by `perf`.

use super::Work;
use crate::{
    bench::{load::Length, rounds::WARM_UP, servers::Servers},
    outcome::Outcome,
};
use std::{
    fs::File,
    path::Path,
    process::{Command, Stdio},
};

/// Samples a second, no multiple of what programs do at regular times.
const FREQUENCY: &str = "499";

/// Records during the load, and returns the samples as `perf script` prints them.
pub(super) fn record(servers: &Servers, work: &Work, output: &Path) -> Outcome<File> {
    work.run(servers, Length::Seconds(WARM_UP))?;
    let (data, samples) = (output.with_extension("data"), output.with_extension("samples"));
    let process = servers.get(work.subject)?.process.id().to_string();
    let generator = work.generator(servers, Length::Seconds(work.seconds))?;
    let mut perf = Command::new("perf");
    perf.args(["record", "-g", "-F", FREQUENCY, "-p", &process, "-o"]).arg(&data);
    // It ends with the load.
    perf.arg("--").arg(generator.get_program()).args(generator.get_args());
    work.finish(&mut perf)?;
    // Inlined functions would take addr2line hours. Without periods, each sample counts as one.
    let script = Command::new("perf")
        .args(["script", "--no-inline", "--no-demangle", "-F", "-period", "-i"])
        .arg(&data)
        .stdin(Stdio::null())
        .stdout(File::create(&samples)?)
        .output()?;
    if !script.status.success() {
        return Err(format!("perf script: {}", String::from_utf8_lossy(&script.stderr)).into());
    }
    Ok(File::open(samples)?)
}
