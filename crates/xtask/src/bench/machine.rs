//! What the figures were measured on.

use super::postgres::Cluster;
use crate::{outcome::Outcome, workspace};
use serde::{Deserialize, Serialize};
use std::{fs, path::Path, process::Command, thread::available_parallelism};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Machine {
    /// In UTC: `2026-01-02`.
    pub(super) date: String,
    pub(super) cores: usize,
    pub(super) processor: String,
    pub(super) memory_gib: u64,
    /// The version of Linux, without what a distribution adds.
    pub(super) kernel: String,
    /// Of the directory that the databases are in.
    pub(super) filesystem: String,
    pub(super) product: String,
    /// The commit that is checked out.
    pub(super) commit: String,
    pub(super) rustc: String,
    pub(super) postgres: Option<String>,
}

impl Machine {
    pub(super) fn describe(product: &Path, cluster: Option<&Cluster>) -> Outcome<Self> {
        let directory = tempfile::tempdir()?;
        let memory = fs::read_to_string("/proc/meminfo")?;
        let memory = value(&memory, "MemTotal").and_then(|value| value.strip_suffix(" kB")?.parse().ok());
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?;
        let processors = fs::read_to_string("/proc/cpuinfo")?;
        Ok(Self {
            date: output(Command::new("date").args(["--utc", "+%F"]))?,
            cores: available_parallelism()?.get(),
            processor: value(&processors, "model name").unwrap_or("unknown").to_owned(),
            memory_gib: memory.map_or(0, |kib: u64| (kib + (1 << 19)) >> 20),
            kernel: kernel.trim().split('-').next().unwrap_or_default().to_owned(),
            filesystem: output(Command::new("stat").args(["--file-system", "--format=%T"]).arg(directory.path()))?,
            product: output(Command::new(product).arg("--version"))?,
            commit: output(Command::new("git").args(["rev-parse", "--short", "HEAD"]).current_dir(workspace::root()))?,
            rustc: output(Command::new("rustc").arg("--version"))?,
            postgres: cluster.map(Cluster::version).transpose()?,
        })
    }
}

/// The value of the first line `NAME: VALUE`.
fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        (found.trim() == name).then(|| value.trim())
    })
}

fn output(command: &mut Command) -> Outcome<String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_is_found_by_name() {
        let text = "processor\t: 0\nmodel name\t: A: B\nmodel name\t: C\n";
        assert_eq!(value(text, "model name"), Some("A: B"));
        assert_eq!(value(text, "model"), None);
    }
}
