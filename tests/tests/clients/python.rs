use crate::workshop::{Workshop, server};
use fasttrack_tests::packages;
use std::{
    path::{Path, PathBuf},
    sync::LazyLock,
};

/// The project without the files of the manual.
pub const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/python");

/// The folder of `venv`. `None` where it can't be created, which is printed once.
pub fn installed() -> Option<&'static Path> {
    static INSTALLED: LazyLock<Option<PathBuf>> = LazyLock::new(|| packages::pip(env!("CARGO_TARGET_TMPDIR"), PROJECT));
    INSTALLED.as_deref()
}

#[tokio::test]
async fn python_client_type_checks_and_works() {
    let Some(packages) = installed() else { return };
    let workshop = Workshop::new(packages, "venv/bin").with(PROJECT, &["journey.py"]);
    let workshop = workshop.with_manual("py").with_manual("yaml");
    let server = server().await;
    workshop.follow_manual("python", &server).await;
    workshop.run("mypy --strict --follow-imports=silent session.py example.py journey.py", &server).await;
    assert_eq!(workshop.run("python example.py", &server).await, "Paint the fence: todo\n");
    workshop.run("python journey.py", &server).await;
}

#[tokio::test]
async fn openapi_generator_python_client_works() {
    let Some(packages) = installed() else { return };
    let workshop = Workshop::new(packages, "venv/bin").with(PROJECT, &["openapi_journey.py"]).with_manual("py");
    let server = server().await;
    workshop.follow_manual("openapi-python", &server).await;
    let run = "PYTHONPATH=openapi-python python";
    assert_eq!(workshop.run(&format!("{run} openapi_example.py"), &server).await, "Paint the fence: todo\n");
    workshop.run(&format!("{run} openapi_journey.py"), &server).await;
}
