//! Citations of tests in prose: `` `path.rs::function` `` outside code blocks.

use super::{behavior::TestName, placed::Placed};
use std::path::Path;

/// Finds the tests that a Markdown text names.
pub(super) fn parse(markdown: &str) -> Vec<Placed<TestName>> {
    let mut is_block = false;
    let mut tests = Vec::new();
    for (text, line) in markdown.lines().zip(1..) {
        if text.trim_start().starts_with("```") {
            is_block = !is_block;
        } else if !is_block {
            let code = text.split('`').skip(1).step_by(2);
            let named = code.filter_map(TestName::parse).filter(|name| is_rust(&name.path));
            tests.extend(named.map(|value| Placed { line, value }));
        }
    }
    tests
}

fn is_rust(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_test_citations_are_found_in_prose() {
        let text = "See `a/b.rs::c` and `d.rs::e`, not `Vec::new` or `f.rs`.\n```\n`g.rs::h`\n```\n| `i.rs::j` |\n";
        let found: Vec<_> = parse(text).into_iter().map(|it| (it.line, it.value.path, it.value.function)).collect();
        let expected = [(1, "a/b.rs", "c"), (1, "d.rs", "e"), (5, "i.rs", "j")];
        assert_eq!(found, expected.map(|(line, path, name)| (line, path.to_owned(), name.to_owned())));
    }
}
