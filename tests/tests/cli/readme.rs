use fasttrack_tests::{Installation, Server, code_blocks};
use std::{
    io::{ErrorKind, Write, stdout},
    process::{Command, Stdio},
};

const README: &str = include_str!("../../../README.md");

/// The section of the README between two headings, with the URL of a server.
fn journey(server: &Server) -> String {
    let begin = README.find("## A journey").unwrap();
    let section = &README[begin..][..README[begin + 1..].find("\n## ").unwrap()];
    // Behind it stands what needs the machine that the server runs on.
    let blocks: Vec<_> =
        code_blocks(section).filter(|block| !block.code.contains("cargo run")).map(|it| it.code).collect();
    let journey = blocks.join("\n");
    assert!(!journey.contains("--json"), "curl has `--json` from 7.82 on");
    assert!(!journey.contains('#'), "zsh takes no comments from those who paste them");
    assert!(!journey.contains("\"assignee_id\\\": 2"), "the id is that of an answer");
    assert_eq!(journey.matches("http://").count(), 1, "{journey}");
    journey.replace("http://127.0.0.1:8080", server.url())
}

#[expect(clippy::disallowed_methods, reason = "tests have no command line for their settings")]
#[expect(clippy::explicit_write, reason = "what is printed in a test is only shown where it fails")]
fn has(programs: &[&str]) -> bool {
    let missing = programs.iter().find(|program| {
        let started = Command::new(program).arg("--version").stdout(Stdio::null()).status();
        started.is_err_and(|error| error.kind() == ErrorKind::NotFound)
    });
    if let Some(missing) = missing {
        assert!(std::env::var_os("CI").is_none(), "CI is set, but there is no {missing}");
        writeln!(stdout(), "ignored: the README's journey needs {missing}").unwrap();
    }
    missing.is_none()
}

/// Runs the commands in a shell without its user's settings.
async fn works_in(shell: &str, arguments: &[&str]) {
    if !has(&[shell, "curl"]) {
        return;
    }
    let server = Installation::new().start();
    // Somebody was here before: Bob is not the second user, nor are these the first project and task.
    let earlier = server.register().await;
    let project = earlier.project().await;
    earlier.task(project, serde_json::json!({})).await;
    let output = Command::new(shell).args(arguments).arg(journey(&server)).stdin(Stdio::null()).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{printed}\n{}", String::from_utf8_lossy(&output.stderr));

    let answers: Vec<_> = printed.lines().collect();
    let [ann, bob, update, comment, second, page, logout, refused] = answers[..] else {
        panic!("not eight answers: {printed}")
    };
    for answer in [ann, bob, update, comment, second, page, logout] {
        assert!(answer.contains("\"error\":null"), "{answer}");
    }
    let bob: serde_json::Value = serde_json::from_str(bob).unwrap();
    let assignee = format!("\"assignee_id\":{},", bob["data"]["id"]);
    assert!(update.contains(&assignee) && update.contains("\"in_progress\""), "{printed}");
    assert!(page.contains("Cut the hedge") && !page.contains("Paint the fence"), "{printed}");
    assert!(refused.contains("\"code\":\"token_revoked\""), "{printed}");
}

#[tokio::test]
async fn readme_commands_work_when_pasted() {
    works_in("bash", &["--norc", "-euc"]).await;
}

#[tokio::test]
async fn readme_commands_work_in_zsh() {
    works_in("zsh", &["-f", "-euc"]).await;
}
