//! The size of the product's executable.

use crate::outcome::Outcome;
use serde::{Deserialize, Serialize};
use std::{fs, path::Path, process::Command};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Binary {
    pub(super) bytes: u64,
    /// `None` where the program `strip` is missing.
    pub(super) stripped_bytes: Option<u64>,
}

impl Binary {
    pub(super) fn measure(product: &Path) -> Outcome<Self> {
        let copy = tempfile::NamedTempFile::new()?;
        let stripped = Command::new("strip").arg("-o").args([copy.path(), product]).output();
        let stripped = stripped.is_ok_and(|output| output.status.success());
        Ok(Self {
            bytes: fs::metadata(product)?.len(),
            stripped_bytes: if stripped { Some(fs::metadata(copy.path())?.len()) } else { None },
        })
    }
}
