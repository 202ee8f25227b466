//! A small repository without findings, which tests then break.

use super::{check, finding::Fault, library::Library};
use std::fs;
use tempfile::TempDir;

const CONFIG: &str = r#"
project: { name: sample, languages: [rust], source_paths: [crates/] }
annotations: { prefix: "@", comment_syntax: { rust: "//" } }
check: { ignore_patterns: ["crates/*/tests/**"], markdown: [".contextia/**/*.md"], test_cases: ["crates/cases/**"] }
context: { max_tokens: 1000 }
"#;

pub(super) const TASK: &str = ".contextia/work/tasks/TASK-001.md";
pub(super) const SPEC: &str = ".contextia/system/specs/SPEC-001.md";
pub(super) const DECISION: &str = ".contextia/system/rationale/DEC-001.md";
pub(super) const NORM: &str = ".contextia/system/norms/NORM-ONE-001.md";
pub(super) const CODE: &str = "crates/one/src/lib.rs";
pub(super) const TESTS: &str = "crates/one/tests/rain.rs";

pub(super) struct Repository(TempDir);

impl Repository {
    pub(super) fn new() -> Self {
        let repository = Self(tempfile::tempdir().unwrap());
        for (path, text) in [
            (".contextia/config.yaml", CONFIG),
            (
                TASK,
                "---\nid: TASK-001\ntitle: Snow\nstatus: open\nspecs: [SPEC-001]\n---\n\nSnow like [rain](../../system/specs/SPEC-001.md).\n",
            ),
            (
                SPEC,
                "---\nid: SPEC-001\ntitle: Rain\nstatus: active\ndecisions: [DEC-001]\nnorms: [NORM-ONE-001]\npaths:\n  - crates/one/src/*.rs\n---\n\n### SPEC-001.1\n\n- WHEN it rains\n- THEN it is wet\n- TEST `crates/one/tests/rain.rs::rain_is_wet`\n",
            ),
            (DECISION, "---\nid: DEC-001\ntitle: Water\nstatus: accepted\n---\n\nWater.\n"),
            (NORM, "---\nid: NORM-ONE-001\ntitle: Drops\nstatus: active\npaths: [\"crates/**\"]\n---\n\nDrops.\n"),
            (CODE, "// @spec SPEC-001\n// @decision DEC-001\nfn rain() {}\n\n// @norm NORM-ONE-001\nfn drop() {}\n"),
            (TESTS, "// @spec SPEC-999 counts for nothing here\n#[test]\nfn rain_is_wet() {}\n"),
        ] {
            repository.write(path, text);
        }
        repository
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Replaces text in a file.
    pub(super) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.0.path().join(path)).unwrap();
        assert!(text.contains(from), "{path} has no {from:?}");
        self.write(path, &text.replace(from, to));
    }

    pub(super) fn library(&self) -> Library {
        Library::read(self.0.path()).unwrap()
    }

    pub(super) fn findings(&self) -> Vec<(Fault, String)> {
        let report = check::judge(&self.library()).unwrap();
        report.findings.iter().map(|finding| (finding.fault, finding.to_string())).collect()
    }
}
