//! `fasttrack backup` and `fasttrack restore`

use super::{display::Display, output};
use crate::program::{
    settings::Settings,
    start::StartError,
    wiring::{self, Contents, Restored},
};
use clap::Args;
use std::path::PathBuf;

const BYTES: &str = "{binary_bytes} of {binary_total_bytes}";

#[derive(Args)]
pub struct BackupCommand {
    /// Where to write it: mode 0600; never overwrites
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl BackupCommand {
    pub async fn run(self, settings: &Settings) -> Result<(), StartError> {
        let contents = wiring::backup(settings, &self.out, reporter()).await?;
        for difference in &contents.differences {
            output::note(format_args!(
                "warning: {difference}, so that `fasttrack restore` will refuse this backup; undo what was added to the \
                 database, and take another"
            ));
        }
        print(&contents)?;
        output::line(format_args!("{} is a backup of {} bytes", self.out.display(), contents.bytes))?;
        if let Some(key) = wiring::signing_key_file(settings) {
            output::line(format_args!("the signing key isn't in it: keep a copy of {} apart", key.display()))?;
        }
        Ok(())
    }
}

#[derive(Args)]
pub struct RestoreCommand {
    /// What `fasttrack backup` wrote
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
}

impl RestoreCommand {
    pub async fn run(self, settings: &Settings) -> Result<(), StartError> {
        let (database, Restored { contents, former }) = wiring::restore(settings, &self.from, reporter()).await?;
        print(&contents)?;
        output::line(format_args!("{} is what {} was", database.display(), self.from.display()))?;
        if let Some(former) = former {
            let former = former.display();
            output::line(format_args!(
                "what it was before is kept as {former}: delete it when nobody misses anything"
            ))?;
        }
        output::line(
            "start the server now; sessions that were ended since are live again, so consider another signing key",
        )
    }
}

fn reporter() -> Box<dyn FnMut(wiring::BackupProgress) + Send> {
    let mut display = Display::new(BYTES);
    Box::new(move |progress| match progress {
        wiring::BackupProgress::Copying { done, total } => display.show("copying", done, total),
        wiring::BackupProgress::Checking => display.show("checking", 0, 0),
    })
}

fn print(contents: &Contents) -> Result<(), StartError> {
    for (table, rows) in &contents.rows {
        output::line(format_args!("{table:<20} {rows:>12} rows"))?;
    }
    output::line(format_args!("schema {}, nothing damaged", contents.schema))
}
