//! `.contextia`: documents that the code follows, and checks that both agree.
//!
//! Specs, decisions, norms and tasks are Markdown with a front matter in YAML; code names them by `// @spec SPEC-001`,
//! `// @decision DEC-0001` and `// @norm NORM-API-001`. The format of the documents is described in
//! `.contextia/system/identity.md`.

mod annotation;
mod behavior;
mod check;
mod citation;
mod config;
mod context;
mod counts;
mod document;
mod finding;
mod library;
mod link;
mod placed;
mod tree;

#[cfg(test)]
mod fixture;

use crate::{outcome::Outcome, workspace};
pub(crate) use context::Options;
use library::Library;
use std::io::{self, Write};

/// Prints disagreements between documents and code, and counts. Fails if there are findings.
pub(crate) fn check() -> Outcome {
    let library = Library::read(&workspace::root())?;
    let report = check::judge(&library)?;
    let mut out = io::stdout().lock();
    for finding in &report.findings {
        writeln!(out, "{finding}")?;
    }
    writeln!(out, "{}", report.counts)?;
    if report.findings.is_empty() { Ok(()) } else { Err(finding::summary(&report.findings).into()) }
}

/// Prints a document with those that it links to.
pub(crate) fn context(id: &str, options: Options) -> Outcome {
    let library = Library::read(&workspace::root())?;
    if let Some(finding) = library.findings.first() {
        return Err(finding.to_string().into());
    }
    Ok(io::stdout().write_all(context::assemble(&library, id, options)?.as_bytes())?)
}
