//! A PostgreSQL server for the benchmark, from the installed programs, that is gone afterwards.

use super::{pause::pause, usage};
use crate::outcome::Outcome;
use std::{
    fs,
    net::TcpListener,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// The user `nobody`, as which root starts it: PostgreSQL refuses to run as root.
const NOBODY: u32 = 65534;

pub(super) struct Cluster {
    server: Child,
    port: u16,
    programs: PathBuf,
    /// Removed after the server has stopped.
    directory: TempDir,
    owner: u32,
}

impl Cluster {
    /// Starts a server with default settings, so that each commit is on the disk.
    pub(super) fn start() -> Outcome<Self> {
        let programs = programs().ok_or("PostgreSQL is not installed; `--database sqlite` does without")?;
        let directory = tempfile::tempdir()?;
        let owner = match fs::metadata(directory.path())?.uid() {
            0 => NOBODY,
            user => user,
        };
        chown(directory.path(), Some(owner), None)?;
        let data = directory.path().join("data");
        let init = run(&programs, "initdb", owner, &data)
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale"])
            .output()?;
        if !init.status.success() {
            return Err(format!("initdb: {}", String::from_utf8_lossy(&init.stderr)).into());
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let server = run(&programs, "postgres", owner, &data)
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=200"])
            .args(["-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut cluster = Self { server, port, programs, directory, owner };
        let start = Instant::now();
        while !cluster.is_ready()? {
            if start.elapsed() > Duration::from_secs(30) || cluster.server.try_wait()?.is_some() {
                return Err("PostgreSQL doesn't start".into());
            }
            pause(Duration::from_millis(50));
        }
        Ok(cluster)
    }

    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.args(["--host=127.0.0.1", "--username=postgres", &format!("--port={}", self.port)]);
        command
    }

    fn is_ready(&self) -> Outcome<bool> {
        Ok(self.client("pg_isready").output()?.status.success())
    }

    /// Creates a database, and returns its URL.
    pub(super) fn create_database(&self, name: &str) -> Outcome<String> {
        let created = self.client("createdb").arg(name).output()?;
        if !created.status.success() {
            return Err(format!("createdb: {}", String::from_utf8_lossy(&created.stderr)).into());
        }
        Ok(format!("postgres://postgres@127.0.0.1:{}/{name}", self.port))
    }

    /// Does at once what would otherwise be done during the measurement.
    pub(super) fn vacuum(&self, database: &str) -> Outcome {
        let vacuumed = self.client("vacuumdb").args(["--analyze", "--quiet", database]).output()?;
        if vacuumed.status.success() {
            Ok(())
        } else {
            Err(String::from_utf8_lossy(&vacuumed.stderr).into_owned().into())
        }
    }

    /// The CPU time of all processes of the server.
    pub(super) fn cpu(&self) -> Outcome<Duration> {
        usage::cpu_with_children(self.server.id())
    }

    pub(super) fn version(&self) -> Outcome<String> {
        let output = Command::new(self.programs.join("postgres")).arg("--version").output()?;
        let output = String::from_utf8(output.stdout)?;
        Ok(output.split_whitespace().nth(2).unwrap_or_default().to_owned())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.directory.path().join("data");
        let mut stop = run(&self.programs, "pg_ctl", self.owner, &data);
        // Fails only where it has stopped already.
        stop.args(["stop", "-s", "-m", "immediate"]).status().ok();
        self.server.wait().ok();
    }
}

/// A program of PostgreSQL on a data directory.
fn run(programs: &Path, name: &str, owner: u32, data: &Path) -> Command {
    let mut command = Command::new(programs.join(name));
    command.uid(owner).arg("-D").arg(data).current_dir("/").stdin(Stdio::null());
    command
}

/// Where PostgreSQL's programs are: Debian has them outside of `PATH`, one directory for each version.
fn programs() -> Option<PathBuf> {
    let on_path = Command::new("pg_config").arg("--bindir").output().ok().filter(|output| output.status.success());
    let on_path =
        on_path.and_then(|output| String::from_utf8(output.stdout).ok()).map(|path| PathBuf::from(path.trim()));
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    on_path.into_iter().chain(versions.map(|version| version.path().join("bin"))).find(|directory| {
        ["initdb", "postgres", "pg_ctl", "pg_isready"].iter().all(|name| directory.join(name).exists())
    })
}
