//! Runs the binary under the recorder, a library in C that is compiled here.

use super::log::Log;
use fasttrack_tests::{Installation, packages};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/power-loss");

/// An installation whose commands and servers are recorded.
pub(super) struct Recorder {
    directory: TempDir,
    pub(super) installation: Installation,
}

impl Recorder {
    /// Compiles the recorder. `None` where there is no C compiler, which is printed and fails where `CI` is set.
    pub(super) fn new() -> Option<Self> {
        if !packages::has(&["cc"]) {
            return None;
        }
        let directory = tempfile::tempdir().unwrap();
        let library = directory.path().join("librecorder.so");
        compile(&library);
        let installation = Installation::new();
        let recorded = installation.path("").canonicalize().unwrap();
        let installation = installation
            .with("LD_PRELOAD", text(&library))
            .with("POWER_LOSS_DIRECTORY", text(&recorded))
            .with("POWER_LOSS_LOG", text(&log_file(&directory)));
        Some(Self { directory, installation })
    }

    /// The length of the log. What was acknowledged before is in it.
    pub(super) fn length(&self) -> u64 {
        fs::metadata(log_file(&self.directory)).map_or(0, |log| log.len())
    }

    /// Parses the log.
    pub(super) fn log(&self) -> Log {
        Log::parse(&fs::read(log_file(&self.directory)).unwrap())
    }
}

fn log_file(directory: &TempDir) -> PathBuf {
    directory.path().join("log")
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn compile(library: &Path) {
    let output = Command::new("cc")
        .args(["-std=gnu11", "-shared", "-fPIC", "-O2", "-pthread", "-o"])
        .arg(library)
        .args(["log.c", "recorder.c", "unsupported.c"])
        .current_dir(SOURCES)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
