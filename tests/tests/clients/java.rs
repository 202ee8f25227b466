//! A client in Java. It is compiled against the Jackson that is in the generator's own archive, so that nothing has to come
//! from Maven's repository.

use crate::{
    python,
    workshop::{Workshop, server},
};
use std::{
    io::{ErrorKind, Write, stdout},
    process::{Command, Stdio},
};

/// The project without the files of the manual.
const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/java");

const COMPILE: &str = "export CLASSPATH=$(echo ../venv/lib/python3*/site-packages/openapi_generator_cli/openapi-generator.jar)
    javac -nowarn -d classes $(find java-client/src/main -name '*.java') *.java 2> javac.log || (cat javac.log >&2; exit 1)
    export CLASSPATH=$CLASSPATH:classes";

#[expect(clippy::explicit_write, reason = "what is printed in a test is only shown where it fails")]
fn has_compiler() -> bool {
    let started = Command::new("javac").arg("-version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let is_missing = started.is_err_and(|error| error.kind() == ErrorKind::NotFound);
    if is_missing {
        writeln!(stdout(), "ignored: NO JAVA COMPILER (javac): the client in Java is not tested").unwrap();
    }
    !is_missing
}

#[tokio::test]
async fn java_client_compiles_and_works() {
    let Some(packages) = python::installed() else { return };
    if !has_compiler() {
        return;
    }
    let files = ["Journey.java", "Generated.java"];
    let workshop = Workshop::new(packages, "venv/bin").with(PROJECT, &files).with_manual("java");
    let server = server().await;
    workshop.follow_manual("java", &server).await;
    assert_eq!(workshop.run(&format!("{COMPILE}\njava Example"), &server).await, "Paint the fence: todo\n");
    let run = "export CLASSPATH=$(echo ../venv/lib/python3*/site-packages/openapi_generator_cli/openapi-generator.jar):classes
        java Journey";
    workshop.run(run, &server).await;
}
