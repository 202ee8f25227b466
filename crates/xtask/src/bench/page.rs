//! The part of `docs/performance.md` that is written from the figures.

use super::{
    case::Case,
    figures::{Figures, Measurement},
    goals,
    machine::Machine,
    subject::{Database, Subject},
};
use crate::outcome::Outcome;
use std::fmt::Write;

const BEGIN: &str = "<!-- Written by `cargo xtask bench` from performance.json. -->\n";
pub(super) const END: &str = "<!-- The end of what is written. -->\n";

/// The columns of the tables.
const SUBJECTS: [Subject; 5] =
    [Subject::Floor, Subject::ProductSqlite, Subject::PeerSqlite, Subject::ProductPostgres, Subject::PeerPostgres];

/// The page with its written part replaced.
pub(super) fn replace(page: &str, figures: &Figures) -> Outcome<String> {
    replace_part(page, BEGIN, &render(figures))
}

/// The page with other text between `begin` and the next [`END`].
pub(super) fn replace_part(page: &str, begin: &str, text: &str) -> Outcome<String> {
    let missing = || format!("the page has no place for the figures: {begin}");
    let (before, rest) = page.split_once(begin).ok_or_else(missing)?;
    let (_, after) = rest.split_once(END).ok_or_else(missing)?;
    Ok([before, begin, text, END, after].concat())
}

fn render(figures: &Figures) -> String {
    let mut page = String::new();
    line(&mut page, format_args!("\n{}\n", conditions(figures)));
    line(
        &mut page,
        "Requests a second, and the CPU time of a request in µs, that of PostgreSQL's processes included:\n",
    );
    table(&mut page, figures, |it| {
        Some(format!("{} ({:.0})", grouped(&format!("{:.0}", it.requests_per_second)), it.cpu_microseconds()))
    });
    line(&mut page, "\nLatency in ms, p50 · p99 · p99.9:\n");
    table(&mut page, figures, |it| {
        Some(format!("{:.1} · {:.1} · {:.1}", it.p50_milliseconds, it.p99_milliseconds, it.p999_milliseconds))
    });
    if figures.measurements.iter().any(|it| it.case.follows()) {
        line(
            &mut page,
            "\nOf messages, requests a second are messages a second, and the latency is from the response to a change to \
             the message about it.",
        );
    }
    line(&mut page, "\nEvents without their consequences at the end of a load, and the time until there was none:\n");
    table(&mut page, figures, |it| {
        let has_events = it.case.writes() && Database::ALL.iter().any(|database| database.product() == it.subject);
        let events = grouped(&format!("{:.0}", it.undispatched_events));
        has_events.then(|| format!("{events}, {:.2} s", it.catch_up_seconds))
    });
    line(&mut page, "\n| goal | | measured | met |\n|---|---|---|---|");
    for goal in goals::all(figures) {
        let met = goal.is_met().map_or("", |met| if met { "yes" } else { "**no**" });
        line(&mut page, format_args!("| {} | {} | {} | {met} |", goal.what, goal.bound(), goal.measured()));
    }
    page.push('\n');
    page
}

/// What was measured on what.
pub(super) fn conditions(figures: &Figures) -> String {
    let run = &figures.run;
    let large = run.large.map(|tasks| format!("; the larger database has {}", grouped(&tasks.to_string())));
    let followers = figures
        .run
        .followers
        .map(|followers| format!("; notifications go to {} connections", grouped(&followers.to_string())));
    [
        software_and_hardware(&figures.machine),
        format!("{} rounds of {} s for each figure, {} workers, ", run.rounds, run.seconds, run.workers),
        format!("{} users, {} projects, ", run.users, grouped(&run.projects.to_string())),
        format!(
            "{} tasks{}{}. ",
            grouped(&run.tasks.to_string()),
            large.unwrap_or_default(),
            followers.unwrap_or_default()
        ),
        "Figures are medians of the rounds.".to_owned(),
    ]
    .concat()
}

/// What was measured, and the machine.
pub(super) fn software_and_hardware(machine: &Machine) -> String {
    let postgres = machine.postgres.as_deref().map_or_else(String::new, |version| format!(", PostgreSQL {version}"));
    [
        format!("{}: {} at commit {}, {}{postgres}, ", machine.date, machine.product, machine.commit, machine.rustc),
        format!("Linux {}, {}, {} cores ", machine.kernel, machine.filesystem, machine.cores),
        format!("({}), {} GiB. ", machine.processor, machine.memory_gib),
    ]
    .concat()
}

