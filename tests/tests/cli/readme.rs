use fasttrack_tests::{DEADLINE, Installation, Server, code_blocks, eventually, packages};
use serde_json::{Value, json};
use std::process::{Output, Stdio};
use tokio::{io::AsyncWriteExt, time::timeout};

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
    assert_eq!(journey.matches("http://").count(), 1, "{journey}");
    journey.replace("http://127.0.0.1:8080", server.url())
}

/// The token in the invitation for Bob, if the server has logged that mail.
fn invitation_token(log: &str) -> Option<String> {
    let is_invitation = |line: &&str| line.contains("bob@example.org") && line.to_lowercase().contains("invit");
    let mail = log.lines().find(is_invitation)?;
    let mut words = mail.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'));
    words.find(|word| word.len() == 43).map(str::to_owned)
}

/// Runs the commands in a shell, and pastes the token when the mail is there.
async fn run(shell: &str, arguments: &[&str], server: &Server) -> Output {
    let mut command = tokio::process::Command::new(shell);
    command.args(arguments).arg(journey(server)).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut token = None;
    eventually("Bob has his mail", async || {
        token = invitation_token(&server.log());
        token.is_some()
    })
    .await;
    input.write_all(format!("{}\n", token.unwrap()).as_bytes()).await.unwrap();
    drop(input);
    timeout(DEADLINE, child.wait_with_output()).await.unwrap().unwrap()
}

/// Runs the commands in a shell without its user's settings.
async fn works_in(shell: &str, arguments: &[&str]) {
    if !packages::has(&[shell, "curl"]) {
        return;
    }
    let server = Installation::new().with("MAIL_LOG_BODY", "true").start();
    // Somebody was here before: Bob is not the second user, nor are these the first project and task.
    let earlier = server.register().await;
    let project = earlier.project().await;
    earlier.task(project, json!({})).await;
    let output = run(shell, arguments, &server).await;
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{printed}\n{}", String::from_utf8_lossy(&output.stderr));

    let answers: Vec<Value> =
        printed.lines().filter(|line| !line.is_empty()).map(|line| serde_json::from_str(line).unwrap()).collect();
    let (refused, answers) = answers.split_last().unwrap();
    let [_ann, bob, invitation, accepted, update, comment, _second, first_page, second_page, removed, logout] = answers
    else {
        panic!("not twelve answers: {printed}")
    };
    for answer in answers.iter().filter(|answer| *answer != removed) {
        assert_eq!(answer["error"], Value::Null, "{printed}");
    }
    assert_eq!(invitation["data"]["role"], "editor", "{printed}");
    assert_eq!((&accepted["data"]["name"], &accepted["data"]["role"]), (&json!("Garden"), &json!("editor")));
    let person = json!({"id": bob["data"]["id"], "display_name": "Bob"});
    assert_eq!((&update["data"]["assignee"], &update["data"]["status"]), (&person, &json!("in_progress")));
    assert_eq!(comment["data"]["author"]["display_name"], "Ann", "{printed}");
    for (page, title) in [(first_page, "Paint the fence"), (second_page, "Cut the hedge")] {
        let items = page["data"]["items"].as_array().unwrap();
        assert_eq!((items.len(), &items[0]["title"]), (1, &json!(title)), "{printed}");
    }
    assert_eq!(first_page["data"]["items"][0]["assignee"], person);
    assert_eq!((&removed["error"]["code"], &logout["data"]), (&json!("forbidden"), &Value::Null), "{printed}");
    assert_eq!(refused["error"]["code"], "token_revoked", "{printed}");
}

#[tokio::test]
async fn readme_commands_work_when_pasted() {
    works_in("bash", &["--norc", "-euc"]).await;
}

#[tokio::test]
async fn readme_commands_work_in_zsh() {
    works_in("zsh", &["-f", "-euc"]).await;
}
