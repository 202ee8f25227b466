//! `fasttrack stats`

use super::output;
use crate::program::{settings::Settings, start::StartError, wiring::Adapters};
use clap::Subcommand;

#[derive(Subcommand)]
pub enum StatsCommand {
    /// Count the tasks of every project anew, and correct what differs; the server may be running
    Rebuild,
}

impl StatsCommand {
    pub async fn run(self, settings: &Settings) -> Result<(), StartError> {
        let Self::Rebuild = self;
        let statistics = Adapters::open(settings).await?.use_cases().statistics;
        let corrected = statistics
            .rebuild()
            .await
            .map_err(|error| StartError::failed("the statistics were not rebuilt", &error))?;
        output::line(format_args!("corrected {corrected} projects"))
    }
}