/// A row for each case and a column for each subject that has a cell.
fn table(page: &mut String, figures: &Figures, cell: impl Fn(&Measurement) -> Option<String>) {
    let cell = |case, subject| figures.find(case, subject).and_then(&cell);
    let cases: Vec<_> =
        Case::ALL.into_iter().filter(|case| SUBJECTS.iter().any(|it| cell(*case, *it).is_some())).collect();
    let subjects: Vec<_> =
        SUBJECTS.into_iter().filter(|it| cases.iter().any(|case| cell(*case, *it).is_some())).collect();
    let names: Vec<_> = subjects.iter().map(|it| it.name()).collect();
    line(page, format_args!("| | {} |\n|---{}|", names.join(" | "), "|---".repeat(names.len())));
    for case in cases {
        let cells: Vec<_> = subjects.iter().map(|subject| cell(case, *subject).unwrap_or_default()).collect();
        line(page, format_args!("| {} | {} |", case.name(), cells.join(" | ")));
    }
}

pub(super) fn line(page: &mut String, text: impl std::fmt::Display) {
    // A string takes all.
    writeln!(page, "{text}").ok();
}

/// Digits with a comma before each three from the end.
pub(super) fn grouped(digits: &str) -> String {
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;
    use serde_json::json;
    use std::fs;

    fn figures() -> Figures {
        let measurement = |case, subject, rate: f64| {
            json!({
                "case": case, "subject": subject, "requests_per_second": rate, "of_floor": null, "of_peer": null,
                "p50_milliseconds": 1.25, "p99_milliseconds": 4.0, "p999_milliseconds": 9.96,
                "server_cpu_microseconds": 20.4, "database_cpu_microseconds": 10.0, "undispatched_events": 1234.0,
                "catch_up_seconds": 0.5, "rounds": [rate],
            })
        };
        let mut figures = json!({
            "machine": {
                "date": "2026-01-02", "cores": 2, "processor": "Some", "memory_gib": 24, "kernel": "6.1.0",
                "filesystem": "ext4", "product": "fasttrack 0.1.0", "commit": "abc1234", "rustc": "rustc 1.95.0",
                "postgres": null,
            },
            "run": {
                "rounds": 5, "seconds": 4.0, "workers": 2, "users": 10, "projects": 1000, "tasks": 100_000, "large": null,
            },
            "binary": { "bytes": 1, "stripped_bytes": 25_000_000 },
            "servers": [],
            "measurements": [
                measurement("read", "floor", 100_000.0),
                measurement("read", "product-sqlite", 41_234.5),
                measurement("create", "product-sqlite", 999.0),
            ],
        });
        figures["measurements"][1]["of_floor"] = json!(0.41);
        serde_json::from_value(figures).unwrap()
    }

    #[test]
    fn only_what_was_measured_is_in_the_tables() {
        let page = render(&figures());
        assert!(page.contains("| | bare actix | fasttrack, SQLite |\n|---|---|---|\n"), "{page}");
        assert!(page.contains("| GET `/tasks/{id}` | 100,000 (30) | 41,234 (30) |\n"), "{page}");
        assert!(page.contains("| POST `/projects/{id}/tasks` |  | 1.2 · 4.0 · 10.0 |\n"), "{page}");
        assert!(page.contains("| POST `/projects/{id}/tasks` | 1,234, 0.50 s |\n"), "{page}");
        assert!(!page.contains("PATCH `/tasks/{id}`: status | "), "{page}");
    }

    #[test]
    fn figures_of_messages_are_explained_where_there_are_some() {
        let mut figures = figures();
        assert!(!render(&figures).contains("essages"));
        figures.run.followers = Some(1000);
        figures.measurements[1].case = Case::Sockets;
        let page = render(&figures);
        assert!(page.contains("100,000 tasks; notifications go to 1,000 connections. "), "{page}");
        assert!(page.contains("\nOf messages, requests a second are messages a second, and the latency is "), "{page}");
    }

    #[test]
    fn goal_says_whether_it_is_met() {
        let page = render(&figures());
        assert!(page.contains("| GET `/tasks/{id}` on SQLite, of the floor | ≥ 0.50 | 0.41 | **no** |\n"), "{page}");
        assert!(page.contains("| the executable, stripped | ≤ 28 MB | 25 MB | yes |\n"), "{page}");
        assert!(page.contains("| memory, idle, PostgreSQL | ≤ 28 MB | not measured |  |\n"), "{page}");
    }

    #[test]
    fn rest_of_the_page_is_kept() {
        let page = replace(&format!("# A\n\n{BEGIN}old\n{END}\n## B\n"), &figures()).unwrap();
        assert!(page.starts_with("# A\n\n<!-- Written by") && page.ends_with("written. -->\n\n## B\n"), "{page}");
        assert!(!page.contains("old"));
        assert_eq!(replace(&page, &figures()).unwrap(), page);
        assert!(replace("# A\n", &figures()).is_err());
    }

    #[test]
    fn digits_are_grouped() {
        assert_eq!(["1", "123", "1234", "1234567"].map(grouped), ["1", "123", "1,234", "1,234,567"]);
    }

    #[test]
    fn committed_page_has_the_committed_figures() {
        let page = fs::read_to_string(workspace::root().join("docs/performance.md")).unwrap();
        let json = fs::read(workspace::root().join("docs/performance.json")).unwrap();
        assert_eq!(replace(&page, &serde_json::from_slice(&json).unwrap()).unwrap(), page);
    }
}
