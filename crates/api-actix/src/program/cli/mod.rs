//! The command line `fasttrack`.

mod arguments;
mod backup;
mod completions;
mod config;
mod copy;
mod demo;
mod display;
mod healthcheck;
mod jobs;
mod keys;
mod output;
mod search;
mod stats;
mod token;
mod usage;
mod user;

use crate::openapi;
use crate::program::{
    server,
    settings::{DotEnv, Settings},
    start::StartError,
    telemetry::Telemetry,
    wiring::Database,
};
use arguments::{Cli, Command};
use clap::FromArgMatches;
use std::{fmt::Display, future::Future, path::Path, process::ExitCode};

/// Reads `.env`, arguments and environment, runs the command, and returns the exit code: 1 where it failed, 2 for wrong
/// usage or a wrong setting.
pub fn main() -> ExitCode {
    let dotenv = match DotEnv::load(Path::new(".env")) {
        Ok(dotenv) => dotenv,
        Err(error) => return wrong(&error),
    };
    let usage = usage::command();
    let mut warnings = dotenv.warnings(&usage::variables(&usage));
    let matches = usage.clone().try_get_matches().unwrap_or_else(|error| error.exit());
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let mut settings = match Settings::check(&cli.settings) {
        Ok(settings) => settings,
        Err(faults) => {
            for warning in &warnings {
                output::note(format_args!("warning: {warning}"));
            }
            let codes: Vec<_> = faults.iter().map(wrong).collect();
            return codes.last().copied().unwrap_or(ExitCode::FAILURE);
        }
    };
    warnings.extend(settings.warnings());
    let command = cli.command.unwrap_or(Command::Serve);
    let telemetry = Telemetry::start(&mut settings.observability, matches!(command, Command::Serve));
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    let outcome = match command {
        Command::Config(command) => command.run(&matches, &dotenv, &settings),
        command => run(command, &settings),
    };
    // Flushes the log before the error that ends the program is printed.
    drop(telemetry);
    match outcome {
        Ok(()) | Err(StartError::OutputClosed) => ExitCode::SUCCESS,
        Err(StartError::Setting(error)) => wrong(&error),
        Err(StartError::Failed(error)) => {
            output::note(format_args!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn wrong(error: &impl Display) -> ExitCode {
    output::note(format_args!("error: {error}"));
    ExitCode::from(2)
}

fn run(command: Command, settings: &Settings) -> Result<(), StartError> {
    match command {
        Command::Serve => block_on(server::serve(settings)),
        Command::Migrate => block_on(migrate(settings)),
        Command::Copy(command) => block_on(command.run(settings)),
        Command::Backup(command) => block_on(command.run(settings)),
        Command::Restore(command) => block_on(command.run(settings)),
        Command::Demo => block_on(demo::run(settings)),
        Command::User(command) => block_on(command.run(settings)),
        Command::Token(command) => block_on(command.run(settings)),
        Command::Keys(command) => command.run(),
        Command::Jobs(command) => block_on(command.run(settings)),
        Command::Stats(command) => block_on(command.run(settings)),
        Command::Search(command) => block_on(command.run(settings)),
        Command::Openapi => {
            let document = openapi::document()
                .to_pretty_json()
                .map_err(|error| StartError::failed("the OpenAPI document", &error))?;
            output::line(document)
        }
        Command::Healthcheck => block_on(healthcheck::run(settings)),
        Command::Completions(command) => command.run(&mut usage::complete()),
        // `main` runs it, as it prints where each setting came from.
        Command::Config(_) => Ok(()),
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    actix_web::rt::System::new().block_on(future)
}

async fn migrate(settings: &Settings) -> Result<(), StartError> {
    let applied = Database::open(settings)?.migrate().await?;
    if applied.is_empty() {
        output::line("nothing to apply: the schema is up to date")?;
    }
    applied.into_iter().try_for_each(|name| output::line(format_args!("applied {name}")))
}
