//! The parts of `docs/scaling.md` that are written from the figures.

use super::{
    capacity::{ASSUMPTIONS, Need, POPULATIONS},
    constants::{Constants, HOT_CONNECTIONS},
    figures::{Figures, Step},
    work::Work,
};
use crate::{
    bench::{
        page::{grouped, line, replace_part, software_and_hardware},
        subject::Database,
    },
    outcome::Outcome,
};

const MEASUREMENTS: &str = "<!-- Measurements, written by `cargo xtask scale` from scaling.json. -->\n";
const CAPACITY: &str = "<!-- Capacity, written by `cargo xtask scale` from scaling.json. -->\n";

/// The page with its written parts replaced.
pub(super) fn replace(page: &str, figures: &Figures) -> Outcome<String> {
    let page = replace_part(page, MEASUREMENTS, &measurements(figures))?;
    replace_part(&page, CAPACITY, &capacity(&Constants::of(figures)))
}

fn measurements(figures: &Figures) -> String {
    let mut page = String::new();
    line(&mut page, format_args!("\n{}", conditions(figures)));
    for work in Work::LADDERS {
        line(&mut page, format_args!("\n{} on PostgreSQL, by connections:\n", work.name()));
        ladder(&mut page, figures, work);
    }
    line(&mut page, "\nThe knees, from which on more connections only wait longer:\n");
    knees(&mut page, figures);
    line(&mut page, "\nThe dispatcher:\n");
    dispatcher(&mut page, figures);
    line(&mut page, format_args!("\nHot rows on PostgreSQL, {HOT_CONNECTIONS} connections, creates a second · p99:\n"));
    hot(&mut page, figures);
    line(&mut page, "\nNotifications on sockets of one node about changes on another:\n");
    deliveries(&mut page, figures);
    line(&mut page, "\nSQLite's writer, creates with an assignee:\n");
    sqlite(&mut page, figures);
    page.push('\n');
    page
}

/// What was measured on what.
fn conditions(figures: &Figures) -> String {
    let run = &figures.run;
    let count = |number: u64| grouped(&number.to_string());
    [
        software_and_hardware(&figures.machine),
        format!("{} rounds of {} s for each figure, {} worker a node, ", run.rounds, run.seconds, run.workers),
        format!("{} users with requests and {} others, ", run.users, count(run.readers)),
        format!("{} projects, {} tasks. ", count(run.projects), count(run.tasks)),
        "Nodes, PostgreSQL and the load share the cores. Figures are medians of the rounds.".to_owned(),
    ]
    .concat()
}

/// Requests a second, p99, and cores of the nodes and of PostgreSQL, by connections and nodes.
fn ladder(page: &mut String, figures: &Figures, work: Work) {
    let nodes = figures.nodes(Database::Postgres);
    head(page, "connections", &nodes);
    let ladders: Vec<_> = nodes.iter().map(|nodes| figures.ladder(work, Database::Postgres, *nodes)).collect();
    let mut connections: Vec<_> = ladders.iter().flatten().map(|step| step.setting.connections).collect();
    connections.sort_unstable();
    connections.dedup();
    for connections in connections {
        let of_it = |ladder: &Vec<Step>| {
            let step = ladder.iter().find(|step| step.setting.connections == connections);
            step.map(cell).unwrap_or_default()
        };
        row(page, &connections.to_string(), ladders.iter().map(of_it));
    }
}

fn cell(step: &Step) -> String {
    let reading = &step.reading;
    let refused = if reading.refused_per_second > 0.0 {
        format!(", {} refused", rate(reading.refused_per_second))
    } else {
        String::new()
    };
    let (served, p99) = (rate(reading.requests_per_second), reading.p99_milliseconds);
    format!("{served} · {p99:.1} ms · {:.1} + {:.1} cores{refused}", reading.node_cores, reading.database_cores)
}

fn knees(page: &mut String, figures: &Figures) {
    let nodes = figures.nodes(Database::Postgres);
    head(page, "", &nodes);
    for work in Work::LADDERS {
        let knees = nodes.iter().map(|nodes| {
            let knee = figures.knee(work, Database::Postgres, *nodes);
            knee.map(|knee| format!("{} at {}", rate(knee.reading.requests_per_second), knee.setting.connections))
        });
        row(page, work.name(), knees.map(Option::unwrap_or_default));
    }
}

