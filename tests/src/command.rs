//! Runs of the binary that end by themselves.

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

/// The binary under test.
#[expect(clippy::disallowed_methods, reason = "cargo tells there where the binary is")]
fn binary() -> std::ffi::OsString {
    std::env::var_os("CARGO_BIN_EXE_fasttrack-under-test").expect("run these tests by cargo")
}

/// A command line that is to be run.
#[derive(Debug)]
pub struct Command {
    inner: std::process::Command,
    input: String,
}

/// How a run ended.
#[derive(Debug)]
pub struct Output {
    /// Absent where a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
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

    /// With this on standard input.
    #[must_use]
    pub fn input(mut self, text: &str) -> Self {
        text.clone_into(&mut self.input);
        self
    }

    /// Runs to the end.
    ///
    /// # Panics
    ///
    /// Where that does not come within [`DEADLINE`].
    pub async fn run(self) -> Output {
        self.run_to(Stdio::piped()).await
    }

    /// The same with a standard output whose reader is gone already.
    pub async fn run_unread(self) -> Output {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        self.run_to(writer).await
    }

    /// The same with this for standard output.
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

    /// Begins, without an input or an output.
    pub fn spawn(mut self) -> Child {
        self.inner.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Runs to the end on a terminal, and gives all that is written there.
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
    /// Exit code 0; gives standard output.
    ///
    /// # Panics
    ///
    /// With all that was said where it's another.
    #[track_caller]
    pub fn succeeded(self) -> String {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self.stdout
    }

    /// This exit code, not 0; gives standard error.
    ///
    /// # Panics
    ///
    /// With all that was said where it's another, nothing was said why, or the reason is a panic.
    #[track_caller]
    pub fn failed(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{self:#?}");
        assert!(!self.stderr.trim().is_empty() && !self.stderr.contains("panicked"), "{self:#?}");
        self.stderr
    }
}
