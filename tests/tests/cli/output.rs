use fasttrack_tests::{Installation, PASSWORD};
use std::fs::OpenOptions;

/// An installation with a database.
async fn migrated() -> Installation {
    let installation = Installation::new().with("RUST_LOG", "off");
    installation.command(["migrate"]).run().await.succeeded();
    installation
}

#[tokio::test]
async fn closed_stdout_ends_command_without_error() {
    let installation = migrated().await;
    let from = format!("sqlite://{}", installation.path("fasttrack.db").display());
    let to = format!("sqlite://{}", installation.path("copy.db").display());
    for arguments in [
        &["openapi"][..],
        &["--help"],
        &["user", "--help"],
        &["--version"],
        &["config"],
        &["completions", "bash"],
        &["migrate"],
        &["user", "create", "--email", "ann@example.org"],
        &["user", "list"],
        &["jobs", "list"],
        &["jobs", "retry", "--all"],
        &["stats", "rebuild"],
        &["search", "rebuild"],
        &["backup", "--out", "backup.db"],
        &["restore", "--from", "backup.db"],
        &["copy", "--from", &from, "--to", &to],
    ] {
        let command = installation.command(arguments.iter().copied()).input(PASSWORD);
        let output = command.run_unread().await;
        assert_eq!(output.code, Some(0), "{arguments:?}: {output:#?}");
        let said: Vec<_> = output.stderr.lines().filter(|line| !line.starts_with('c')).collect();
        assert!(said.is_empty(), "{arguments:?}: {said:?}");
    }
    // What they were for was done.
    assert_eq!(installation.command(["user", "list"]).run().await.succeeded().lines().count(), 1);
    assert!(installation.path("backup.db").exists() && installation.path("copy.db").exists());
}

#[tokio::test]
async fn unwritable_stdout_is_an_error() {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let reason = Installation::new().command(["openapi"]).run_to(full).await.failed(1);
    assert!(reason.contains("standard output"), "{reason}");
}

#[test]
fn no_color_disables_colors() {
    for (value, is_colored) in [(None, true), (Some(""), true), (Some("1"), false)] {
        let installation = Installation::new().with("TERM", "xterm-256color");
        let installation = match value {
            Some(value) => installation.with("NO_COLOR", value),
            None => installation,
        };
        for (arguments, text) in
            [(&["--help"][..], "Usage:"), (&["user", "list"], "was brought up to date"), (&["dance"], "unrecognized")]
        {
            let written = installation.command(arguments.iter().copied()).run_on_terminal();
            assert!(written.contains(text), "{arguments:?}: {written}");
            assert_eq!(written.contains('\u{1b}'), is_colored, "NO_COLOR={value:?} {arguments:?}: {written}");
        }
    }
}
