//! Findings.

use std::{collections::BTreeMap, fmt};

/// Kinds of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    /// A malformed document or annotation.
    Malformed,
    /// A spec, a decision or a norm that no code names.
    WithoutCode,
    /// Code names a document that doesn't exist, is superseded, or doesn't apply to this file.
    UnknownDocument,
    /// The target of a link doesn't exist.
    DeadLink,
    /// A behavior without a test that runs.
    WithoutTest,
    /// Prose names a test that doesn't exist.
    UnknownTest,
    /// A path that matches no file.
    EmptyPath,
}

impl Fault {
    fn words(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::WithoutCode => "without code",
            Self::UnknownDocument => "annotations without a document",
            Self::DeadLink => "dead links",
            Self::WithoutTest => "behaviors without a test",
            Self::UnknownTest => "tests that prose names and that don't exist",
            Self::EmptyPath => "paths that match nothing",
        }
    }
}

/// A finding. The order is by path and line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Finding {
    /// The path from the root.
    pub(super) path: String,
    /// The line, from 1 on.
    pub(super) line: usize,
    pub(super) fault: Fault,
    pub(super) message: String,
}

impl Finding {
    pub(super) fn new(path: &str, line: usize, fault: Fault, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, fault, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, message, .. } = self;
        write!(f, "{path}:{line}: {message}")
    }
}

/// The number of findings of each kind.
pub(super) fn summary(findings: &[Finding]) -> String {
    let mut counts = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.fault).or_insert(0_usize) += 1;
    }
    let counts: Vec<_> = counts.into_iter().map(|(fault, count)| format!("{count} {}", fault.words())).collect();
    format!("{} findings: {}", findings.len(), counts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summary_counts_each_kind() {
        let finding = |fault| Finding::new("a", 1, fault, "");
        assert_eq!(
            summary(&[Fault::DeadLink, Fault::WithoutCode, Fault::DeadLink].map(finding)),
            "3 findings: 1 without code, 2 dead links"
        );
    }
}
