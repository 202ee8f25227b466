//! What keeps the program from starting.

use crate::program::settings::InvalidSetting;
use fasttrack_domain::failure::chain;
use std::{error::Error, fs, io, path::Path};

/// Why the program can't start. Each is one line for people.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting names something that can't be used.
    #[error(transparent)]
    Setting(#[from] InvalidSetting),
    /// Nobody reads what a command prints any more, which is no failure.
    #[error("standard output is closed")]
    OutputClosed,
    /// Anything else.
    #[error("{0}")]
    Failed(String),
}

impl StartError {
    /// A failure with all that caused it, in one line.
    pub fn failed(what: &str, error: &dyn Error) -> Self {
        Self::Failed(format!("{what}: {}", chain(error)))
    }
}

/// Makes the data directory where missing, for its owner only.
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
