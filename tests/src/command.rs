//! Runs the binary with a command other than `serve`.

use crate::DEADLINE;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::{
    collections::BTreeMap,
    fs::File,
    io::Read,
    path::Path,
    process::{Child, Stdio},
};
use tokio::io::AsyncWriteExt;

#[expect(clippy::disallowed_methods, reason = "cargo tells there where the binary is")]
fn binary() -> std::ffi::OsString {
    std::env::var_os("CARGO_BIN_EXE_fasttrack-under-test").expect("run these tests by cargo")
}

/// A command line of the binary.
#[derive(Debug)]
pub struct Command {
    inner: std::process::Command,
    input: String,
}

/// The result of a completed command.
#[derive(Debug)]
pub struct Output {
    /// The exit code. `None` if a signal ended the process.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Command {
    pub(crate) fn new<'a>(
        directory: &Path,
        settings: &BTreeMap<String, String>,
        setup: Option<&str>,
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let mut inner = match setup {
            // A umask or a limit belongs to a process, and this one has other tests.
            Some(setup) => {
                let mut shell = std::process::Command::new("/bin/sh");
                shell.args(["-c", &format!("{setup}; exec \"$0\" \"$@\"")]).arg(binary());
                shell
            }
            None => std::process::Command::new(binary()),
        };
        inner.args(arguments).current_dir(directory).env_clear().envs(settings);
        Self { inner, input: String::new() }
    }

    /// Sets the text that the command reads from standard input.
    #[must_use]
    pub fn input(mut self, text: &str) -> Self {
        text.clone_into(&mut self.input);
        self
    }

    /// Runs until the process ends.
    ///
    /// # Panics
    ///
    /// If it runs for longer than [`DEADLINE`].
    pub async fn run(self) -> Output {
        self.run_to(Stdio::piped()).await
    }

    /// Runs with a standard output that nobody reads, until the process ends.
    pub async fn run_unread(self) -> Output {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        self.run_to(writer).await
    }

    /// Runs with this standard output, until the process ends.
    pub async fn run_to(self, stdout: impl Into<Stdio>) -> Output {
        let shown = format!("{:?}", self.inner);
        let mut command = tokio::process::Command::from(self.inner);
        command.stdin(Stdio::piped()).stdout(stdout).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = self.input;
        // A command that does not read its input may be gone before it is written.
        tokio::spawn(async move { stdin.write_all(input.as_bytes()).await.ok() });
        let output = tokio::time::timeout(DEADLINE, child.wait_with_output()).await;
        let output = output.unwrap_or_else(|_| panic!("still running: {shown}")).unwrap();
        Output {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Starts the process without input and output.
    pub fn spawn(mut self) -> Child {
        self.inner.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Runs on a terminal until the process ends, and returns its output.
    pub fn run_on_terminal(mut self) -> String {
        let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&controller).unwrap();
        unlockpt(&controller).unwrap();
        let name = ptsname(&controller, Vec::new()).unwrap().into_string().unwrap();
        let terminal = File::options().read(true).write(true).open(name).unwrap();
        self.inner.stdin(Stdio::null()).stdout(terminal.try_clone().unwrap()).stderr(terminal);
        let mut child = self.inner.spawn().unwrap();
        // Its copies of the terminal would keep it open.
        drop(self.inner);
        let mut written = Vec::new();
        // Linux says EIO where everybody has closed it.
        File::from(controller).read_to_end(&mut written).ok();
        child.wait().unwrap();
        String::from_utf8(written).unwrap()
    }

    pub(crate) fn into_inner(self) -> std::process::Command {
        self.inner
    }
}

impl Output {
    /// Checks for exit code 0 and returns standard output.
    ///
    /// # Panics
    ///
    /// If it is another.
    #[track_caller]
    pub fn succeeded(self) -> String {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self.stdout
    }

    /// Checks for this exit code, which isn't 0, and returns standard error.
    ///
    /// # Panics
    ///
    /// If it is another, standard error is empty, or it has a panic.
    #[track_caller]
    pub fn failed(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{self:#?}");
        assert!(!self.stderr.trim().is_empty() && !self.stderr.contains("panicked"), "{self:#?}");
        self.stderr
    }
}
