use crate::workshop::{Workshop, server};
use fasttrack_tests::packages;
use std::{
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::LazyLock,
};

/// The project without the files of the manual.
pub const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/typescript");

/// The folder of `node_modules`. `None` where they can't be installed, which is printed once.
pub fn installed() -> Option<&'static Path> {
    static INSTALLED: LazyLock<Option<PathBuf>> = LazyLock::new(|| packages::npm(env!("CARGO_TARGET_TMPDIR"), PROJECT));
    INSTALLED.as_deref()
}

#[tokio::test]
async fn typescript_client_compiles_and_works() {
    let Some(packages) = installed() else { return };
    let workshop = Workshop::new(packages, "node_modules/.bin").with(PROJECT, &["journey.ts"]).with_manual("ts");
    // In the folder itself, as it is for somebody who has installed them there.
    symlink(packages.join("node_modules"), workshop.file("node_modules")).unwrap();
    let server = server().await;
    for step in ["typescript-project", "typescript-settings", "typescript", "typescript-compile"] {
        workshop.follow_manual(step, &server).await;
    }
    workshop.run("npx tsc --noEmit --skipLibCheck false", &server).await;
    assert_eq!(workshop.run("node example.js", &server).await, "Paint the fence: todo\n");
    workshop.run("node journey.js", &server).await;
}

#[tokio::test]
async fn hey_api_client_compiles_and_works() {
    let Some(packages) = installed() else { return };
    let files = ["hey_journey.ts"];
    let workshop = Workshop::new(packages, "node_modules/.bin").with(PROJECT, &files).with_manual("typescript");
    symlink(packages.join("node_modules"), workshop.file("node_modules")).unwrap();
    let server = server().await;
    for step in ["typescript-project", "typescript-settings", "hey-api", "hey-api-compile"] {
        workshop.follow_manual(step, &server).await;
    }
    assert_eq!(workshop.run("node hey.js", &server).await, "Paint the fence: todo\n");
    workshop.run("node hey_journey.js", &server).await;
}
