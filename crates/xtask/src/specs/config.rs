//! `.contextia/config.yaml`: paths of code, and the form of annotations.

use crate::outcome::Outcome;
use serde::Deserialize;
use std::{collections::BTreeMap, fs, path::Path};

pub(super) const PATH: &str = ".contextia/config.yaml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Config {
    pub(super) project: Project,
    pub(super) annotations: Annotations,
    pub(super) check: Check,
    pub(super) context: Context,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Project {
    #[serde(rename = "name")]
    _name: String,
    /// Languages with an [`extension`].
    pub(super) languages: Vec<String>,
    /// Folders of code, relative to the root, with a slash at the end.
    pub(super) source_paths: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Annotations {
    /// The prefix of an annotation in a comment.
    pub(super) prefix: String,
    /// The beginning of a comment in each language.
    pub(super) comment_syntax: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Check {
    /// Globs of sources whose annotations are ignored.
    pub(super) ignore_patterns: Vec<String>,
    /// Globs of Markdown files whose links are checked.
    pub(super) markdown: Vec<String>,
    /// Globs of sources whose functions are tests without an attribute, as a macro in another file calls them.
    pub(super) test_cases: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Context {
    /// The default budget.
    pub(super) max_tokens: usize,
}

impl Config {
    pub(super) fn read(root: &Path) -> Outcome<Self> {
        let text = fs::read_to_string(root.join(PATH)).map_err(|error| format!("{PATH}: {error}"))?;
        serde_saphyr::from_str(&text).map_err(|error| format!("{PATH}: {}", error.without_snippet()).into())
    }

    /// The beginning of an annotation in this file; `None` for other languages.
    pub(super) fn marker(&self, path: &str) -> Option<(&str, &str)> {
        let language = self.project.languages.iter().find(|language| {
            extension(language).is_some_and(|extension| Path::new(path).extension().is_some_and(|it| it == extension))
        })?;
        self.annotations
            .comment_syntax
            .get(language)
            .map(|comment| (comment.as_str(), self.annotations.prefix.as_str()))
    }
}

fn extension(language: &str) -> Option<&'static str> {
    match language {
        "rust" => Some("rs"),
        "sql" => Some("sql"),
        _ => None,
    }
}
