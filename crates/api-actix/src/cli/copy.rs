//! `fasttrack copy`

use crate::{
    settings::{InvalidSetting, Settings},
    start::StartError,
    wiring::{self, DatabaseUrl, Progress, Table},
};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, IsTerminal};

#[derive(Args)]
#[expect(clippy::doc_markdown, reason = "the texts are shown in a terminal, by --help")]
pub struct CopyCommand {
    /// Database to copy, like sqlite://data/fasttrack.db or postgres://user:password@host/database
    #[arg(long, env = "COPY_FROM", hide_env_values = true, value_name = "URL")]
    from: String,
    /// Database that gets the copy: an empty one, or a SQLite file that is to be made
    #[arg(long, env = "COPY_TO", hide_env_values = true, value_name = "URL")]
    to: String,
}

impl CopyCommand {
    pub async fn run(self, settings: &Settings) -> Result<(), StartError> {
        let from = url("--from", &self.from)?;
        let to = url("--to", &self.to)?;
        let mut display = Display::new();
        let contents = wiring::copy(&from, &to, settings, |progress| display.show(progress)).await?;
        display.end();
        for (table, content) in contents {
            println!("{:<20} {:>12} rows  {}", table.name(), content.rows, content.checksum);
        }
        println!("both databases are the same");
        Ok(())
    }
}

/// Not clap's to check: it would print what it refuses, and with it a password.
fn url(name: &'static str, raw: &str) -> Result<DatabaseUrl, StartError> {
    raw.parse().map_err(|error: wiring::InvalidDatabaseUrl| {
        let example = "sqlite://data/fasttrack.db";
        StartError::Setting(InvalidSetting { name, fault: error.to_string(), example })
    })
}

/// How far it is: a bar on a terminal, a line for each table elsewhere. Both on standard error.
struct Display {
    bar: Option<ProgressBar>,
    last: Option<(Table, bool)>,
}

impl Display {
    fn new() -> Self {
        let style = "{msg:<30} {wide_bar} {human_pos}/{human_len} rows, {eta} to go";
        let bar = io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::new(0).with_style(style)
        });
        Self { bar, last: None }
    }

    fn show(&mut self, Progress { table, checking, done, total }: Progress) {
        let is_new = self.last.replace((table, checking)) != Some((table, checking));
        let verb = if checking { "checking" } else { "copying" };
        match &self.bar {
            Some(bar) => {
                bar.set_length(total);
                bar.set_position(done);
                if is_new {
                    bar.set_message(format!("{verb} {}", table.name()));
                }
            }
            None if is_new => eprintln!("{verb} {}", table.name()),
            None => {}
        }
    }

    fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
