//! Packages of npm, installed once for each target folder.

use fasttrack_tests::packages;
use std::{
    path::{Path, PathBuf},
    sync::LazyLock,
};

/// The project without the files of the manual.
pub const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/better-auth");

/// The folder of `node_modules`. `None` where they can't be installed, which is printed once.
pub fn installed() -> Option<&'static Path> {
    static INSTALLED: LazyLock<Option<PathBuf>> = LazyLock::new(|| packages::npm(env!("CARGO_TARGET_TMPDIR"), PROJECT));
    INSTALLED.as_deref()
}
