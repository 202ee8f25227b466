//! Checks and generators of the workspace: `cargo xtask <task>`.

mod architecture;
mod features;
mod graph;
mod invariant;
mod openapi;
mod outcome;
mod public_api;
mod settings;
mod specs;
mod supply_chain;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask <task>

  check-architecture  the direction of dependencies, and who may name an adapter
  check-supply-chain  every dependency is locked, with its hash, and nothing is unsafe
  features            each crate with features compiles without them and with each one
  openapi --check     docs/openapi.json is what the binary serves
  openapi --write     makes it so
  public-api --check  docs/public-api.txt lists what domain and app offer
  public-api --write  makes it so
  settings --write    .env.example and docs/operations/settings.md list the settings that the binary has
  specs check         .contextia, the code and the tests agree
  specs context ID [--json] [--budget N]
                      a task, or another document, with what it links to, in N tokens at most";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        ["check-architecture"] => architecture::check(),
        ["check-supply-chain"] => supply_chain::check(),
        ["features"] => features::check(),
        ["openapi", "--check"] => openapi::check(),
        ["openapi", "--write"] => openapi::write(),
        ["public-api", "--check"] => public_api::check(),
        ["public-api", "--write"] => public_api::write(),
        ["settings", "--write"] => settings::write(),
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
