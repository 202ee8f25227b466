//! Compares a run with a run before.

use super::{
    figures::{Figures, Measurement, ServerFigures},
    goals::megabytes,
    page::conditions,
};
use crate::outcome::Outcome;
use std::{fmt::Write, fs, path::Path};

/// What is less than this part of what it was is listed.
const BOUND: f64 = 0.95;

/// The figures of a run before.
pub(super) fn read(path: &Path) -> Outcome<Figures> {
    let json = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(serde_json::from_slice(&json).map_err(|error| format!("{}: {error}", path.display()))?)
}

/// A figure of a row of the table.
struct Column<T> {
    name: &'static str,
    of: fn(&T) -> Option<f64>,
    better: Better,
}

#[derive(Clone, Copy, Debug)]
enum Better {
    More,
    Less,
}

use Better::{Less, More};

/// Events that are left over are no column: they are a few or none.
const MEASUREMENT: [Column<Measurement>; 8] = [
    Column { name: "per second", of: |it| Some(it.requests_per_second), better: More },
    Column { name: "of the floor", of: |it| it.of_floor, better: More },
    Column { name: "of axum + sqlx", of: |it| it.of_peer, better: More },
    Column { name: "p50", of: |it| Some(it.p50_milliseconds), better: Less },
    Column { name: "p99", of: |it| Some(it.p99_milliseconds), better: Less },
    Column { name: "p99.9", of: |it| Some(it.p999_milliseconds), better: Less },
    Column { name: "CPU, server", of: |it| Some(it.server_cpu_microseconds), better: Less },
    Column { name: "CPU, database", of: |it| Some(it.database_cpu_microseconds), better: Less },
];

const SERVER: [Column<ServerFigures>; 3] = [
    Column { name: "start", of: |it| Some(it.start_up_milliseconds), better: Less },
    Column { name: "memory, idle", of: |it| Some(megabytes(it.idle_memory_bytes)), better: Less },
    Column { name: "memory, under load", of: |it| Some(megabytes(it.loaded_memory_bytes)), better: Less },
];

const EXECUTABLE: [Column<Figures>; 2] = [
    Column { name: "size", of: |it| Some(megabytes(it.binary.bytes)), better: Less },
    Column { name: "stripped", of: |it| it.binary.stripped_bytes.map(megabytes), better: Less },
];

/// The tables of ratios, and what is below the bound.
pub(super) fn compare(now: &Figures, before: &Figures) -> String {
    let mut report = Report { tables: String::new(), below: Vec::new() };
    let measurements = now.measurements.iter().filter_map(|it| {
        let name = format!("{}: {}", it.subject.name(), it.case.name());
        Some(Row { name, now: it, before: before.find(it.case, it.subject)? })
    });
    report.table(&MEASUREMENT, &measurements.collect::<Vec<_>>());
    let servers = now
        .servers
        .iter()
        .filter_map(|it| Some(Row { name: it.subject.name().to_owned(), now: it, before: before.server(it.subject)? }));
    report.table(&SERVER, &servers.collect::<Vec<_>>());
    report.table(&EXECUTABLE, &[Row { name: "the executable".to_owned(), now, before }]);
    let below = if report.below.is_empty() {
        format!("Nothing is below {BOUND}.\n")
    } else {
        format!("Below {BOUND}:\n\n{}", report.below.concat())
    };
    [
        format!("now: {}\nbefore: {}\n\n", conditions(now), conditions(before)),
        "Ratios, above 1 where now is better: now to before of what is to be high, before to now of the rest.\n"
            .to_owned(),
        report.tables,
        below,
    ]
    .concat()
}

/// What is compared.
struct Row<'a, T> {
    name: String,
    now: &'a T,
    before: &'a T,
}

struct Report {
    tables: String,
    below: Vec<String>,
}

