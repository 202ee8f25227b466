//! The behaviors of a spec: a heading with the id, and a list of `WHEN`, `THEN`, and the `TEST`s that show it.

use super::placed::Placed;

pub(super) struct Behavior {
    /// The id, like `SPEC-001.1`.
    pub(super) id: String,
    /// The line of the heading.
    pub(super) line: usize,
    pub(super) tests: Vec<Placed<TestName>>,
    has_when: bool,
    has_then: bool,
}

/// A test: `tests/tests/auth/login.rs::login_returns_token_pair`.
pub(super) struct TestName {
    /// The path from the root.
    pub(super) path: String,
    /// The name of the function, in any module of the file.
    pub(super) function: String,
}

/// Parses the behaviors in the numbered lines of the spec `id`. Malformed lines are added to `faults`.
pub(super) fn parse<'a>(
    id: &str,
    lines: impl Iterator<Item = (&'a str, usize)>,
    faults: &mut Vec<(usize, String)>,
) -> Vec<Behavior> {
    let mut behaviors: Vec<Behavior> = Vec::new();
    let mut is_inside = false;
    for (text, line) in lines {
        if let Some(heading) = text.strip_prefix("### ") {
            is_inside = true;
            let expected = format!("{id}.{}", behaviors.len() + 1);
            if heading != expected {
                faults.push((line, format!("`{heading}` should be `{expected}`")));
            }
            let id = heading.to_owned();
            behaviors.push(Behavior { id, line, tests: Vec::new(), has_when: false, has_then: false });
        } else if text.starts_with('#') {
            is_inside = false;
        } else if let Some(behavior) = behaviors.last_mut().filter(|_| is_inside) {
            behavior.has_when |= text.starts_with("- WHEN ");
            behavior.has_then |= text.starts_with("- THEN ");
            if let Some(name) = text.strip_prefix("- TEST ") {
                match name.strip_prefix('`').and_then(|name| TestName::parse(name.strip_suffix('`')?)) {
                    Some(value) => behavior.tests.push(Placed { line, value }),
                    None => faults.push((line, format!("{name} has not the form `path::function`"))),
                }
            }
        }
    }
    for behavior in &behaviors {
        for (word, is_there) in [("WHEN", behavior.has_when), ("THEN", behavior.has_then)] {
            if !is_there {
                faults.push((behavior.line, format!("{} has no {word}", behavior.id)));
            }
        }
    }
    behaviors
}

impl TestName {
    /// Parses `path::function` in backticks.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (path, function) = text.split_once("::")?;
        let is_name = !path.is_empty() && is_identifier(function);
        is_name.then(|| Self { path: path.to_owned(), function: function.to_owned() })
    }
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c == '_' || c.is_alphanumeric())
}

/// The kind of a function of some name in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Evidence {
    /// A test that runs.
    Test,
    /// A test that is ignored.
    Ignored,
    /// A function that is no test.
    Function,
    /// There is no such function.
    Missing,
}

impl Evidence {
    /// With `all_are_cases`, functions are tests without an attribute. Of several with one name the best counts.
    pub(super) fn find(source: &str, function: &str, all_are_cases: bool) -> Self {
        let (mut is_test, mut is_ignored) = (all_are_cases, false);
        let mut found = Self::Missing;
        for line in source.lines().map(str::trim_start) {
            if let Some(attribute) = line.strip_prefix("#[") {
                let name = attribute.split(['(', ']', ' ']).next().unwrap_or_default();
                is_test |= name.rsplit("::").next() == Some("test");
                is_ignored |= name == "ignore";
            } else if let Some(name) = name_of_function(line) {
                if name == function {
                    match (is_test, is_ignored) {
                        (true, false) => return Self::Test,
                        (true, true) => found = Self::Ignored,
                        (false, _) => found = Self::Function,
                    }
                }
                (is_test, is_ignored) = (all_are_cases, false);
            }
        }
        found
    }
}

fn name_of_function(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("fn ")?;
    let is_declared =
        before.split_whitespace().all(|word| matches!(word, "pub" | "pub(crate)" | "pub(super)" | "async"));
    is_declared.then(|| after.split(|c: char| c != '_' && !c.is_alphanumeric()).next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Vec<Behavior>, Vec<(usize, String)>) {
        let mut faults = Vec::new();
        let behaviors = parse("SPEC-001", text.lines().zip(1..), &mut faults);
        (behaviors, faults)
    }

    #[test]
    fn behavior_has_id_when_then_and_tests() {
        let (behaviors, faults) = parsed(
            "## Behaviors\n\n### SPEC-001.1\n\n- WHEN it\n  rains\n- THEN it is wet\n- TEST `a/b.rs::it_rains`\n- TEST `c.rs::wet`\n\n## More\n\n- TEST nothing\n",
        );
        assert_eq!(faults, []);
        let [behavior] = &behaviors[..] else { panic!("one behavior") };
        assert_eq!((behavior.id.as_str(), behavior.line), ("SPEC-001.1", 3));
        let tests: Vec<_> =
            behavior.tests.iter().map(|it| (it.line, it.value.path.as_str(), it.value.function.as_str())).collect();
        assert_eq!(tests, [(8, "a/b.rs", "it_rains"), (9, "c.rs", "wet")]);
    }

    #[test]
    fn malformed_behavior_is_reported() {
        for (text, expected) in [
            ("### SPEC-001.2\n- WHEN a\n- THEN b\n", (1, "`SPEC-001.2` should be `SPEC-001.1`")),
            ("### SPEC-001.1\n- THEN b\n", (1, "SPEC-001.1 has no WHEN")),
            ("### SPEC-001.1\n- WHEN a\n", (1, "SPEC-001.1 has no THEN")),
            ("### SPEC-001.1\n- WHEN a\n- THEN b\n- TEST `a.rs`\n", (4, "`a.rs` has not the form `path::function`")),
            ("### SPEC-001.1\n- WHEN a\n- THEN b\n- TEST a.rs::b\n", (4, "a.rs::b has not the form `path::function`")),
            (
                "### SPEC-001.1\n- WHEN a\n- THEN b\n- TEST `a.rs::b c`\n",
                (4, "`a.rs::b c` has not the form `path::function`"),
            ),
        ] {
            assert_eq!(parsed(text).1, [(expected.0, expected.1.to_owned())], "{text:?}");
        }
    }

    #[test]
    fn only_functions_marked_as_tests_count() {
        let source = "\
            fn helper() {}\n\
            #[test]\n#[expect(clippy::unwrap_used, reason = \"fn x\")]\nfn one() {}\n\
            mod tests {\n    #[tokio::test(flavor = \"multi_thread\")]\n    async fn two() {}\n}\n\
            #[test]\n#[ignore = \"slow\"]\nfn three() {}\n\
            // fn four() {}\n\
            #[tested]\npub async fn five() {}\n";
        for (function, expected) in [
            ("helper", Evidence::Function),
            ("one", Evidence::Test),
            ("two", Evidence::Test),
            ("three", Evidence::Ignored),
            ("four", Evidence::Missing),
            ("five", Evidence::Function),
            ("tw", Evidence::Missing),
        ] {
            assert_eq!(Evidence::find(source, function, false), expected, "{function}");
        }
        assert_eq!(Evidence::find(source, "five", true), Evidence::Test);
    }
}
