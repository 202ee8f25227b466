use fasttrack_tests::Installation;
use std::process::{Command, Stdio};

#[expect(clippy::disallowed_methods, reason = "tests have no command line for their settings")]
#[expect(clippy::print_stdout, reason = "says what was left out")]
fn has(shell: &str) -> bool {
    let found = Command::new(shell).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    assert!(found || shell != "bash" || std::env::var_os("CI").is_none(), "CI is set, but bash is missing");
    if !found {
        println!("left out: no {shell}");
    }
    found
}

async fn script(shell: &str) -> (Installation, String) {
    let installation = Installation::new();
    let script = installation.command(["completions", shell]).run().await.succeeded();
    std::fs::write(installation.path("script"), &script).unwrap();
    (installation, script)
}

#[tokio::test]
async fn bash_completes_commands_and_settings() {
    let (installation, _) = script("bash").await;
    if !has("bash") {
        return;
    }
    let complete = |words: &[&str]| {
        let ask = format!(
            "source ./script; COMP_WORDS=({}); COMP_CWORD={}; _fasttrack fasttrack \"{}\" \"{}\"; echo \"${{COMPREPLY[*]}}\"",
            words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" "),
            words.len() - 1,
            words[words.len() - 1],
            words[words.len() - 2],
        );
        let output = Command::new("bash").args(["-c", &ask]).current_dir(installation.path("")).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(complete(&["fasttrack", "back"]).trim(), "backup");
    let commands = complete(&["fasttrack", "user", ""]);
    assert!(commands.contains("list") && commands.contains("set-password"), "{commands}");
    assert_eq!(complete(&["fasttrack", "migrate", "--database-u"]).trim(), "--database-url");
}

#[tokio::test]
async fn zsh_and_fish_accept_their_scripts() {
    for (shell, sign) in [("zsh", "#compdef fasttrack"), ("fish", "complete -c fasttrack")] {
        let (installation, script) = script(shell).await;
        assert!(script.contains(sign) && script.contains("set-password"), "{script}");
        if has(shell) {
            let status = Command::new(shell).args(["-n", "script"]).current_dir(installation.path("")).status();
            assert!(status.unwrap().success(), "{shell}");
        }
    }
}

#[tokio::test]
async fn other_shells_are_refused() {
    for wrong in [&["completions"][..], &["completions", "tcsh"]] {
        let reason = Installation::new().command(wrong.iter().copied()).run().await.failed(2);
        assert!(reason.contains("bash") || reason.contains("<SHELL>"), "{reason}");
    }
}
