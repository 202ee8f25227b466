//! Servers as processes of their own.

use super::usage;
use crate::outcome::Outcome;
use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::{Duration, Instant},
};

/// The longest that a server may take to start.
const DEADLINE: Duration = Duration::from_secs(30);

/// A running server. Dropping it kills it.
pub(super) struct Process {
    child: Child,
    /// Host and port.
    pub(super) address: String,
    /// Those of its metrics, if it has some.
    pub(super) metrics: Option<String>,
    /// From the start of the program until it listened.
    pub(super) start_up: Duration,
}

impl Process {
    /// Starts a server, and waits for the line `listening on http://ADDRESS`.
    pub(super) fn start(command: &mut Command) -> Outcome<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let start = Instant::now();
        let mut child = command.spawn().map_err(|error| format!("{command:?}: {error}"))?;
        let (sender, lines) = channel();
        follow(child.stdout.take(), sender.clone());
        follow(child.stderr.take(), sender);
        let mut process = Self { child, address: String::new(), metrics: None, start_up: Duration::ZERO };
        let listening = wait(&lines).map_err(|log| format!("{command:?} doesn't listen:\n{log}"))?;
        process.address = listening.address;
        process.metrics = listening.metrics;
        process.start_up = listening.since - start;
        Ok(process)
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn cpu(&self) -> Outcome<Duration> {
        usage::cpu(self.id())
    }

    pub(super) fn memory(&self) -> Outcome<u64> {
        usage::memory(self.id())
    }

    /// Stops it gracefully, by SIGTERM.
    pub(super) fn stop(mut self) -> Outcome {
        Command::new("kill").arg(self.id().to_string()).status()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only where it has ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Sends each line of an output with the time of its arrival, and reads on when nobody receives them any more.
fn follow(output: Option<impl Read + Send + 'static>, sender: Sender<(String, Instant)>) {
    let Some(output) = output else { return };
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            sender.send((line, Instant::now())).ok();
        }
    });
}

/// Where a server listens.
struct Listening {
    address: String,
    metrics: Option<String>,
    since: Instant,
}

/// The addresses that a server listens on, or its output. That of the metrics comes first.
fn wait(lines: &Receiver<(String, Instant)>) -> Result<Listening, String> {
    let mut log = String::new();
    let mut metrics = None;
    while let Ok((line, since)) = lines.recv_timeout(DEADLINE) {
        if let Some(address) = address(&line, "listening on") {
            return Ok(Listening { address: address.to_owned(), metrics, since });
        }
        metrics = metrics.or_else(|| address(&line, "metrics at").map(ToOwned::to_owned));
        log.push_str(&line);
        log.push('\n');
    }
    Err(log)
}

/// The host and port in a line of the log.
fn address<'a>(line: &'a str, what: &str) -> Option<&'a str> {
    let rest = line.split_once(what)?.1.strip_prefix(" http://")?;
    Some(rest.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_stands_in_the_log() {
        let line = "2026 INFO listening on http://127.0.0.1:8080 workers=2";
        assert_eq!(address(line, "listening on"), Some("127.0.0.1:8080"));
        assert_eq!(address("listening on http://[::1]:80/", "listening on"), Some("[::1]:80"));
        let line = "metrics at http://127.0.0.1:9464/metrics";
        assert_eq!((address(line, "listening on"), address(line, "metrics at")), (None, Some("127.0.0.1:9464")));
    }

    #[test]
    fn output_of_a_failed_start_is_kept() {
        let error = Process::start(Command::new("sh").args(["-c", "echo no port >&2"])).err().unwrap().to_string();
        assert!(error.contains("no port"), "{error}");
    }
}
