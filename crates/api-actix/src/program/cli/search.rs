//! `fasttrack search`

use super::output;
use crate::program::{settings::Settings, start::StartError, wiring::Adapters};
use clap::Subcommand;

#[derive(Subcommand)]
pub enum SearchCommand {
    /// Write the words of every task anew; the server may be running
    Rebuild,
}

impl SearchCommand {
    pub async fn run(self, settings: &Settings) -> Result<(), StartError> {
        let Self::Rebuild = self;
        let search = Adapters::open(settings).await?.use_cases().search;
        let tasks =
            search.rebuild().await.map_err(|error| StartError::failed("the search index was not rebuilt", &error))?;
        output::line(format_args!("indexed {tasks} tasks"))
    }
}
