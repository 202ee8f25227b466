//! The process of a server that was started here.

use super::{Options, variable};
use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

/// Keeps a server running for as long as this process lives.
#[derive(Debug)]
pub(super) struct Supervisor {
    shell: Child,
    // Dropped after the server has ended.
    _directory: TempDir,
}

/// A shell script that runs `pg_ctl` with the arguments on each line of its standard input. That ends with the process that
/// holds its other end, however it ends.
const SUPERVISE: &str = r#"
trap '' INT TERM
while read -r order; do
    "$1"/pg_ctl -D "$2"/data -l "$2"/log -w -s $order </dev/null >/dev/null 2>&1
    echo $?
done
"$1"/pg_ctl -D "$2"/data -m immediate -s stop </dev/null >/dev/null 2>&1
rm -rf "$2"
"#;

/// The user `nobody`, as which root starts a server: PostgreSQL refuses to run as root.
const NOBODY: u32 = 65534;

impl Supervisor {
    /// Starts a server on a free port, and returns the port.
    pub(super) fn start(binaries: &Path, options: &Options) -> (Self, u16) {
        let directory = tempfile::tempdir().unwrap();
        let owner = match fs::metadata(directory.path()).unwrap().uid() {
            0 => NOBODY,
            user => user,
        };
        chown(directory.path(), Some(owner), None).unwrap();
        let command = |program: &Path| {
            let mut command = Command::new(program);
            command.uid(owner).current_dir(directory.path());
            command
        };
        let data = directory.path().join("data");
        let init = command(&binaries.join("initdb"))
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"])
            .arg(&data)
            .output()
            .unwrap();
        assert!(init.status.success(), "initdb: {}", String::from_utf8_lossy(&init.stderr));
        for (name, contents) in &options.files {
            let file = data.join(name);
            fs::write(&file, contents).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
            chown(&file, Some(owner), None).unwrap();
        }
        let mut shell = command(Path::new("sh"));
        shell.args(["-c", SUPERVISE, "supervise"]).args([binaries, directory.path()]);
        let shell = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut supervisor = Self { shell, _directory: directory };
        let port = (0..20).map(|_| free_port()).find(|port| {
            fs::write(data.join("postgresql.auto.conf"), options.configuration(*port)).unwrap();
            supervisor.control("start")
        });
        let log = fs::read_to_string(data.with_file_name("log")).unwrap_or_default();
        (supervisor, port.unwrap_or_else(|| panic!("PostgreSQL doesn't start:\n{log}")))
    }

    /// Runs `pg_ctl` with these arguments, and returns whether it succeeded.
    pub(super) fn control(&mut self, order: &str) -> bool {
        writeln!(self.shell.stdin.as_ref().unwrap(), "{order}").unwrap();
        let mut answer = String::new();
        // Each order has one line of output, so that the buffer reads nothing beyond it.
        BufReader::new(self.shell.stdout.as_mut().unwrap()).read_line(&mut answer).unwrap();
        answer == "0\n"
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        self.shell.wait().ok();
    }
}

impl Options {
    fn configuration(&self, port: u16) -> String {
        let Self { durable, settings, .. } = self;
        let durable = if *durable { "on" } else { "off" };
        format!(
            "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = ''\nmax_connections = 300\n\
             fsync = {durable}\nfull_page_writes = {durable}\n{}\n",
            settings.join("\n")
        )
    }
}

/// A port that nobody listens on, and that no client's end of a connection gets while the server is stopped: it is
/// below the range from which the system takes those.
fn free_port() -> u16 {
    let random = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    12_000 + random % 20_000
}

/// The directory of PostgreSQL's programs: one of `PATH`, or where packages of Debian install them.
pub(super) fn binaries() -> Option<PathBuf> {
    let path = variable("PATH").unwrap_or_default();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    env::split_paths(&path)
        .chain(versions.map(|version| version.path().join("bin")))
        .find(|directory| ["initdb", "pg_ctl", "postgres"].iter().all(|program| directory.join(program).exists()))
}
