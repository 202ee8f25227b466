//! Tests of rules that can't be seen from outside. They stand beside the rules, in files that are compiled again here, as a
//! second build of the whole crate takes more than a minute.

#[path = "../../src/copy/checksum.rs"]
mod checksum;
#[path = "../../src/repositories/change/feed.rs"]
#[expect(dead_code, reason = "the tests use a part of it")]
mod feed;
#[path = "../../src/sqlite/files.rs"]
mod files;
#[path = "../../src/repositories/task/frequent.rs"]
#[expect(dead_code, reason = "the tests use a part of it")]
mod frequent;
#[path = "../../src/repositories/index_text.rs"]
mod index_text;
#[path = "../../src/metrics.rs"]
#[expect(dead_code, reason = "`sqlstate` uses a part of it")]
mod metrics;
#[path = "../../src/repositories/webhook/queue/oldest.rs"]
mod oldest;
#[expect(dead_code, reason = "the tests use a part of it, and connect to no server")]
mod postgres;
#[path = "../../src/audit/refusal_limit.rs"]
mod refusal_limit;
#[path = "../../src/sqlstate.rs"]
#[expect(dead_code, reason = "the tests use a part of it")]
mod sqlstate;
#[path = "../../src/repositories/task/under.rs"]
mod under;
// It can be seen from outside, and belongs to no single database.
mod url;

// For the files that name it as `crate::Error`.
use fasttrack_infra_diesel::Error;
use std::{fs, path::Path};

/// Tests in any other file of the crate wouldn't be run.
#[test]
fn every_file_with_tests_is_in_this_program() {
    let program = [include_str!("main.rs"), include_str!("postgres.rs")].concat();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(root).unwrap().display();
            let has_tests = fs::read_to_string(&path).unwrap().contains("#[cfg(test)]");
            assert!(!has_tests || program.contains(&format!("\"../../{name}\"")), "{name}");
        }
    }
}