impl Report {
    /// A table without columns that no row has.
    fn table<T>(&mut self, columns: &[Column<T>], rows: &[Row<'_, T>]) {
        let is_measured = |column: &&Column<T>| rows.iter().any(|row| column.ratio(row).is_some());
        let columns: Vec<_> = columns.iter().filter(is_measured).collect();
        if columns.is_empty() {
            return;
        }
        let names: Vec<_> = columns.iter().map(|column| column.name).collect();
        let head = format!("\n| | {} |\n|---{}|\n", names.join(" | "), "|---".repeat(names.len()));
        self.tables.push_str(&head);
        for row in rows {
            let cells: Vec<_> = columns.iter().copied().map(|column| self.cell(column, row)).collect();
            // A string takes all.
            writeln!(self.tables, "| {} | {} |", row.name, cells.join(" | ")).ok();
        }
        self.tables.push('\n');
    }

    fn cell<T>(&mut self, column: &Column<T>, row: &Row<'_, T>) -> String {
        let Some(ratio) = column.ratio(row) else { return String::new() };
        if ratio >= BOUND {
            return format!("{ratio:.2}");
        }
        let value = |figures: &T| (column.of)(figures).unwrap_or_default();
        let (before, now) = (value(row.before), value(row.now));
        self.below.push(format!("- {}, {}: {ratio:.2} ({before:.2} → {now:.2})\n", row.name, column.name));
        format!("**{ratio:.2}**")
    }
}

impl<T> Column<T> {
    /// `None` where one of them wasn't measured or is zero.
    fn ratio(&self, row: &Row<'_, T>) -> Option<f64> {
        let value = |figures: &T| (self.of)(figures).filter(|value| *value > 0.0);
        let (now, before) = (value(row.now)?, value(row.before)?);
        Some(match self.better {
            More => now / before,
            Less => before / now,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn figures(date: &str, rate: f64, p99: f64) -> Figures {
        let measurement = |case: &str, rate: f64| {
            json!({
                "case": case, "subject": "product-sqlite", "requests_per_second": rate, "of_floor": 0.5, "of_peer": null,
                "p50_milliseconds": 1.0, "p99_milliseconds": p99, "p999_milliseconds": 0.0,
                "server_cpu_microseconds": 20.0, "database_cpu_microseconds": 0.0, "undispatched_events": 0.0,
                "catch_up_seconds": 0.0, "rounds": [rate],
            })
        };
        serde_json::from_value(json!({
            "machine": {
                "date": date, "cores": 2, "processor": "Some", "memory_gib": 24, "kernel": "6.1.0",
                "filesystem": "ext4", "product": "fasttrack 0.1.0", "commit": "abc1234", "rustc": "rustc 1.95.0",
                "postgres": null,
            },
            "run": {
                "rounds": 5, "seconds": 4.0, "workers": 2, "users": 10, "projects": 1000, "tasks": 100_000, "large": null,
            },
            "binary": { "bytes": 40_000_000, "stripped_bytes": null },
            "servers": [{
                "subject": "product-sqlite", "start_up_milliseconds": 50.0, "idle_memory_bytes": 30_000_000,
                "loaded_memory_bytes": 0,
            }],
            "measurements": [measurement("read", rate), measurement("create", 1000.0)],
        }))
        .unwrap()
    }

    #[test]
    fn ratio_above_one_is_an_improvement() {
        let text = compare(&figures("2026-02-02", 1100.0, 4.0), &figures("2026-01-01", 1000.0, 8.0));
        assert!(text.contains("| | per second | of the floor | p50 | p99 | CPU, server |\n"), "{text}");
        let row = "| fasttrack, SQLite: GET `/tasks/{id}` | 1.10 | 1.00 | 1.00 | 2.00 | 1.00 |\n";
        assert!(text.contains(row), "{text}");
        assert!(text.contains("| fasttrack, SQLite | 1.00 | 1.00 |\n"), "{text}");
        assert!(text.contains("| the executable | 1.00 |\n"), "{text}");
        assert!(text.ends_with("\nNothing is below 0.95.\n"), "{text}");
    }

    #[test]
    fn what_is_worse_is_listed_with_its_values() {
        let text = compare(&figures("2026-02-02", 900.0, 4.0), &figures("2026-01-01", 1000.0, 3.8));
        assert!(text.contains("| **0.90** | 1.00 | 1.00 | 0.95 | 1.00 |\n"), "{text}");
        let below = "Below 0.95:\n\n- fasttrack, SQLite: GET `/tasks/{id}`, per second: 0.90 (1000.00 → 900.00)\n";
        assert!(text.ends_with(below), "{text}");
    }

    #[test]
    fn both_runs_have_their_machine() {
        let text = compare(&figures("2026-02-02", 1.0, 1.0), &figures("2026-01-01", 1.0, 1.0));
        assert!(text.starts_with("now: 2026-02-02: fasttrack 0.1.0 at commit abc1234, "), "{text}");
        assert!(text.contains("\nbefore: 2026-01-01: fasttrack 0.1.0 at commit abc1234, "), "{text}");
    }

    #[test]
    fn only_what_both_runs_have_is_compared() {
        let mut before = figures("2026-01-01", 1000.0, 4.0);
        before.measurements.pop();
        let text = compare(&figures("2026-02-02", 1000.0, 4.0), &before);
        assert!(!text.contains("POST `/projects/{id}/tasks`"), "{text}");
    }
}
