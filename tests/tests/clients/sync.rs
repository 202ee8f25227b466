//! The client with `RxDB` of `docs/sync.md` has what GET returns, through everything that happens.

use crate::workshop::Workshop;
use fasttrack_tests::{Installation, code_blocks, packages};

const MANUAL: &str = include_str!("../../../docs/sync.md");

/// The project without the files of the manual.
const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/rxdb");

#[tokio::test]
async fn documented_rxdb_client_follows_the_feed() {
    let Some(packages) = packages::npm(env!("CARGO_TARGET_TMPDIR"), PROJECT) else { return };
    let workshop = Workshop::new(&packages, "node_modules/.bin").with(PROJECT, &["journey.ts"]).with_page(MANUAL, "ts");
    let server = Installation::new().start();
    let mut blocks = code_blocks(MANUAL).filter(|block| (block.language, block.name) == ("sh", "rxdb"));
    let compile = blocks.next().unwrap().code.replace("sync.ts", "sync.ts journey.ts");
    workshop.run(&compile, &server).await;
    let printed = workshop.run("node journey.js", &server).await;
    let steps = ["nothing: 0", "gained: 5", "changed: 10", "deleted: 8", "lost: 0", "assigned: 1"];
    assert!(printed.lines().eq(steps), "{printed}");
}
