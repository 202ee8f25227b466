//! The files of a repository, and globs.

use crate::outcome::Outcome;
use glob::{MatchOptions, Pattern};
use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

/// Folders that are skipped.
const SKIPPED: [&str; 3] = [".git", "node_modules", "target"];

pub(super) struct Tree {
    root: PathBuf,
    /// Paths from the root, with slashes.
    files: BTreeSet<String>,
}

impl Tree {
    pub(super) fn read(root: &Path) -> Outcome<Self> {
        let mut files = BTreeSet::new();
        collect(root, "", &mut files)?;
        Ok(Self { root: root.to_owned(), files })
    }

    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str)
    }

    pub(super) fn text(&self, path: &str) -> Outcome<String> {
        fs::read_to_string(self.root.join(path)).map_err(|error| format!("{path}: {error}").into())
    }

    pub(super) fn has_file(&self, path: &str) -> bool {
        self.files.contains(path)
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.has_file(path) || path.is_empty() || {
            let folder = format!("{}/", path.trim_end_matches('/'));
            self.files.range(folder.clone()..).next().is_some_and(|file| file.starts_with(&folder))
        }
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeSet<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if !entry.file_type()?.is_dir() {
            files.insert(path);
        } else if !SKIPPED.contains(&name.as_str()) {
            collect(&entry.path(), &format!("{path}/"), files)?;
        }
    }
    Ok(())
}

/// Whether a glob matches a path. `*` stays within a folder, `**` doesn't.
pub(super) fn matches(pattern: &Pattern, path: &str) -> bool {
    pattern.matches_with(path, MatchOptions { require_literal_separator: true, ..MatchOptions::new() })
}

/// A list of globs, any of which may match.
pub(super) struct Patterns(Vec<Pattern>);

impl Patterns {
    pub(super) fn new(patterns: &[String]) -> Outcome<Self> {
        let parse = |pattern: &String| Pattern::new(pattern).map_err(|error| format!("`{pattern}`: {error}").into());
        patterns.iter().map(parse).collect::<Outcome<_>>().map(Self)
    }

    pub(super) fn match_any(&self, path: &str) -> bool {
        self.0.iter().any(|pattern| matches(pattern, path))
    }
}