fn dispatcher(page: &mut String, figures: &Figures) {
    line(
        page,
        "| | events/s of a backlog, nothing else to do | events/s of creates with at most 1 s of lag \
         | at the most connections: events left, until none was, mails left |\n|---|---|---|---|",
    );
    for database in [Database::Postgres, Database::Sqlite] {
        for nodes in figures.nodes(database) {
            let drain = figures.drain(database, nodes).map(rate).unwrap_or_default();
            let in_time = figures.dispatched(Work::Create, database, nodes);
            let in_time = in_time.map(|step| rate(step.reading.events_per_second)).unwrap_or_default();
            let last = figures.ladder(Work::Create, database, nodes).last().map(|step| step.reading);
            let left = last.map(|it| {
                format!("{}, {:.2} s, {}", rate(it.waiting_events), it.catch_up_seconds, rate(it.waiting_jobs))
            });
            let name = format!("{}, {}", database.name(), of_nodes(nodes));
            row(page, &name, [drain, in_time, left.unwrap_or_default()].into_iter());
        }
    }
}

fn hot(page: &mut String, figures: &Figures) {
    let nodes = figures.nodes(Database::Postgres);
    head(page, "", &nodes);
    for work in [Work::Create].into_iter().chain(Work::HOT) {
        let cells = nodes.iter().map(|nodes| {
            let ladder = figures.ladder(work, Database::Postgres, *nodes);
            let step = ladder.iter().find(|step| step.setting.connections == HOT_CONNECTIONS);
            let text = |step: &Step| {
                format!("{} · {:.1} ms", rate(step.reading.requests_per_second), step.reading.p99_milliseconds)
            };
            step.map(text).unwrap_or_default()
        });
        row(page, work.name(), cells);
    }
}

fn deliveries(page: &mut String, figures: &Figures) {
    line(page, "| changes/s | messages/s | p50 | p99 | in time |\n|---|---|---|---|---|");
    for it in &figures.deliveries {
        let cells = [
            rate(it.messages_per_second),
            format!("{:.1} ms", it.p50_milliseconds),
            format!("{:.1} ms", it.p99_milliseconds),
            if it.keeps_up() { "yes".to_owned() } else { "**no**".to_owned() },
        ];
        row(page, &grouped(&it.offered_per_second.to_string()), cells.into_iter());
    }
}

fn sqlite(page: &mut String, figures: &Figures) {
    line(
        page,
        "| connections | creates/s | p99 | writes in a commit | time in which the writer works |\n|---|---|---|---|---|",
    );
    for step in figures.ladder(Work::Create, Database::Sqlite, 1) {
        let it = step.reading;
        let cells = [
            rate(it.requests_per_second),
            format!("{:.1} ms", it.p99_milliseconds),
            format!("{:.1}", it.units_per_commit),
            format!("{:.0} %", 100.0 * it.writer_busy),
        ];
        row(page, &step.setting.connections.to_string(), cells.into_iter());
    }
}

fn capacity(constants: &Constants) -> String {
    let mut page = String::from("\n| measured | what it is | value |\n|---|---|---|\n");
    for (name, what, value) in constants.list() {
        line(&mut page, format_args!("| `{name}` | {what} | {} |", value.as_deref().unwrap_or("not measured")));
    }
    line(&mut page, "\n| assumed | what it is | value |\n|---|---|---|");
    for it in ASSUMPTIONS {
        line(&mut page, format_args!("| `{}` | {} | {} |", it.name, it.what, it.value));
    }
    let needs = POPULATIONS.map(|users| Need::of(users, constants).list());
    let users = POPULATIONS.map(|users| format!("{} users", rate(users)));
    line(&mut page, format_args!("\n| at the peak | formula | {} |\n|---|---|---|---|", users.join(" | ")));
    for (place, (what, formula, _)) in needs[0].iter().enumerate() {
        let values = needs.each_ref().map(|need| need[place].2.map_or("not measured".to_owned(), rate));
        line(&mut page, format_args!("| {what} | {formula} | {} |", values.join(" | ")));
    }
    page.push('\n');
    page
}

/// The head of a table with a column for each number of nodes.
fn head(page: &mut String, first: &str, nodes: &[usize]) {
    let names: Vec<_> = nodes.iter().copied().map(of_nodes).collect();
    line(page, format_args!("| {first} | {} |\n|---{}|", names.join(" | "), "|---".repeat(nodes.len())));
}

