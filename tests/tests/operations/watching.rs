//! Alerts and dashboard use documented metrics.

use super::figures::{documented, experienced, read, root};
use fasttrack_tests::Client;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    process::{Command, Stdio},
};

/// The queries of the dashboard's panels and annotations.
fn dashboard() -> Vec<String> {
    fn collect(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("expr").and_then(Value::as_str).map(str::to_owned));
                members.values().for_each(|member| collect(member, found));
            }
            Value::Array(elements) => elements.iter().for_each(|element| collect(element, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    collect(&serde_json::from_str(&read("deploy/grafana/fasttrack.json")).unwrap(), &mut found);
    assert!(found.len() > 40);
    found
}

#[test]
fn dashboard_alerts_and_manual_name_existing_metrics() {
    let mut known = BTreeSet::from(["up".to_owned()]);
    for (name, (kind, _)) in documented() {
        let suffixes: &[&str] = if kind == "histogram" { &["_bucket", "_sum", "_count"] } else { &[""] };
        known.extend(suffixes.iter().map(|suffix| format!("{name}{suffix}")));
        known.insert(name);
    }
    let texts = dashboard().into_iter().chain([
        read("deploy/prometheus/alerts.yaml"),
        read("deploy/prometheus/alerts_test.yaml"),
        read("docs/operations/incidents.md"),
    ]);
    for text in texts {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        // A word that ends in `_` stands for several.
        for word in words.filter(|word| word.starts_with("fasttrack_") && !word.ends_with('_')) {
            assert!(known.contains(word), "{word} in {text}");
        }
    }
}

#[test]
fn every_alert_has_remedy_and_test() {
    let (rules, tests) = (read("deploy/prometheus/alerts.yaml"), read("deploy/prometheus/alerts_test.yaml"));
    let alerts: Vec<_> = rules.split("- alert: ").skip(1).collect();
    assert!(alerts.len() > 15);
    for alert in alerts {
        let name = alert.lines().next().unwrap();
        for part in ["expr:", "severity: ", "summary: ", "runbook: "] {
            assert!(alert.contains(part), "{name} has no {part}");
        }
        assert!(tests.contains(&format!("alertname=\"{name}\"")), "{name} is not tried");
    }
}

/// Runs `promtool`. `None` where it is missing, which is printed.
#[expect(clippy::disallowed_methods, reason = "tests have no command line for their settings")]
#[expect(clippy::explicit_write, reason = "what is printed in a test is only shown where it fails")]
fn promtool(arguments: &[&str], input: &str) -> Option<String> {
    use std::io::{ErrorKind, Write, stdout};
    let tool = Command::new("promtool")
        .args(arguments)
        .current_dir(root("deploy/prometheus"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut tool = match tool {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            assert!(std::env::var_os("CI").is_none(), "CI is set, but there is no promtool");
            writeln!(stdout(), "ignored: no promtool").unwrap();
            return None;
        }
        tool => tool.unwrap(),
    };
    tool.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = tool.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    Some(said)
}

#[test]
fn alerts_fire_when_expected() {
    for arguments in [&["check", "config", "prometheus.yaml"][..], &["test", "rules", "alerts_test.yaml"]] {
        if let Some(said) = promtool(arguments, "") {
            assert!(said.contains("SUCCESS"), "{said}");
        }
    }
}

#[test]
fn dashboard_queries_are_valid_promql() {
    let directory = tempfile::tempdir().unwrap();
    let rule = |(n, expr): (usize, &String)| {
        let expr = expr.replace("$__rate_interval", "5m").replace("$instance", ".*");
        json!({"record": format!("panel_{n}"), "expr": expr})
    };
    let rules: Vec<_> = dashboard().iter().enumerate().map(rule).collect();
    // JSON is YAML, too.
    let file = directory.path().join("dashboard.yaml");
    fs::write(&file, json!({"groups": [{"name": "dashboard", "rules": rules}]}).to_string()).unwrap();
    promtool(&["check", "rules", file.to_str().unwrap()], "");
}

#[tokio::test]
async fn metrics_pass_promtool() {
    let (server, _) = experienced().await;
    let text = Client::new(&server.metrics_url()).get("").await.expect(200).body;
    promtool(&["check", "metrics"], &text);
}
