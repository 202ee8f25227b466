//! The invariants of the architecture: which crate may depend on which, and which file may name an adapter.

use crate::{
    graph::{Graph, Package},
    invariant::{Invariant, report},
    outcome::Outcome,
    workspace::{self, Source},
};

const DOMAIN: &str = "fasttrack-domain";
const APP: &str = "fasttrack-app";
const API: &str = "fasttrack-api-actix";
const TESTKIT: &str = "fasttrack-testkit";
const ADAPTERS: &str = "fasttrack-infra-";

/// Packages for I/O, runtimes, frameworks, databases and tokens.
const OUTSIDE_WORLD: &[&str] = &[
    "actix-rt",
    "actix-web",
    "aws-lc-rs",
    "axum",
    "bcrypt",
    "deadpool",
    "diesel",
    "diesel-async",
    "hyper",
    "jsonwebtoken",
    "lettre",
    "libsqlite3-sys",
    "mio",
    "redis",
    "reqwest",
    "rusqlite",
    "rustls",
    "tokio",
    "tokio-postgres",
];

/// Packages that only one crate may use, and that crate.
const HIDDEN: &[(&str, &str)] = &[
    ("actix-web", API),
    ("bcrypt", "fasttrack-infra-auth"),
    ("diesel", "fasttrack-infra-diesel"),
    ("diesel-async", "fasttrack-infra-diesel"),
    ("jsonwebtoken", "fasttrack-infra-auth"),
    ("lettre", "fasttrack-infra-notify"),
    ("libsqlite3-sys", "fasttrack-infra-diesel"),
    ("redis", "fasttrack-infra-limits"),
    ("rusqlite", "fasttrack-infra-diesel"),
];

/// The black-box tests use any package, as they run the program from outside.
const BLACK_BOX: &str = "fasttrack-tests";

/// The simulations put adapters together as the program does, and look at what is stored.
const SIMULATION: &str = "fasttrack-simulation";

/// The folder of the modules that may name adapters.
const WIRING: &str = "crates/api-actix/src/program/wiring";

/// The folders of the API, and of the program inside it, which the feature `program` switches on.
const API_SOURCES: &str = "crates/api-actix/src/";
const PROGRAM_SOURCES: &str = "crates/api-actix/src/program/";

/// Packages of the program that the API must not reach, besides the adapters.
const PROGRAM_ONLY: &[&str] = &["clap", "metrics-exporter-prometheus", "opentelemetry-otlp"];

/// Prints every invariant and whether it holds. Fails if one doesn't.
pub(crate) fn check() -> Outcome {
    let api_alone = workspace::cargo(&[
        "tree",
        "--locked",
        "--package",
        API,
        "--no-default-features",
        "--edges",
        "normal",
        "--target",
        "all",
        "--prefix",
        "depth",
        "--format",
        " {p}",
    ])?;
    report("architecture", &judge(&Graph::load()?, &String::from_utf8(api_alone)?, &workspace::sources()?))
}

// @decision DEC-0001
// @norm NORM-ARCH-001
fn judge(graph: &Graph, api_alone: &str, sources: &[Source]) -> [Invariant; 6] {
    [
        Invariant {
            rule: "domain and app reach no framework, database, runtime or token library",
            violations: reaching_out(graph),
        },
        Invariant {
            rule: "arrows point inwards: api-actix to infra-* and app, app and infra-* to domain, domain to nobody",
            violations: against_the_arrows(graph),
        },
        Invariant {
            rule: "SQL is known to infra-diesel alone, tokens and hashes to infra-auth, SMTP to infra-notify, Redis \
                   to infra-limits, HTTP to api-actix",
            violations: out_of_hiding(graph),
        },
        Invariant { rule: "the wiring alone names adapters", violations: naming_adapters(sources) },
        Invariant {
            rule: "api-actix without the feature `program` reaches no adapter, clap or exporter",
            violations: reaching_the_program(api_alone),
        },
        Invariant { rule: "nothing of the API imports the program", violations: importing_the_program(sources) },
    ]
}

