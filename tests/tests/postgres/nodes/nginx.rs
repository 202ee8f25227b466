//! A real nginx with the shipped configuration. Without nginx these tests print `ignored` and pass, except where `CI` is
//! set.

use fasttrack_tests::{Server, eventually};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    env, fs,
    fs::File,
    io::{ErrorKind, Write, stdout},
    net::TcpListener,
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

const CONFIGURATION: &str = include_str!("../../../../deploy/nginx/nginx.conf");

/// A running nginx. Dropping it ends it.
#[derive(Debug)]
pub struct Nginx {
    process: Child,
    directory: TempDir,
    url: String,
}

impl Nginx {
    /// Starts nginx in front of two nodes. `None` where it is not installed.
    #[expect(clippy::disallowed_methods, reason = "tests have no command line for their settings")]
    #[expect(clippy::explicit_write, reason = "what is printed in a test is only shown where it fails")]
    pub async fn start(nodes: [&Server; 2]) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path().to_str().unwrap();
        let url = format!("127.0.0.1:{}", free_port());
        let [first, second] = nodes.map(|node| format!("server 127.0.0.1:{} ", node.port()));
        let places = [
            ("/tmp/", format!("{folder}/")),
            ("/dev/stdout", format!("{folder}/access.log")),
            ("listen 8080 ", format!("listen {url} ")),
            ("server node1:8080 ", first),
            ("server node2:8080 ", second),
        ];
        let configuration = places.into_iter().fold(CONFIGURATION.to_owned(), |text, (from, to)| {
            assert!(text.contains(from), "{from}");
            text.replace(from, &to)
        });
        let path = directory.path().join("nginx.conf");
        // The account that a root's nginx would change to can't write here.
        fs::write(&path, format!("user root;\n{configuration}")).unwrap();
        let mut nginx = Command::new("nginx");
        nginx.args(["-e", "stderr", "-g", "daemon off;", "-p", folder, "-c"]).arg(path);
        let faults = directory.path().join("error.log");
        nginx.stdin(Stdio::null()).stderr(File::create(&faults).unwrap());
        let process = match nginx.spawn() {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                assert!(env::var_os("CI").is_none(), "CI is set, but there is no nginx");
                writeln!(stdout(), "ignored: no nginx").unwrap();
                return None;
            }
            process => process.unwrap(),
        };
        let mut nginx = Self { process, directory, url: format!("http://{url}") };
        eventually("nginx listens", async || {
            let has_ended = nginx.process.try_wait().unwrap().is_some();
            assert!(!has_ended, "{}", fs::read_to_string(&faults).unwrap());
            tokio::net::TcpStream::connect(&url).await.is_ok()
        })
        .await;
        Some(nginx)
    }

    /// Returns `http://HOST:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the access log, which has a line for each request.
    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("access.log")).unwrap()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Killed, it would leave its workers behind. Both fail only where it has ended already.
        kill_process(Pid::from_child(&self.process), Signal::TERM).ok();
        self.process.wait().ok();
    }
}

/// A free port below the range that the system assigns, so that it stays free during a restart.
pub fn free_port() -> u16 {
    loop {
        let port = fastrand::u16(20_000..30_000);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
