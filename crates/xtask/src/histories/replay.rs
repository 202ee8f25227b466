use crate::{outcome::Outcome, workspace};
use std::{
    path::{self, Path},
    process::Command,
};

const TEST: &str = "histories::replay::recorded_history_is_right";

/// Judges a history in a file once more.
pub(super) fn run(file: &Path) -> Outcome {
    // The test runs in another directory.
    let file = path::absolute(file)?;
    if !file.is_file() {
        return Err(format!("{} is no file", file.display()).into());
    }
    let mut test = Command::new("cargo");
    // The whole workspace, so that dependencies have the features of a build of all tests and nothing is built again.
    test.args(["test", "--workspace", "--locked", "--test", "sqlite", "--"])
        .args(["--exact", "--ignored", "--nocapture", TEST])
        .current_dir(workspace::root())
        .env("HISTORY_FILE", file);
    if test.status()?.success() { Ok(()) } else { Err("the history breaks a promise".into()) }
}
