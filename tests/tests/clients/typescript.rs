use crate::workshop::{Workshop, server};
use fasttrack_tests::packages;
use std::{
    path::{Path, PathBuf},
    sync::LazyLock,
};

/// The project without the files of the manual.
pub const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/typescript");

/// Where `node_modules` is. `None`, said once, where they can't be installed.
pub fn installed() -> Option<&'static Path> {
    static INSTALLED: LazyLock<Option<PathBuf>> = LazyLock::new(|| packages::npm(env!("CARGO_TARGET_TMPDIR"), PROJECT));
    INSTALLED.as_deref()
}

#[tokio::test]
async fn a_client_in_typescript_compiles_and_does_what_it_should() {
    let Some(packages) = installed() else { return };
    let files = ["tsconfig.json", "journey.ts"];
    let workshop = Workshop::new(packages, "node_modules/.bin").with(PROJECT, &files).with_manual("ts");
    let server = server().await;
    workshop.follow_manual("typescript", &server).await;
    workshop.run("tsc", &server).await;
    assert_eq!(workshop.run("node dist/example.js", &server).await, "Paint the fence: todo\n");
    workshop.run("node dist/journey.js", &server).await;
}
