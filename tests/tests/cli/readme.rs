use fasttrack_tests::Server;
use std::{
    fs,
    process::{Command, Stdio},
};

/// The first shell block behind `heading`.
fn block<'a>(text: &'a str, heading: &str) -> Option<&'a str> {
    let (_, section) = text.split_once(heading)?;
    let (_, rest) = section.split_once("```sh\n")?;
    Some(rest.split_once("```")?.0)
}

#[test]
#[expect(clippy::disallowed_methods, reason = "tests have no command line for their settings")]
fn the_journey_works_as_it_is_pasted() {
    let has = |program| Command::new(program).arg("--version").stdout(Stdio::null()).status().is_ok();
    if !has("bash") || !has("curl") {
        assert!(std::env::var_os("CI").is_none(), "CI is set, but bash or curl is missing");
        println!("left out: the README's journey needs bash and curl");
        return;
    }
    let server = Server::start();
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
    let journey = block(&readme, "## A journey").unwrap();
    let journey = journey.replace("URL=http://127.0.0.1:8080", &format!("URL={}", server.url()));
    // An answer has no line end of its own.
    let journey = journey.replace("curl -s ", "curl -s -w '\\n' ");
    let output = Command::new("bash").args(["-euc", &journey]).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{printed}\n{}", String::from_utf8_lossy(&output.stderr));

    let (last, answers) =
        printed.lines().collect::<Vec<_>>().split_last().map(|(l, rest)| (*l, rest.to_vec())).unwrap();
    assert_eq!(answers.len(), 9, "{printed}");
    for answer in &answers {
        assert!(answer.contains("\"error\":null"), "{answer}");
    }
    assert!(answers[4].contains("\"assignee_id\":2") && answers[4].contains("\"in_progress\""), "{printed}");
    assert!(answers[7].contains("Cut the hedge") && !answers[7].contains("Paint the fence"), "{printed}");
    assert!(last.contains("\"code\":\"token_revoked\""), "{printed}");
}
