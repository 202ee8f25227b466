//! `.env.example` and `docs/operations/settings.md`, as the binary writes them. `tests/tests/cli/config.rs` compares them.

use crate::{outcome::Outcome, workspace};
use std::fs;

/// Rewrites both files.
pub(crate) fn write() -> Outcome {
    for (file, option) in [(".env.example", "--example"), ("docs/operations/settings.md", "--markdown")] {
        let run = ["run", "--quiet", "--locked", "--package", "fasttrack-api-actix", "--", "config", option];
        fs::write(workspace::root().join(file), workspace::cargo(&run)?)?;
    }
    Ok(())
}
