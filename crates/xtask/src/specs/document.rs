//! Documents: Markdown behind a front matter between two lines `---`.

use super::{
    behavior::{self, Behavior},
    finding::{Fault, Finding},
    placed::Placed,
    tree::matches,
};
use glob::Pattern;
use serde::Deserialize;
use serde_saphyr::{Location, Spanned};

/// Kinds of documents, in the order of a context.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// `TASK`: work to do.
    Task,
    /// `SPEC`: behavior.
    Spec,
    /// `DEC`: a decision and its reason.
    Decision,
    /// `NORM`: rules for code.
    Norm,
}

/// States of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    /// Not implemented yet.
    Planned,
    /// Code follows it.
    Active,
    /// A decision that code follows.
    Accepted,
    /// A decision that was replaced.
    Superseded,
    /// An open task.
    Open,
    /// A finished task.
    Done,
}

impl Kind {
    pub(super) const ALL: [Self; 4] = [Self::Task, Self::Spec, Self::Decision, Self::Norm];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Spec => "spec",
            Self::Decision => "decision",
            Self::Norm => "norm",
        }
    }

    /// The prefix of its ids.
    fn prefix(self) -> &'static str {
        match self {
            Self::Task => "TASK-",
            Self::Spec => "SPEC-",
            Self::Decision => "DEC-",
            Self::Norm => "NORM-",
        }
    }

    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::Task => ".contextia/work/tasks/",
            Self::Spec => ".contextia/system/specs/",
            Self::Decision => ".contextia/system/rationale/",
            Self::Norm => ".contextia/system/norms/",
        }
    }

    fn allows(self, status: Status) -> bool {
        match self {
            Self::Task => matches!(status, Status::Open | Status::Done),
            Self::Spec | Self::Norm => matches!(status, Status::Planned | Status::Active),
            Self::Decision => matches!(status, Status::Planned | Status::Accepted | Status::Superseded),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Front {
    id: Spanned<String>,
    title: String,
    status: Spanned<Status>,
    #[serde(default)]
    specs: Vec<Spanned<String>>,
    #[serde(default)]
    decisions: Vec<Spanned<String>>,
    #[serde(default)]
    norms: Vec<Spanned<String>>,
    #[serde(default)]
    paths: Vec<Spanned<String>>,
}

pub(super) struct Document {
    pub(super) kind: Kind,
    pub(super) id: String,
    pub(super) title: String,
    pub(super) status: Status,
    /// The path from the root.
    pub(super) path: String,
    /// The whole text.
    pub(super) text: String,
    /// The linked documents: kind and id.
    pub(super) links: Vec<Placed<(Kind, String)>>,
    /// Globs of the code that it applies to; none means all code.
    pub(super) paths: Vec<Placed<Pattern>>,
    /// The behaviors of a spec.
    pub(super) behaviors: Vec<Behavior>,
}

impl Document {
    /// Whether code must name it.
    pub(super) fn is_in_force(&self) -> bool {
        matches!(self.status, Status::Active | Status::Accepted)
    }

    /// Whether it applies to a file.
    pub(super) fn speaks_of(&self, path: &str) -> bool {
        self.paths.is_empty() || self.paths.iter().any(|pattern| matches(&pattern.value, path))
    }

    /// Parses a file into a document and the faults of its form. The document is `None` where it can't be parsed.
    pub(super) fn parse(kind: Kind, path: &str, text: String) -> (Option<Self>, Vec<Finding>) {
        let mut faults = Vec::new();
        let document = Self::read(kind, path, text, &mut faults);
        let finding = |(line, message)| Finding::new(path, line, Fault::Malformed, message);
        (document, faults.into_iter().map(finding).collect())
    }

    fn read(kind: Kind, path: &str, text: String, faults: &mut Vec<(usize, String)>) -> Option<Self> {
        let Some(front) = front_matter(&text) else {
            faults.push((1, "no front matter between two lines `---`".to_owned()));
            return None;
        };
        let body = front.lines().count() + 1;
        let front: Front = serde_saphyr::from_str(front)
            .map_err(|error| faults.push((error.location().map_or(1, line), error.without_snippet().to_string())))
            .ok()?;

        let id = front.id.value;
        if !id.starts_with(kind.prefix()) || path.strip_prefix(kind.folder()) != Some(&format!("{id}.md")) {
            faults.push((line(front.id.defined), format!("`{id}` is not the id of a {} in this file", kind.word())));
        }
        if !kind.allows(front.status.value) {
            faults.push((line(front.status.defined), format!("a {} has no such status", kind.word())));
        }
        let links = [(Kind::Spec, front.specs), (Kind::Decision, front.decisions), (Kind::Norm, front.norms)];
        let links = links.into_iter().flat_map(|(kind, ids)| {
            ids.into_iter().map(move |id| Placed { line: line(id.defined), value: (kind, id.value) })
        });
        let mut paths = Vec::new();
        for pattern in front.paths {
            match Pattern::new(&pattern.value) {
                Ok(value) => paths.push(Placed { line: line(pattern.defined), value }),
                Err(error) => faults.push((line(pattern.defined), format!("`{}`: {error}", pattern.value))),
            }
        }
        let behaviors = match kind {
            Kind::Spec => behavior::parse(&id, text.lines().zip(1..).skip(body), faults),
            _ => Vec::new(),
        };
        Some(Self {
            kind,
            id,
            title: front.title,
            status: front.status.value,
            path: path.to_owned(),
            links: links.collect(),
            paths,
            behaviors,
            text,
        })
    }
}

/// The text before the second `---`. It includes the first one, which begins a document in YAML, so that lines keep
/// their numbers.
fn front_matter(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("---\n")?;
    let end = rest.find("\n---\n")?;
    text.get(..end + 5)
}

fn line(location: Location) -> usize {
    usize::try_from(location.line()).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (Option<Document>, Vec<String>) {
        let (document, findings) =
            Document::parse(Kind::Decision, ".contextia/system/rationale/DEC-001.md", text.to_owned());
        (document, findings.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn document_has_lines_of_links_and_paths() {
        let (document, findings) = parse(
            "---\nid: DEC-001\ntitle: One\nstatus: accepted\nspecs: [SPEC-001]\npaths:\n  - a/*.rs\n  - b/**\n---\n\nText.\n",
        );
        let document = document.unwrap();
        assert_eq!(findings, [""; 0]);
        assert_eq!((document.id.as_str(), document.title.as_str()), ("DEC-001", "One"));
        assert!(document.is_in_force());
        assert_eq!(
            document.links.iter().map(|link| (link.line, link.value.1.as_str())).collect::<Vec<_>>(),
            [(5, "SPEC-001")]
        );
        assert_eq!(
            document.paths.iter().map(|path| (path.line, path.value.as_str())).collect::<Vec<_>>(),
            [(7, "a/*.rs"), (8, "b/**")]
        );
    }

    #[test]
    fn malformed_document_is_reported_with_line() {
        const AT: &str = ".contextia/system/rationale/DEC-001.md";
        for (text, expected) in [
            ("Text.\n", format!("{AT}:1: no front matter between two lines `---`")),
            (
                "---\nid: DEC-002\ntitle: One\nstatus: accepted\n---\n",
                format!("{AT}:2: `DEC-002` is not the id of a decision in this file"),
            ),
            ("---\nid: DEC-001\ntitle: One\nstatus: active\n---\n", format!("{AT}:4: a decision has no such status")),
            ("---\nid: DEC-001\ntitle: One\nstatus: accepted\npaths: [\"a/***\"]\n---\n", format!("{AT}:5: `a/***`: ")),
            ("---\nid: DEC-001\ntitle: One\nstatus: accepted\npath: a\n---\n", format!("{AT}:5: ")),
            ("---\nid: DEC-001\ntitle: One\nstatus: likely\n---\n", format!("{AT}:4: ")),
            ("---\nid: DEC-001\nstatus: accepted\n---\n", format!("{AT}:")),
        ] {
            let (_, findings) = parse(text);
            assert!(matches!(&findings[..], [one] if one.starts_with(&expected)), "{text:?}: {findings:?}");
        }
    }
}
