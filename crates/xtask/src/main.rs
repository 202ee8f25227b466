//! Checks and generators of the workspace: `cargo xtask <task>`.

mod architecture;
mod bench;
mod features;
mod graph;
mod histories;
mod instructions;
mod invariant;
mod mutants;
mod openapi;
mod outcome;
mod power_loss;
mod public_api;
mod settings;
mod simulate;
mod soak;
mod specs;
mod supply_chain;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask <task>

  bench [--rounds N] [--seconds S] [--tasks N] [--large N] [--database sqlite|postgres]
        [--only CASE,CASE] [--sockets N] [--binary PATH] [--output|--json FILE] [--against FILE]
                      measures the server beside bare actix and axum + sqlx: docs/performance.json and
                      the figures in docs/performance.md, or FILE; --sockets are those that notifications
                      go to; --against prints the ratios to the figures of a FILE, and what is below 0.95
  bench --profile CASE [--seconds S] [--tasks N] [--sockets N] [--database sqlite|postgres] [--binary PATH]
                      where the server's time goes in one case: by perf, or by Callgrind where perf is
                      missing, folded stacks and a flame graph in target/profile
  bench --report      the figures in docs/performance.md are those of docs/performance.json
  check-architecture  the direction of dependencies, and who may name an adapter
  check-supply-chain  every dependency is locked, with its hash, and nothing is unsafe
  features            each crate with features compiles without them and with each one
  histories [--minutes N] [--database sqlite|postgres] [--seed N]
                      answers keep what is promised while nodes and databases fail (10 minutes on each database)
  histories --replay FILE
                      checks a history again that was written to a file
  instructions --check
                      requests take about as many CPU instructions as docs/instructions.json says
  instructions --write
                      makes it say so
  mutants [--package domain|app] [--file GLOB] [--shard I/N | --sample N [--seed N]]
                      a test finds each mutant of domain and app that docs/mutants.yaml doesn't name
  openapi --check     docs/openapi.json is what the binary serves
  openapi --write     makes it so
  power-loss [--images N] [--seed N]
                      no image of a disk after a power loss lacks what was acknowledged (50000 images)
  public-api --check  docs/public-api.txt lists what domain and app offer
  public-api --write  makes it so
  scale [--rounds N] [--seconds S] [--binary PATH] [--output FILE]
                      measures where nodes, PostgreSQL, the dispatcher and SQLite's writer saturate:
                      docs/scaling.json and the figures in docs/scaling.md, or FILE
  scale --report      the figures in docs/scaling.md are those of docs/scaling.json
  settings --write    .env.example and docs/operations/settings.md list the settings that the binary has
  simulate [--seeds N] [--seed N]
                      no simulation of several nodes with faults breaks a promise (50000 seeds)
  soak [--hours N] [--minutes N] [--database sqlite|postgres] [--binary PATH] [--output FILE]
                      nothing grows while the server is under load for an hour, or longer: the figures
                      are printed, and go to target/soak-DATABASE.json, or FILE
  specs check         .contextia, the code and the tests agree
  specs context ID [--json] [--budget N]
                      a task, or another document, with what it links to, in N tokens at most";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        ["bench", "--report"] => bench::report(),
        ["bench", ref options @ ..] if let Some(options) = bench::Options::parse(options) => bench::run(options),
        ["check-architecture"] => architecture::check(),
        ["check-supply-chain"] => supply_chain::check(),
        ["features"] => features::check(),
        ["histories", ref options @ ..] if let Some(options) = histories::Options::parse(options) => {
            histories::run(&options)
        }
        ["instructions", "--check"] => instructions::check(),
        ["instructions", "--write"] => instructions::write(),
        ["mutants", ref options @ ..] if let Some(options) = mutants::Options::parse(options) => mutants::run(&options),
        ["openapi", "--check"] => openapi::check(),
        ["openapi", "--write"] => openapi::write(),
        ["power-loss", ref options @ ..] if let Some(options) = power_loss::Options::parse(options) => {
            power_loss::run(&options)
        }
        ["public-api", "--check"] => public_api::check(),
        ["public-api", "--write"] => public_api::write(),
        ["scale", "--report"] => bench::scale::report(),
        ["scale", ref options @ ..] if let Some(options) = bench::scale::Options::parse(options) => {
            bench::scale::run(&options)
        }
        ["settings", "--write"] => settings::write(),
        ["simulate", ref options @ ..] if let Some(options) = simulate::Options::parse(options) => {
            simulate::run(&options)
        }
        ["soak", ref options @ ..] if let Some(options) = soak::Options::parse(options) => soak::run(options),
        ["specs", "check"] => specs::check(),
        ["specs", "context", id, ref options @ ..] if let Some(options) = specs::Options::parse(options) => {
            specs::context(id, options)
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
