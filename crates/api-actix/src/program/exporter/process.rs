//! Process metrics by the names that Prometheus defines. Why not `metrics-process`: ADR 0021. On other systems than
//! Linux only the times are there.

use fasttrack_domain::Timestamp;
use rustix::{
    process::{Resource, getrlimit},
    time::{ClockId, clock_gettime},
};
use std::{fmt::Write, fs, time::Duration};

/// Metrics of this process.
pub struct Process {
    begun: f64,
}

impl Process {
    /// `age` is how long before `now` the process started.
    pub fn new(now: Timestamp, age: Duration) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of this century are exact")]
        Self { begun: now.timestamp_millis() as f64 / 1000.0 - age.as_secs_f64() }
    }

    /// Appends the metrics to `text`, in Prometheus' text format.
    pub fn render(&self, text: &mut String) {
        let mut family = |name: &str, kind: &str, help: &str, value: Option<f64>| {
            if let Some(value) = value {
                // Writing into a string can't fail.
                let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
            }
        };
        let time = clock_gettime(ClockId::ProcessCPUTime);
        #[expect(clippy::cast_precision_loss, reason = "exact to the microsecond for centuries")]
        let cpu = time.tv_sec as f64 + time.tv_nsec as f64 / 1e9;
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
            line.split_whitespace().next()?.parse::<f64>().ok()
        };
        // The directory itself is open while it is read.
        let open = fs::read_dir("/proc/self/fd").ok().map(|open| open.count().saturating_sub(1));
        let open = open.and_then(|count| u32::try_from(count).ok()).map(f64::from);
        #[expect(clippy::cast_precision_loss, reason = "a limit")]
        let limit = getrlimit(Resource::Nofile).current.map(|limit| limit as f64);

        family("process_cpu_seconds_total", "counter", "Time on processors, user and system.", Some(cpu));
        family("process_start_time_seconds", "gauge", "When the process began, since 1970.", Some(self.begun));
        family(
            "process_resident_memory_bytes",
            "gauge",
            "Memory that is occupied.",
            field("VmRSS").map(|kib| kib * 1024.0),
        );
        family("process_threads", "gauge", "Threads.", field("Threads"));
        family("process_open_fds", "gauge", "Open file descriptors.", open);
        family("process_max_fds", "gauge", "File descriptors that may be open.", limit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn process_metrics_have_values() {
        let mut text = String::new();
        Process::new(Timestamp::from_timestamp_millis(2_500).unwrap(), Duration::from_secs(1)).render(&mut text);
        let value = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.map(|value| value.parse::<f64>().unwrap())
        };
        assert_eq!(value("process_start_time_seconds"), Some(1.5));
        assert!(value("process_cpu_seconds_total") > Some(0.0), "{text}");
        if cfg!(target_os = "linux") {
            assert!(value("process_resident_memory_bytes") > Some(1e6), "{text}");
            assert!(value("process_threads") >= Some(1.0), "{text}");
            assert!(value("process_open_fds") < value("process_max_fds"), "{text}");
        }
    }
}
