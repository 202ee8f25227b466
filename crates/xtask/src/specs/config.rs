//! `.contextia/config.yaml`: where code is, and how it names documents.

use crate::Outcome;
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
    /// Of those that [`extension`] knows.
    pub(super) languages: Vec<String>,
    /// Folders, from the root, with a slash at the end.
    pub(super) source_paths: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Annotations {
    /// What an annotation begins with, behind the comment's sign.
    pub(super) prefix: String,
    /// What a comment begins with in each language.
    pub(super) comment_syntax: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Check {
    /// Sources whose annotations don't count.
    pub(super) ignore_patterns: Vec<String>,
    /// Markdown whose links are followed.
    pub(super) markdown: Vec<String>,
    /// Sources whose functions are test cases without being marked as such, as another file makes tests of them.
    pub(super) test_cases: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Context {
    /// The budget where none is given.
    pub(super) max_tokens: usize,
}

impl Config {
    pub(super) fn read(root: &Path) -> Outcome<Self> {
        let text = fs::read_to_string(root.join(PATH)).map_err(|error| format!("{PATH}: {error}"))?;
        serde_saphyr::from_str(&text).map_err(|error| format!("{PATH}: {}", error.without_snippet()).into())
    }

    /// What an annotation begins with in a file of this name; `None` where such files have none.
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
