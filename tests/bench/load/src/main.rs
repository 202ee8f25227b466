//! The load generator of the benchmark: one thread, connections that are kept open, one request at a time on each.

mod connection;
mod driver;
mod hashing;
mod report;
mod scenario;

use clap::{Args, Parser, Subcommand};
use scenario::{Data, Operation, Scenario};
use std::{error::Error, fs, net::SocketAddr, path::PathBuf, time::Duration};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Prints its result as JSON.
#[derive(Parser)]
struct Options {
    #[command(subcommand)]
    load: Load,
}

#[derive(Subcommand)]
enum Load {
    /// Sends requests of one operation.
    Http(Http),
    /// Verifies passwords by bcrypt at cost 12, as a login does.
    Hash {
        #[arg(long)]
        threads: usize,
        #[arg(long)]
        seconds: f64,
    },
}

#[derive(Args)]
struct Http {
    #[arg(long)]
    address: SocketAddr,
    #[arg(long)]
    operation: Operation,
    #[arg(long)]
    connections: usize,
    #[arg(long)]
    seconds: f64,
    /// Requests a second of all connections; as many as are answered without it.
    #[arg(long)]
    rate: Option<f64>,
    /// A file with the access token of each user, one a line.
    #[arg(long)]
    tokens: PathBuf,
    #[command(flatten)]
    data: Data,
}

fn main() -> Outcome {
    match Options::parse().load {
        Load::Http(http) => {
            let tokens = fs::read_to_string(&http.tokens)?.lines().map(str::to_owned).collect();
            let scenario = Scenario::new(http.operation, http.data, tokens, http.connections)?;
            let time = Duration::from_secs_f64(http.seconds);
            let report = driver::run(&scenario, http.address, http.connections, time, http.rate)?;
            println!("{}", serde_json::to_string(&report)?);
        }
        Load::Hash { threads, seconds } => {
            println!("{}", serde_json::to_string(&hashing::run(threads, Duration::from_secs_f64(seconds))?)?);
        }
    }
    Ok(())
}
