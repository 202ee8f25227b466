//! What a soak found, as a table and as JSON.

use super::{figure::is_size, judge::Verdict, pilot::Soak, plan::Plan};
use serde_json::{Value, json};
use std::fmt::{Display, Formatter, Result};

pub(super) struct Report<'s> {
    pub(super) plan: &'s Plan,
    pub(super) soak: &'s Soak,
    pub(super) verdicts: &'s [Verdict],
}

impl Report<'_> {
    /// The figures that grew, in a line each.
    pub(super) fn grown(&self) -> Vec<String> {
        let grown = self.verdicts.iter().filter(|verdict| !verdict.is_flat());
        let shown = |verdict: &Verdict, value| shown(&verdict.figure, value);
        let line = |verdict: &Verdict| {
            let growth = shown(verdict, verdict.growth.unwrap_or_default());
            format!("{} by {growth}, allowed are {}", verdict.figure, shown(verdict, verdict.bound))
        };
        grown.map(line).collect()
    }

    pub(super) fn json(&self) -> Value {
        let figures = self.verdicts.iter().map(|verdict| {
            json!({
                "figure": verdict.figure,
                "early": verdict.early,
                "late": verdict.late,
                "growth": verdict.growth,
                "bound": verdict.bound,
                "is_flat": verdict.is_flat(),
            })
        });
        let samples = self.soak.samples.iter().map(
            |sample| json!({"at": sample.at, "process": sample.process, "age": sample.age, "values": sample.values}),
        );
        json!({
            "database": self.soak.database,
            "seconds": self.plan.duration.as_secs_f64(),
            "actors": self.plan.actors,
            "requests": self.soak.tally.requests,
            "succeeded": self.soak.tally.succeeded,
            "interrupted": self.soak.tally.interrupted,
            "unavailable": self.soak.tally.unavailable,
            "failures": self.soak.tally.messages,
            "backup_failures": self.soak.backup_failures,
            "webhook_requests": self.soak.webhook_requests,
            "figures": figures.collect::<Vec<_>>(),
            "samples": samples.collect::<Vec<_>>(),
        })
    }
}

impl Display for Report<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Soak { database, tally, backup_failures, webhook_requests, .. } = self.soak;
        writeln!(
            f,
            "{database}, {} s, {} users: {} requests, of which restarts interrupted {}, and {} were answered with \
             503; {webhook_requests} requests of webhooks\n",
            self.plan.duration.as_secs(),
            self.plan.actors,
            tally.requests,
            tally.interrupted,
            tally.unavailable,
        )?;
        writeln!(f, "| figure | second quarter | last quarter | growth | allowed | |")?;
        writeln!(f, "|---|---|---|---|---|---|")?;
        for verdict in self.verdicts {
            let shown = |value| shown(&verdict.figure, value);
            let growth = verdict.growth.map_or_else(|| "too short".to_owned(), shown);
            writeln!(
                f,
                "| {} | {} | {} | {growth} | {} | {} |",
                verdict.figure,
                shown(verdict.early),
                shown(verdict.late),
                shown(verdict.bound),
                if verdict.is_flat() { "" } else { "**grew**" },
            )?;
        }
        for message in tally.messages.iter().chain(backup_failures) {
            writeln!(f, "failure: {message}")?;
        }
        Ok(())
    }
}

/// A value with its unit.
fn shown(figure: &str, value: f64) -> String {
    if is_size(figure) { format!("{:.1} MiB", value / 1024.0) } else { format!("{value:.0}") }
}

#[test]
fn values_are_shown_with_their_units() {
    assert_eq!(shown("memory (PSS)", 1536.0), "1.5 MiB");
    assert_eq!(shown("rows of tasks", -2.4), "-2");
}
