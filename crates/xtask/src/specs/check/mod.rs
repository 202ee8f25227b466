//! Checks that documents and code agree.

use super::{
    annotation::Annotation,
    behavior::{Evidence, TestName},
    citation,
    counts::Counts,
    document::{Document, Status},
    finding::{Fault, Finding},
    library::Library,
    link,
    tree::{Patterns, matches},
};
use crate::outcome::Outcome;

pub(super) struct Report {
    /// The findings, ordered by path and line.
    pub(super) findings: Vec<Finding>,
    pub(super) counts: Counts,
}

pub(super) fn judge(library: &Library) -> Outcome<Report> {
    let (annotations, mut findings) = library.annotations()?;
    let links = markdown_links(library)?;
    let counts = Counts::new(&library.documents, annotations.len(), links.len());
    findings.extend(library.findings.iter().cloned());
    findings.extend(annotations.iter().filter_map(|annotation| without_document(library, annotation)));
    findings.extend(library.documents.iter().filter_map(|document| without_code(document, &annotations)));
    findings.extend(library.documents.iter().flat_map(|document| dead_ids(library, document)));
    for link in links {
        findings.extend(dead_link(library, link)?);
    }
    findings.extend(unknown_tests(library)?);
    for document in &library.documents {
        findings.extend(without_test(library, document)?);
        findings.extend(empty_paths(library, document));
    }
    findings.sort();
    Ok(Report { findings, counts })
}

/// Why an annotation is wrong: its document is missing, superseded, of another kind, or doesn't apply to the file.
fn without_document(library: &Library, annotation: &Annotation) -> Option<Finding> {
    let Annotation { kind, id, path, line } = annotation;
    let message = match library.find(id) {
        None => format!("there is no {} {id}", kind.word()),
        Some(document) if document.kind != *kind => format!("{id} is a {}", document.kind.word()),
        Some(document) if document.status == Status::Superseded => format!("{id} is superseded"),
        Some(document) if !document.speaks_of(path) => format!("no path of {id} matches this file"),
        Some(_) => return None,
    };
    Some(Finding::new(path, *line, Fault::UnknownDocument, message))
}

fn without_code(document: &Document, annotations: &[Annotation]) -> Option<Finding> {
    let is_named = annotations.iter().any(|annotation| annotation.id == document.id);
    (document.is_in_force() && !is_named)
        .then(|| Finding::new(&document.path, 1, Fault::WithoutCode, format!("no code names {}", document.id)))
}

fn dead_ids(library: &Library, document: &Document) -> impl Iterator<Item = Finding> {
    document.links.iter().filter_map(|link| {
        let (kind, id) = &link.value;
        let is_there = library.find(id).is_some_and(|document| document.kind == *kind);
        (!is_there).then(|| {
            Finding::new(&document.path, link.line, Fault::DeadLink, format!("there is no {} {id}", kind.word()))
        })
    })
}

/// A link in Markdown.
struct Link {
    from: String,
    line: usize,
    target: String,
}

fn markdown_links(library: &Library) -> Outcome<Vec<Link>> {
    let patterns = Patterns::new(&library.config.check.markdown)?;
    let mut links = Vec::new();
    for from in library.tree.files().filter(|path| patterns.match_any(path)) {
        let text = library.tree.text(from)?;
        let found = link::parse(&text).into_iter();
        links.extend(found.map(|(line, target)| Link { from: from.to_owned(), line, target: target.to_owned() }));
    }
    Ok(links)
}

fn dead_link(library: &Library, Link { from, line, target }: Link) -> Outcome<Option<Finding>> {
    let is_alive = match link::resolve(&from, &target) {
        Some((path, anchor)) if library.tree.has(&path) => match anchor {
            Some(anchor) => library.tree.has_file(&path) && link::has_anchor(&library.tree.text(&path)?, anchor),
            None => true,
        },
        _ => false,
    };
    let finding = || Finding::new(&from, line, Fault::DeadLink, format!("`{target}` leads nowhere"));
    Ok((!is_alive).then(finding))
}

fn without_test(library: &Library, spec: &Document) -> Outcome<Vec<Finding>> {
    let cases = Patterns::new(&library.config.check.test_cases)?;
    let mut findings = Vec::new();
    for behavior in &spec.behaviors {
        let mut finding = |line, message| findings.push(Finding::new(&spec.path, line, Fault::WithoutTest, message));
        if behavior.tests.is_empty() && spec.is_in_force() {
            finding(behavior.line, format!("{} names no test", behavior.id));
        }
        for test in &behavior.tests {
            if let Some(fault) = fault_of(library, &cases, &test.value)? {
                finding(test.line, format!("{}: {fault}", behavior.id));
            }
        }
    }
    Ok(findings)
}

/// Finds missing tests in prose. Those of behaviors are checked with the behaviors.
fn unknown_tests(library: &Library) -> Outcome<Vec<Finding>> {
    let (markdown, cases) =
        (Patterns::new(&library.config.check.markdown)?, Patterns::new(&library.config.check.test_cases)?);
    let is_spec = |path: &str| library.documents.iter().any(|document| document.path == path);
    let mut findings = Vec::new();
    for path in library.tree.files().filter(|path| markdown.match_any(path) && !is_spec(path)) {
        for test in citation::parse(&library.tree.text(path)?) {
            let fault = fault_of(library, &cases, &test.value)?;
            findings.extend(fault.map(|fault| Finding::new(path, test.line, Fault::UnknownTest, fault)));
        }
    }
    Ok(findings)
}

/// The reason why a name isn't that of a test that runs.
fn fault_of(library: &Library, cases: &Patterns, TestName { path, function }: &TestName) -> Outcome<Option<String>> {
    let source = if library.tree.has_file(path) { library.tree.text(path)? } else { String::new() };
    let why = match Evidence::find(&source, function, cases.match_any(path)) {
        Evidence::Test => return Ok(None),
        Evidence::Ignored => "is ignored",
        Evidence::Function => "is no test",
        Evidence::Missing => "doesn't exist",
    };
    Ok(Some(format!("`{path}::{function}` {why}")))
}

fn empty_paths(library: &Library, document: &Document) -> Vec<Finding> {
    let paths = document.paths.iter().filter(|_| document.is_in_force());
    let empty = paths.filter(|path| !library.tree.files().any(|file| matches(&path.value, file)));
    let finding =
        |path: &str, line| Finding::new(&document.path, line, Fault::EmptyPath, format!("`{path}` matches nothing"));
    empty.map(|path| finding(path.value.as_str(), path.line)).collect()
}

#[cfg(test)]
mod tests;
