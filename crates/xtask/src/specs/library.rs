//! All documents, and the code beside them.

use super::{
    annotation::{self, Annotation},
    config::Config,
    document::{Document, Kind},
    finding::Finding,
    tree::{Patterns, Tree},
};
use crate::outcome::Outcome;
use std::path::Path;

pub(super) struct Library {
    pub(super) config: Config,
    pub(super) tree: Tree,
    /// The documents, ordered by kind and id.
    pub(super) documents: Vec<Document>,
    /// Faults in the form of documents.
    pub(super) findings: Vec<Finding>,
}

impl Library {
    pub(super) fn read(root: &Path) -> Outcome<Self> {
        let (config, tree) = (Config::read(root)?, Tree::read(root)?);
        let (mut documents, mut findings) = (Vec::new(), Vec::new());
        for kind in Kind::ALL {
            for path in tree.files().filter(|path| path.starts_with(kind.folder())) {
                let (document, faults) = Document::parse(kind, path, tree.text(path)?);
                documents.extend(document);
                findings.extend(faults);
            }
        }
        Ok(Self { config, tree, documents, findings })
    }

    pub(super) fn find(&self, id: &str) -> Option<&Document> {
        self.documents.iter().find(|document| document.id == id)
    }

    /// Collects the annotations in code by path and line, and reports malformed ones.
    pub(super) fn annotations(&self) -> Outcome<(Vec<Annotation>, Vec<Finding>)> {
        let ignored = Patterns::new(&self.config.check.ignore_patterns)?;
        let (mut annotations, mut findings) = (Vec::new(), Vec::new());
        for path in self.tree.files().filter(|path| self.is_source(path) && !ignored.match_any(path)) {
            if let Some(marker) = self.config.marker(path) {
                annotations.extend(annotation::parse(path, &self.tree.text(path)?, marker, &mut findings));
            }
        }
        Ok((annotations, findings))
    }

    fn is_source(&self, path: &str) -> bool {
        self.config.project.source_paths.iter().any(|folder| path.starts_with(folder))
    }
}
