//! Annotations in code that name documents.

use super::{
    document::Kind,
    finding::{Fault, Finding},
};

pub(super) struct Annotation {
    pub(super) kind: Kind,
    pub(super) id: String,
    /// The path from the root.
    pub(super) path: String,
    pub(super) line: usize,
}

/// Finds the annotations of a file. Each has its own line, like `// @spec SPEC-001`, that begins with `comment` and
/// `prefix`. Malformed ones are added to `findings`.
pub(super) fn parse(
    path: &str,
    source: &str,
    (comment, prefix): (&str, &str),
    findings: &mut Vec<Finding>,
) -> Vec<Annotation> {
    let mut annotations = Vec::new();
    for (text, line) in source.lines().zip(1..) {
        let Some(text) = text.trim_start().strip_prefix(comment).and_then(|it| it.trim_start().strip_prefix(prefix))
        else {
            continue;
        };
        let words: Vec<&str> = text.split_whitespace().collect();
        if let (Some(kind), [_, id]) = (words.first().and_then(|word| kind(word)), &words[..]) {
            annotations.push(Annotation { kind, id: (*id).to_owned(), path: path.to_owned(), line });
        } else {
            let message = format!("`{prefix}{text}` is not `spec`, `decision` or `norm` and one id");
            findings.push(Finding::new(path, line, Fault::Malformed, message));
        }
    }
    annotations
}

fn kind(word: &str) -> Option<Kind> {
    [Kind::Spec, Kind::Decision, Kind::Norm].into_iter().find(|kind| kind.word() == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotation_stands_on_its_own_line() {
        let mut findings = Vec::new();
        let source =
            "// @spec SPEC-001\n/// Doc.\nfn a() {} // @spec SPEC-002\n    // @norm NORM-API-001\n/// @spec SPEC-003\n";
        let found = parse("a.rs", source, ("//", "@"), &mut findings);
        let found: Vec<_> = found.iter().map(|it| (it.kind, it.id.as_str(), it.line)).collect();
        assert_eq!(found, [(Kind::Spec, "SPEC-001", 1), (Kind::Norm, "NORM-API-001", 4)]);
        assert_eq!(findings, []);
    }

    #[test]
    fn malformed_annotation_is_reported() {
        for source in ["// @specs SPEC-001", "// @spec", "// @spec SPEC-001 SPEC-002", "// @task TASK-001", "//@"] {
            let mut findings = Vec::new();
            assert!(parse("a.rs", source, ("//", "@"), &mut findings).is_empty());
            assert!(matches!(&findings[..], [Finding { line: 1, fault: Fault::Malformed, .. }]), "{source}");
        }
    }
}
