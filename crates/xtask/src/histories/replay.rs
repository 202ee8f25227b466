use crate::{outcome::Outcome, workspace};
use std::path::{self, Path};

const TEST: &str = "histories::replay::recorded_history_is_right";

/// Judges a history in a file once more.
pub(super) fn run(file: &Path) -> Outcome {
    // The test runs in another directory.
    let file = path::absolute(file)?;
    if !file.is_file() {
        return Err(format!("{} is no file", file.display()).into());
    }
    if workspace::test("sqlite", TEST).env("HISTORY_FILE", file).status()?.success() {
        Ok(())
    } else {
        Err("the history breaks a promise".into())
    }
}
