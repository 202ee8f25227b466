//! The graph of dependencies from `cargo metadata`, without those of tests and build scripts.

use crate::{outcome::Outcome, workspace};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A package.
pub(crate) struct Package {
    /// The id: name, version and source.
    id: String,
    pub(crate) name: String,
    /// Whether it is a member of the workspace.
    pub(crate) ours: bool,
    /// Ids of its direct dependencies.
    dependencies: Vec<String>,
}

/// All packages by id.
pub(crate) struct Graph(BTreeMap<String, Package>);

impl Graph {
    /// The graph of this workspace, for every platform and with the features that members enable.
    pub(crate) fn load() -> Outcome<Self> {
        let metadata = workspace::cargo(&["metadata", "--format-version", "1", "--locked"])?;
        Self::from_metadata(&serde_json::from_slice(&metadata)?).ok_or_else(|| "cargo metadata of no known form".into())
    }

    fn from_metadata(metadata: &Value) -> Option<Self> {
        let members = metadata["workspace_members"].as_array()?;
        let names: BTreeMap<_, _> = metadata["packages"]
            .as_array()?
            .iter()
            .filter_map(|package| Some((package["id"].as_str()?, package["name"].as_str()?)))
            .collect();
        let nodes = metadata["resolve"]["nodes"].as_array()?;
        let packages = nodes.iter().map(|node| {
            let id = node["id"].as_str()?;
            let dependencies = node["deps"].as_array()?.iter().filter(|dependency| is_normal(dependency));
            let package = Package {
                id: id.to_owned(),
                name: (*names.get(id)?).to_owned(),
                ours: members.contains(&node["id"]),
                dependencies: dependencies.map(|it| Some(it["pkg"].as_str()?.to_owned())).collect::<Option<_>>()?,
            };
            Some((id.to_owned(), package))
        });
        packages.collect::<Option<_>>().map(Self)
    }

    /// The workspace's own packages.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.0.values().filter(|package| package.ours)
    }

    /// The direct dependencies of `package`.
    pub(crate) fn dependencies(&self, package: &Package) -> impl Iterator<Item = &Package> {
        package.dependencies.iter().filter_map(|id| self.0.get(id))
    }

    /// The shortest path from a package to one of another name, including both.
    pub(crate) fn path<'a>(&'a self, from: &'a Package, to: &str) -> Option<Vec<&'a str>> {
        let mut seen = BTreeSet::from([&from.id]);
        let mut queue = VecDeque::from([(from, vec![from.name.as_str()])]);
        while let Some((package, path)) = queue.pop_front() {
            if package.name == to {
                return Some(path);
            }
            for next in self.dependencies(package).filter(|next| seen.insert(&next.id)) {
                queue.push_back((next, [path.as_slice(), &[&next.name]].concat()));
            }
        }
        None
    }
}

fn is_normal(dependency: &Value) -> bool {
    dependency["dep_kinds"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"].is_null()))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::json;

    /// A graph of packages, by name or `name@version`, and their dependencies. Members are recognized by name.
    pub(crate) fn graph(packages: &[(&str, &[&str])]) -> Graph {
        let normal = |name: &&str| json!({ "pkg": name, "dep_kinds": [{ "kind": null }] });
        let node =
            |(name, uses): &(&str, &[&str])| json!({ "id": name, "deps": uses.iter().map(normal).collect::<Vec<_>>() });
        let ours = |name: &&str| name.starts_with("fasttrack-") || *name == "xtask";
        let ids = || packages.iter().map(|(name, _)| *name);
        let metadata = json!({
            "workspace_members": ids().filter(ours).collect::<Vec<_>>(),
            "packages": ids().map(|id| json!({ "id": id, "name": id.split('@').next() })).collect::<Vec<_>>(),
            "resolve": { "nodes": packages.iter().map(node).collect::<Vec<_>>() },
        });
        Graph::from_metadata(&metadata).unwrap()
    }

    #[test]
    fn shortest_path_is_found() {
        let graph = graph(&[("fasttrack-a", &["b", "c"]), ("b", &["c"]), ("c", &["d", "b"]), ("d", &[]), ("e", &[])]);
        let a = graph.members().next().unwrap();
        assert_eq!(graph.path(a, "d"), Some(vec!["fasttrack-a", "c", "d"]));
        assert_eq!(graph.path(a, "e"), None);
    }

    #[test]
    fn package_versions_have_separate_dependencies() {
        let graph = graph(&[("fasttrack-a", &["b@1", "b@2"]), ("b@1", &[]), ("b@2", &["c"]), ("c", &[])]);
        assert_eq!(graph.path(graph.members().next().unwrap(), "c"), Some(vec!["fasttrack-a", "b", "c"]));
    }

    #[test]
    fn dev_and_build_dependencies_are_ignored() {
        let kinds = |kinds: Value| is_normal(&json!({ "dep_kinds": kinds }));
        assert!(!kinds(json!([{ "kind": "dev" }, { "kind": "build" }])));
        assert!(kinds(json!([{ "kind": "dev" }, { "kind": null }])));
    }

    #[test]
    fn unexpected_metadata_is_an_error() {
        assert!(Graph::from_metadata(&json!({})).is_none());
        assert!(Graph::from_metadata(&json!({ "workspace_members": [], "packages": [], "resolve": null })).is_none());
    }
}