fn row(page: &mut String, first: &str, cells: impl Iterator<Item = String>) {
    line(page, format_args!("| {first} | {} |", cells.collect::<Vec<_>>().join(" | ")));
}

fn of_nodes(nodes: usize) -> String {
    if nodes == 1 { "1 node".to_owned() } else { format!("{nodes} nodes") }
}

/// A number without digits behind the point.
fn rate(value: f64) -> String {
    grouped(&format!("{value:.0}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        bench::{page::END, scale::figures::example},
        workspace,
    };
    use std::fs;

    fn empty_page() -> String {
        format!("# A\n\n{MEASUREMENTS}old\n{END}\n## B\n\n{CAPACITY}old\n{END}\nC\n")
    }

    #[test]
    fn each_load_has_its_row_and_each_number_of_nodes_its_column() {
        let page = measurements(&example());
        assert!(page.contains("| connections | 1 node | 2 nodes |\n|---|---|---|\n"), "{page}");
        let cell = "1,900 · 12.5 ms · 1.0 + 0.5 cores";
        assert!(page.contains(&format!("| 32 | {cell} | {cell} |\n")), "{page}");
        assert!(page.contains("| GET `/tasks/{id}` | 1,900 at 32 | 1,900 at 32 |\n"), "{page}");
    }

    #[test]
    fn dispatcher_has_its_rate_and_what_it_leaves() {
        let page = measurements(&example());
        assert!(page.contains("| PostgreSQL, 1 node | 5,000 | 3,800 | 40, 3.00 s, 7 |\n"), "{page}");
        assert!(page.contains("| PostgreSQL, 2 nodes |  | 3,800 | 40, 3.00 s, 7 |\n"), "{page}");
        assert!(page.contains("| SQLite, 1 node | 9,000 | 7,600 | 40, 3.00 s, 7 |\n"), "{page}");
    }

    #[test]
    fn hot_rows_stand_beside_the_others() {
        let page = measurements(&example());
        assert!(page.contains("with an assignee | 2,000 · 12.5 ms | 2,000 · 12.5 ms |\n"), "{page}");
        assert!(page.contains("| the same, always in one project | 400 · 12.5 ms |  |\n"), "{page}");
        assert!(page.contains("| 1,000 | 700 | 2.0 ms | 2500.0 ms | **no** |\n"), "{page}");
        assert!(page.contains("| 8 | 1,000 | 12.5 ms | 30.0 | 0 % |\n"), "{page}");
    }

    #[test]
    fn refusals_are_in_the_cell() {
        let mut step = example().steps[0];
        assert!(!cell(&step).contains("refused"));
        step.reading.refused_per_second = 12.0;
        assert!(cell(&step).ends_with(" cores, 12 refused"));
    }

    #[test]
    fn constants_and_needs_have_their_values() {
        let page = capacity(&Constants::of(&example()));
        assert!(
            page.contains("| `D_MAX` | events that one database dispatches, with nothing else to do | 5,000/s |\n")
        );
        assert!(page.contains("| `ACTIVE` | part of the users who are there in the busiest hour | 0.1 |\n"), "{page}");
        assert!(page.contains("| at the peak | formula | 1,000,000 users | 100,000,000 users |\n"), "{page}");
        assert!(page.contains("| databases, for the dispatch | events ÷ (USE × D_MAX) | 1 | 17 |\n"), "{page}");
    }

    #[test]
    fn rest_of_the_page_is_kept() {
        let page = replace(&empty_page(), &example()).unwrap();
        assert!(page.starts_with("# A\n\n<!-- Measurements") && page.ends_with("written. -->\n\nC\n"), "{page}");
        assert!(page.contains("written. -->\n\n## B\n\n<!-- Capacity") && !page.contains("old"), "{page}");
        assert_eq!(replace(&page, &example()).unwrap(), page);
        assert!(replace("# A\n", &example()).is_err());
    }

    #[test]
    fn committed_page_has_the_committed_figures() {
        let page = fs::read_to_string(workspace::root().join("docs/scaling.md")).unwrap();
        let json = fs::read(workspace::root().join("docs/scaling.json")).unwrap();
        assert_eq!(replace(&page, &serde_json::from_slice(&json).unwrap()).unwrap(), page);
    }
}
