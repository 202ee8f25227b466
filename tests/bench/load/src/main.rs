//! The load generator of the benchmark: one thread, connections that are kept open, one request at a time on each.

mod connection;
mod data;
mod driver;
mod follow;
mod hashing;
mod operation;
mod report;
mod request;
mod scenario;

use clap::{Args, Parser, Subcommand};
use data::Data;
use driver::{Load, Until};
use follow::{Follow, Transport};
use operation::Operation;
use report::Report;
use scenario::Scenario;
use std::{
    error::Error,
    fs,
    io::ErrorKind,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Prints its result as JSON.
#[derive(Parser)]
struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Sends requests of one operation.
    Http(Box<Http>),
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
    /// Where the server listens; several share the connections.
    #[arg(long = "address", required = true)]
    addresses: Vec<SocketAddr>,
    #[arg(long)]
    operation: Operation,
    #[arg(long)]
    connections: usize,
    #[arg(long, required_unless_present = "requests")]
    seconds: Option<f64>,
    /// Ends after so many requests of all connections.
    #[arg(long, conflicts_with = "seconds")]
    requests: Option<u64>,
    /// Requests a second of all connections; as many as are answered without it.
    #[arg(long)]
    rate: Option<f64>,
    /// A file with the access token of each user, one a line.
    #[arg(long)]
    tokens: PathBuf,
    /// A file with refresh tokens, one a line, which is made where it is missing, and then has the tokens of the last
    /// responses.
    #[arg(long, required_if_eq("operation", "refresh"))]
    sessions: Option<PathBuf>,
    /// Receives the notifications of the changes, on connections of its own; the latencies are those from the response to
    /// a change to the message about it.
    #[arg(long, requires = "followers")]
    follow: Option<Transport>,
    /// So many connections, of all users alike.
    #[arg(long, requires = "follow")]
    followers: Option<usize>,
    /// The server that they are connections to, if it isn't the first.
    #[arg(long, requires = "follow")]
    follow_address: Option<SocketAddr>,
    #[command(flatten)]
    data: Data,
}

impl Http {
    fn run(self) -> Outcome<Report> {
        let until = match (self.requests, self.seconds) {
            (Some(requests), _) => Until::Requests(requests),
            (None, seconds) => Until::Time(Duration::from_secs_f64(seconds.unwrap_or_default())),
        };
        let address = self.follow_address.or(self.addresses.first().copied()).ok_or("there is no server")?;
        let follow =
            self.follow.zip(self.followers).map(|(transport, followers)| Follow { transport, address, followers });
        if follow.is_some() && self.operation != Operation::Status {
            return Err("only changes of status are followed".into());
        }
        let load = Load { addresses: self.addresses, connections: self.connections, until, rate: self.rate, follow };
        let tokens = lines(&fs::read_to_string(&self.tokens)?);
        let file = self.sessions.as_deref().filter(|_| self.operation == Operation::Refresh);
        let sessions = file.map(sessions).transpose()?.unwrap_or_default();
        let mut scenario = Scenario::new(self.operation, self.data, tokens, sessions, self.connections)?;
        let report = driver::run(&mut scenario, &load)?;
        if let Some(file) = file {
            let sessions: String = scenario.sessions().flat_map(|token| [token, "\n"]).collect();
            fs::write(file, sessions)?;
        }
        Ok(report)
    }
}

/// The refresh tokens in a file, if there is one.
fn sessions(file: &Path) -> Outcome<Vec<String>> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(lines(&text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(ToOwned::to_owned).collect()
}

fn main() -> Outcome {
    let json = match Options::parse().action {
        Action::Http(http) => serde_json::to_string(&http.run()?)?,
        Action::Hash { threads, seconds } => {
            serde_json::to_string(&hashing::run(threads, Duration::from_secs_f64(seconds))?)?
        }
    };
    println!("{json}");
    Ok(())
}
