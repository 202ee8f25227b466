//! Links between files of Markdown.

/// Finds the inline links to files: line and target. Code and URLs are skipped.
pub(super) fn parse(markdown: &str) -> Vec<(usize, &str)> {
    let mut is_code = false;
    let mut links = Vec::new();
    for (text, line) in markdown.lines().zip(1..) {
        if text.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            let prose = text.split('`').step_by(2);
            links.extend(prose.flat_map(targets).map(|target| (line, target)));
        }
    }
    links
}

/// Removes code, as `[`code`](target)` is a link too.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target)
        .filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
}

/// Resolves a link in the file `from` into a path from the root and an anchor. `None` if it leads outside.
pub(super) fn resolve<'a>(from: &str, target: &'a str) -> Option<(String, Option<&'a str>)> {
    let (target, anchor) = target.split_once('#').map_or((target, None), |(target, anchor)| (target, Some(anchor)));
    if target.is_empty() {
        return Some((from.to_owned(), anchor));
    }
    let mut path: Vec<&str> = from.split('/').collect();
    path.pop();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(path.pop()?),
            _ => path.push(part),
        }
    }
    Some((path.join("/"), anchor))
}

/// Whether a text has a heading with this anchor.
pub(super) fn has_anchor(markdown: &str, anchor: &str) -> bool {
    markdown
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .any(|heading| slug(heading.trim_start_matches('#')) == anchor)
}

/// The anchor of a heading, as common renderers make it.
fn slug(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_outside_code() {
        let text = "[a](b.md) and [c](../d#e), `[f](g)`, [`h`](i).\n```\n[j](k)\n```\n[l](https://m) [n](mailto:o)\n";
        assert_eq!(parse(text), [(1, "b.md"), (1, "../d#e"), (1, "i")]);
    }

    #[test]
    fn link_is_relative_to_its_file() {
        let at = |path: &str, anchor| Some((path.to_owned(), anchor));
        assert_eq!(resolve("docs/api.md", "adr/README.md"), at("docs/adr/README.md", None));
        assert_eq!(resolve("docs/api.md", "../README.md#start"), at("README.md", Some("start")));
        assert_eq!(resolve("docs/api.md", "#errors"), at("docs/api.md", Some("errors")));
        assert_eq!(resolve("README.md", "../x"), None);
    }

    #[test]
    fn anchor_is_heading_in_lower_case() {
        let text = "# Two representations\n\n### `Accept`, and why\n";
        assert!(has_anchor(text, "two-representations"));
        assert!(has_anchor(text, "accept-and-why"));
        assert!(!has_anchor(text, "two"));
    }
}
