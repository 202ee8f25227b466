//! Counts of documents, behaviors, tests and links.

use super::document::{Document, Kind, Status};
use std::fmt;

pub(super) struct Counts(Vec<(&'static str, usize, String)>);

impl Counts {
    pub(super) fn new(documents: &[Document], annotations: usize, links: usize) -> Self {
        let in_state = |kind, status| documents.iter().filter(|it| it.kind == kind && it.status == status).count();
        let mut rows: Vec<_> = [
            ("tasks", Kind::Task, Status::Done, "done"),
            ("specs", Kind::Spec, Status::Planned, "planned"),
            ("decisions", Kind::Decision, Status::Superseded, "superseded"),
            ("norms", Kind::Norm, Status::Planned, "planned"),
        ]
        .into_iter()
        .map(|(name, kind, status, word)| {
            let all = documents.iter().filter(|document| document.kind == kind).count();
            (name, all, aside(in_state(kind, status), word))
        })
        .collect();
        let behaviors = || documents.iter().flat_map(|spec| &spec.behaviors);
        let untested = behaviors().filter(|behavior| behavior.tests.is_empty()).count();
        rows.push(("behaviors", behaviors().count(), aside(untested, "planned")));
        rows.push(("tests", behaviors().map(|behavior| behavior.tests.len()).sum(), String::new()));
        rows.push(("annotations", annotations, String::new()));
        let ids: usize = documents.iter().map(|document| document.links.len()).sum();
        rows.push(("links", ids + links, String::new()));
        rows.push(("paths", documents.iter().map(|document| document.paths.len()).sum(), String::new()));
        Self(rows)
    }
}

fn aside(count: usize, word: &str) -> String {
    if count == 0 { String::new() } else { format!(", {count} of them {word}") }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, count, aside)) in self.0.iter().enumerate() {
            let end = if index == 0 { "" } else { "\n" };
            write!(f, "{end}{name:<12}{count:>4}{aside}")?;
        }
        Ok(())
    }
}
