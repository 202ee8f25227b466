//! Folders in which the tools of other languages run.

use fasttrack_tests::{Installation, PASSWORD, Server, code_blocks};
use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tempfile::TempDir;
use tokio::{process::Command, time::timeout};

const MANUAL: &str = include_str!("../../../docs/clients.md");
const ADMIN: &str = "admin@example.org";
const SOME_TIME: Duration = Duration::from_mins(10);

/// A folder with files, and the search path of its programs.
#[derive(Debug)]
pub struct Workshop {
    folder: TempDir,
    path: OsString,
}

impl Workshop {
    /// A new folder below the packages, so that they are found.
    pub fn new(packages: &Path, programs: &str) -> Self {
        let mut path = packages.join(programs).into_os_string();
        path.push(":");
        path.push(searched());
        // `npm init` calls a project like its folder, which may not begin with a dot.
        let folder = tempfile::Builder::new().prefix("client-").tempdir_in(packages).unwrap();
        Self { folder, path }
    }

    /// Copies these files into the folder.
    pub fn with(self, project: &str, files: &[&str]) -> Self {
        for file in files {
            fs::copy(Path::new(project).join(file), self.file(file)).unwrap();
        }
        self
    }

    /// Writes the documented files of this language into the folder.
    pub fn with_manual(self, language: &str) -> Self {
        self.with_page(MANUAL, language)
    }

    /// Writes the files of this language on a page into the folder.
    pub fn with_page(self, page: &'static str, language: &str) -> Self {
        for block in code_blocks(page).filter(|block| block.language == language) {
            fs::write(self.file(block.name), format!("{}\n", block.code)).unwrap();
        }
        self
    }

    /// A path in the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the documented shell block of this name.
    pub async fn follow_manual(&self, name: &str, server: &Server) -> String {
        let mut blocks = code_blocks(MANUAL).filter(|block| (block.language, block.name) == ("sh", name));
        let code = blocks.next().expect("a block of this name").code;
        self.run(&code.replace("https://api.example.org", server.url()), server).await
    }

    /// A script that ends at the first command that fails.
    pub fn script(&self, script: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-euc", script]).current_dir(self.folder.path()).stdin(Stdio::null()).kill_on_drop(true);
        shell.env("PATH", &self.path);
        shell
    }

    /// Runs a script and returns its output. Fails at the first command that fails.
    pub async fn run(&self, script: &str, server: &Server) -> String {
        let mut shell = self.script(script);
        shell.env("FASTTRACK_URL", server.url()).env("EMAIL", ADMIN).env("PASSWORD", PASSWORD);
        let output = timeout(SOME_TIME, shell.output()).await.expect("an end").unwrap();
        let [printed, said] = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        assert!(output.status.success(), "{script}\n{printed}\n{said}");
        printed
    }
}

/// Starts a server that has an admin.
pub async fn server() -> Server {
    let installation = Installation::new();
    installation.create_admin(ADMIN).await;
    installation.start()
}

#[expect(clippy::disallowed_methods, reason = "tests have no command line for their settings")]
fn searched() -> OsString {
    std::env::var_os("PATH").unwrap_or_default()
}
