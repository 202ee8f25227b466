//! What processes use, from `/proc`.

use crate::outcome::Outcome;
use std::{fs, time::Duration};

/// Ticks of `/proc/PID/stat` in a second, on each platform that Rust has.
const TICKS: u32 = 100;

/// The part of `/proc/PID/stat` that is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    /// Of the process, in user and kernel mode.
    own: u32,
    /// Of children that ended and were waited for.
    ended_children: u32,
}

impl Stat {
    fn parse(text: &str) -> Option<Self> {
        // The name of the program is in parentheses, and may have some itself.
        let fields: Vec<_> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let number = |index: usize| fields.get(index)?.parse::<u32>().ok();
        Some(Self { parent: number(1)?, own: number(11)? + number(12)?, ended_children: number(13)? + number(14)? })
    }

    fn read(process: &str) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{process}/stat")).ok()?)
    }
}

/// The CPU time that a process has used.
pub(super) fn cpu(process: u32) -> Outcome<Duration> {
    let stat = Stat::read(&process.to_string()).ok_or_else(|| format!("process {process} has ended"))?;
    Ok(time(stat.own))
}

/// The CPU time that a process and its children have used, those that ended included.
pub(super) fn cpu_with_children(process: u32) -> Outcome<Duration> {
    let stat = Stat::read(&process.to_string()).ok_or_else(|| format!("process {process} has ended"))?;
    let mut ticks = stat.own + stat.ended_children;
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        // A process may end meanwhile.
        let stat = name.to_str().filter(|name| name.parse::<u32>().is_ok()).and_then(Stat::read);
        ticks += stat.filter(|stat| stat.parent == process).map_or(0, |stat| stat.own);
    }
    Ok(time(ticks))
}

fn time(ticks: u32) -> Duration {
    Duration::from_secs(1) * ticks / TICKS
}

/// The memory of a process in bytes: pages that it shares count in proportion (PSS).
pub(super) fn memory(process: u32) -> Outcome<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
    proportional(&text).ok_or_else(|| "smaps_rollup of no known form".into())
}

fn proportional(rollup: &str) -> Option<u64> {
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn program_name_may_have_parentheses() {
        let text = "42 (a (b) c) S 7 42 42 0 -1 4194560 900 0 0 0 120 35 4 6 20 0 5 0 100 1 2";
        assert_eq!(Stat::parse(text), Some(Stat { parent: 7, own: 155, ended_children: 10 }));
        assert_eq!(Stat::parse("42 (a) S 7 42"), None);
        assert_eq!(time(155), Duration::from_millis(1550));
    }

    #[test]
    fn proportional_memory_is_in_bytes() {
        let rollup =
            "55d0-7ffe ---p 00000000 00:00 0    [rollup]\nRss:    9000 kB\nPss:    4096 kB\nPss_Anon:   1 kB\n";
        assert_eq!(proportional(rollup), Some(4 << 20));
        assert_eq!(proportional("Rss: 1 kB\n"), None);
    }
}
