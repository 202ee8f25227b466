//! Why the program ends with an error.

use crate::program::settings::InvalidSetting;
use fasttrack_domain::failure::chain;
use std::{error::Error, fs, io, path::Path};

/// Why the program can't start, or a command failed. Each is printed in one line.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Setting(#[from] InvalidSetting),
    /// Standard output was closed by its reader, as `head` does. That is no failure.
    #[error("standard output is closed")]
    OutputClosed,
    #[error("{0}")]
    Failed(String),
}

impl StartError {
    /// Formats `what` and the error with its causes in one line.
    pub fn failed(what: &str, error: &dyn Error) -> Self {
        Self::Failed(format!("{what}: {}", chain(error)))
    }
}

/// Creates the data directory where missing, with mode 0700.
pub fn ensure_data_dir(path: &Path) -> Result<(), StartError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let writable = || -> io::Result<()> {
        builder.create(path)?;
        tempfile::tempfile_in(path).map(drop)
    };
    writable().map_err(|error| {
        StartError::Failed(format!(
            "DATA_DIR: {} can't be written ({error}); name a directory that this user may write, for example DATA_DIR=/var/lib/fasttrack",
            path.display()
        ))
    })
}
