//! `fasttrack copy`

use super::{display::Display, output};
use crate::program::{
    settings::{InvalidSetting, Settings},
    start::StartError,
    wiring::{self, Progress, types::DatabaseUrl},
};
use clap::Args;

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
        if let Some(server) = wiring::served_by(&from).await {
            output::note(format_args!(
                "warning: {server} serves the database that is copied: what is written from now on isn't in the copy; stop \
                 it first to take everything along"
            ));
        }
        let mut display = Display::new("{human_pos}/{human_len} rows");
        let contents = wiring::copy(&from, &to, settings, |Progress { table, checking, done, total }| {
            let verb = if checking { "checking" } else { "copying" };
            display.show(&format!("{verb} {}", table.name()), done, total);
        });
        let contents = contents.await?;
        for (table, content) in contents {
            output::line(format_args!("{:<20} {:>12} rows  {}", table.name(), content.rows, content.checksum))?;
        }
        output::line("both databases are the same")
    }
}

/// Not a value parser, as clap would print the refused value, with its password.
fn url(name: &'static str, raw: &str) -> Result<DatabaseUrl, StartError> {
    raw.parse().map_err(|error: wiring::InvalidDatabaseUrl| {
        let example = "sqlite://data/fasttrack.db".to_owned();
        StartError::Setting(InvalidSetting { name, fault: error.to_string(), example })
    })
}