fn reaching_out(graph: &Graph) -> Vec<String> {
    let reach = |name: &'static str| match graph.members().find(|package| package.name == name) {
        Some(package) => OUTSIDE_WORLD
            .iter()
            .filter_map(|outside| graph.path(package, outside))
            .map(|path| path.join(" → "))
            .collect(),
        None => vec![format!("there is no {name}")],
    };
    [DOMAIN, APP].into_iter().flat_map(reach).collect()
}

/// Pairs of a member and a direct dependency.
fn arrows(graph: &Graph) -> impl Iterator<Item = (&Package, &Package)> {
    graph.members().flat_map(|from| graph.dependencies(from).map(move |to| (from, to)))
}

fn against_the_arrows(graph: &Graph) -> Vec<String> {
    arrows(graph)
        .filter(|(from, to)| to.ours && !may_use(&from.name, &to.name))
        .map(|(from, to)| format!("{} → {}", from.name, to.name))
        .collect()
}

/// Whether one of our crates may depend on another. A new crate may use none until this says otherwise.
fn may_use(from: &str, to: &str) -> bool {
    match from {
        APP | TESTKIT => to == DOMAIN,
        API => to == DOMAIN || to == APP || to.starts_with(ADAPTERS),
        BLACK_BOX => to == API || to == TESTKIT,
        SIMULATION => [DOMAIN, APP, "fasttrack-infra-diesel", "fasttrack-infra-notify"].contains(&to),
        adapter if adapter.starts_with(ADAPTERS) => to == DOMAIN,
        _ => false,
    }
}

fn out_of_hiding(graph: &Graph) -> Vec<String> {
    arrows(graph)
        .filter(|(from, to)| {
            ![BLACK_BOX, SIMULATION].contains(&from.name.as_str())
                && HIDDEN.iter().any(|(what, by)| to.name == *what && from.name != *by)
        })
        .map(|(from, to)| format!("{} → {}", from.name, to.name))
        .collect()
}

fn naming_adapters(sources: &[Source]) -> Vec<String> {
    if sources.is_empty() {
        return vec!["there are no sources".to_owned()];
    }
    let module = ADAPTERS.replace('-', "_");
    let mut violations = Vec::new();
    for Source { path, text } in sources {
        if path.starts_with("crates/infra-") || path.starts_with(WIRING) {
            continue;
        }
        let named = text.lines().zip(1..).filter(|(line, _)| line.contains(&module));
        violations.extend(named.map(|(line, number)| format!("{path}:{number}: {}", line.trim())));
    }
    violations
}

/// The path to each package of the program in a tree of `cargo tree --prefix depth --format " {p}"`.
fn reaching_the_program(tree: &str) -> Vec<String> {
    let mut path: Vec<&str> = Vec::new();
    let mut violations = Vec::new();
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        let (Some(Ok(depth)), Some(name)) = (words.next().map(str::parse), words.next()) else { continue };
        path.truncate(depth);
        path.push(name);
        // What depends on such a package is reported already.
        let is_forbidden = |name: &&str| name.starts_with(ADAPTERS) || PROGRAM_ONLY.contains(name);
        if is_forbidden(&name) && path.iter().filter(|name| is_forbidden(name)).count() == 1 {
            violations.push(path.join(" → "));
        }
    }
    if !tree.trim_start_matches("0 ").starts_with(API) {
        violations.push(format!("there is no {API}"));
    }
    violations
}

/// Lines of the API that name the module `program`, other than its declaration.
fn importing_the_program(sources: &[Source]) -> Vec<String> {
    let api = sources.iter().filter(|Source { path, .. }| {
        // `main.rs` is the program's: another crate, which the feature switches on as well.
        path.starts_with(API_SOURCES) && !path.starts_with(PROGRAM_SOURCES) && !path.ends_with("/main.rs")
    });
    let mut violations = Vec::new();
    for Source { path, text } in api {
        let named = text.lines().zip(1..).filter(|(line, _)| line.trim() != "pub mod program;" && names_program(line));
        violations.extend(named.map(|(line, number)| format!("{path}:{number}: {}", line.trim())));
    }
    violations
}

/// Whether `program` is an identifier in a line of code, outside of strings and comments.
fn names_program(line: &str) -> bool {
    let code: String = line.split("//").next().unwrap_or_default().split('"').step_by(2).collect();
    code.split(|character: char| !character.is_alphanumeric() && character != '_').any(|word| word == "program")
}

#[cfg(test)]
mod tests;
