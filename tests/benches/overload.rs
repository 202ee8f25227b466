//! What becomes of a server that is asked for twice of what it can do. Prints one line a figure.
//!
//! `cargo bench -p fasttrack-tests --bench overload`
//!
//! The server has the first core to itself, and the clients have the others: on Linux, and where there are two. Clients
//! send at a constant rate, whatever comes back, and a latency is measured from when its request was due: one that can't
//! be sent in time, as the one before is still to be answered, counts in full.

#![expect(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it may fail, and figures are rounded"
)]

use fasttrack_tests::{Account, DEADLINE, Installation, Server, eventually};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use std::{
    net::SocketAddr,
    sync::Arc,
    thread::available_parallelism,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime::Builder,
    task::JoinSet,
    time::{sleep_until, timeout},
};

/// Clients of the closed loop, each of which asks again as soon as it's answered.
const CLOSED: usize = 64;

/// Connections over which the open loop spreads its requests.
const CONNECTIONS: usize = 3_000;

/// How long each load lasts.
const LOAD: Duration = Duration::from_secs(10);

/// So long it takes until there is more than a burst, and what queued up until then is worked off.
const SETTLE: Duration = Duration::from_secs(2);

/// Every so many requests one creates a task, the others list 100: that costs the server much more than the clients.
const CREATE_EVERY: usize = 4;

fn main() {
    let cores = available_parallelism().unwrap().get();
    let all = sched_getaffinity(None).unwrap();
    pin(|core| core == 0);
    // One as it comes, and one that refuses nothing.
    let shedding = start(Installation::new().without("MAX_QUEUE_MILLISECONDS"));
    let tolerant = start(Installation::new().with("MAX_QUEUE_MILLISECONDS", "0"));
    if cores > 1 {
        pin(|core| core > 0 && all.is_set(core));
    }
    let runtime = Builder::new_multi_thread().worker_threads(cores.saturating_sub(1).max(1)).enable_all().build();
    runtime.unwrap().block_on(run(shedding, tolerant));
}

/// Whatever is started from now on has these cores.
fn pin(has: impl Fn(usize) -> bool) {
    let mut cores = CpuSet::new();
    (0..CpuSet::MAX_CPU).filter(|core| has(*core)).for_each(|core| cores.set(core));
    sched_setaffinity(None, &cores).unwrap();
}

fn start(installation: Installation) -> Server {
    installation.with("WORKERS", "1").with("RUST_LOG", "warn,fasttrack_api_actix::server=info").start()
}

async fn run(shedding: Server, tolerant: Server) {
    let target = Target::new(&shedding).await;
    // Caches, buffers, and pages of the database.
    target.closed(Duration::from_secs(3)).await;
    let closed = target.closed(LOAD).await;
    println!("{CLOSED} clients without a pause: {closed}");
    assert_eq!(closed.refused, 0, "full load is no overload");
    let capacity = closed.served_per_second();

    let calm = target.open(&shedding, 0.7 * capacity).await;
    println!("0.7 of that, offered steadily: {calm}");
    let twice = target.open(&shedding, 2.0 * capacity).await;
    println!("twice of that: {twice}");
    println!("  p99 of the served is {:.1} times that at 0.7", twice.served.at(0.99) / calm.served.at(0.99));
    let created = [&closed, &calm, &twice].into_iter().map(|load| load.created).sum();
    target.has_all(created).await;
    target.account.get("/health/ready").await.expect(200);

    let target = Target::new(&tolerant).await;
    let twice = target.open(&tolerant, 2.0 * capacity).await;
    println!("the same where nothing is refused: {twice}");
    target.has_all(twice.created).await;
}

/// A project of somebody's, and the requests that ask for its tasks.
struct Target {
    account: Account,
    project: i64,
    address: SocketAddr,
    list: String,
    create: String,
    /// Tasks that a warm-up made.
    earlier: std::sync::atomic::AtomicU64,
}

impl Target {
    async fn new(server: &Server) -> Arc<Self> {
        let account = server.register().await;
        let project = account.project().await;
        let head = |method: &str, query: &str, more: &str| {
            format!(
                "{method} /projects/{project}/tasks{query} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n{more}\r\n",
                account.access_token
            )
        };
        let body = r#"{"title": "Water the roses"}"#;
        let create = format!(
            "{}{body}",
            head("POST", "", &format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()))
        );
        let list = head("GET", "?limit=100", "");
        let address = server.url().strip_prefix("http://").unwrap().parse().unwrap();
        let earlier = std::sync::atomic::AtomicU64::new(0);
        Arc::new(Self { account, project, address, list, create, earlier })
    }

    fn request(&self, n: usize) -> &[u8] {
        if n.is_multiple_of(CREATE_EVERY) { self.create.as_bytes() } else { self.list.as_bytes() }
    }

    /// As much as can be done.
    async fn closed(self: &Arc<Self>, time: Duration) -> Load {
        let begin = Instant::now();
        let mut clients = JoinSet::new();
        for client in 0..CLOSED {
            let target = Arc::clone(self);
            clients.spawn(async move {
                let mut connection = Connection::open(target.address).await;
                let mut load = Load::default();
                let mut n = client;
                while begin.elapsed() < time {
                    let due = Instant::now();
                    load.count(connection.ask(target.request(n)).await, due.elapsed());
                    n += 1;
                }
                load
            });
        }
        let load = Load::sum(clients.join_all().await, begin.elapsed());
        if time < LOAD {
            self.earlier.fetch_add(load.created, std::sync::atomic::Ordering::Relaxed);
        }
        load
    }

    /// So many requests a second.
    async fn open(self: &Arc<Self>, server: &Server, rate: f64) -> Load {
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            connections.push(Connection::open(self.address).await);
        }
        let begin = Instant::now();
        let mut clients = JoinSet::new();
        for (client, mut connection) in connections.into_iter().enumerate() {
            let target = Arc::clone(self);
            clients.spawn(async move {
                let mut load = Load::default();
                for n in (client..).step_by(CONNECTIONS) {
                    let offset = Duration::from_secs_f64(n as f64 / rate);
                    if offset >= LOAD {
                        break;
                    }
                    let due = begin + offset;
                    sleep_until(due.into()).await;
                    // Not n: as many connections as a multiple of the period would create always, or never.
                    let request = target.request(client + n / CONNECTIONS);
                    let status = connection.ask(request).await;
                    load.count(status, due.elapsed());
                    if offset < SETTLE && matches!(status, 200 | 201) {
                        load.first.0.extend(load.served.0.pop());
                    }
                }
                load
            });
        }
        let mut loads = Vec::new();
        let mut memory = 0;
        while let Some(load) = clients.join_next().await {
            // The first are ready when the load ends, and the connections of the others are open.
            if loads.is_empty() {
                memory = server.memory();
            }
            loads.push(load.unwrap());
        }
        Load { memory, ..Load::sum(loads, begin.elapsed()) }
    }

    /// Nothing that was acknowledged is lost, and nothing was done twice or unasked.
    async fn has_all(&self, created: u64) {
        let created = created + self.earlier.load(std::sync::atomic::Ordering::Relaxed);
        let path = format!("/projects/{}/stats", self.project);
        let mut total = None;
        eventually("all tasks are counted", async || {
            let answer = self.account.get(&path).await;
            total = (answer.status == 200).then(|| answer.data()["total"].as_u64().unwrap());
            total.is_some_and(|total| total >= created)
        })
        .await;
        assert_eq!(total, Some(created), "tasks that are there, tasks that were acknowledged");
        println!("  {created} creations were acknowledged, and as many tasks are there");
    }
}

/// One connection, one request at a time.
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: Vec::with_capacity(8 * 1024) }
    }

    /// The status of the answer.
    async fn ask(&mut self, request: &[u8]) -> u16 {
        self.stream.write_all(request).await.unwrap();
        self.buffer.clear();
        loop {
            let length = timeout(DEADLINE, self.stream.read_buf(&mut self.buffer)).await.unwrap().unwrap();
            assert!(length > 0, "the server hung up");
            let Some(end) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
            let head = std::str::from_utf8(&self.buffer[..end]).unwrap().to_ascii_lowercase();
            let length = head.split_once("content-length: ").unwrap().1.split("\r\n").next().unwrap();
            if self.buffer.len() >= end + 4 + length.parse::<usize>().unwrap() {
                let status = head["http/1.1 ".len()..][..3].parse().unwrap();
                assert!(status != 503 || head.contains("\r\nretry-after: "), "{head}");
                return status;
            }
        }
    }
}

/// What came of a load.
#[derive(Default)]
struct Load {
    took: Duration,
    served: Latencies,
    /// Of what was served while a load settled.
    first: Latencies,
    refused_in: Latencies,
    refused: usize,
    created: u64,
    /// The server's at the end, in bytes; 0 where nobody looked.
    memory: u64,
}

impl Load {
    fn count(&mut self, status: u16, latency: Duration) {
        match status {
            200 => self.served.0.push(latency),
            201 => {
                self.served.0.push(latency);
                self.created += 1;
            }
            503 => {
                self.refused_in.0.push(latency);
                self.refused += 1;
            }
            other => panic!("status {other}"),
        }
    }

    fn sum(loads: Vec<Self>, took: Duration) -> Self {
        let mut sum = loads.into_iter().fold(Self { took, ..Self::default() }, |mut sum, load| {
            sum.served.0.extend(load.served.0);
            sum.first.0.extend(load.first.0);
            sum.refused_in.0.extend(load.refused_in.0);
            sum.refused += load.refused;
            sum.created += load.created;
            sum
        });
        sum.served.0.sort_unstable();
        sum.first.0.sort_unstable();
        sum.refused_in.0.sort_unstable();
        sum
    }

    fn served_per_second(&self) -> f64 {
        (self.first.0.len() + self.served.0.len()) as f64 / self.took.as_secs_f64()
    }
}

impl std::fmt::Display for Load {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let refused = self.refused as f64 / self.took.as_secs_f64();
        write!(f, "{:.0}/s served in {}, {refused:.0}/s refused", self.served_per_second(), self.served)?;
        if self.refused > 0 {
            write!(f, " in {}", self.refused_in)?;
        }
        if !self.first.0.is_empty() {
            write!(f, "; in the first {} s served in {}", SETTLE.as_secs(), self.first)?;
        }
        if self.memory > 0 {
            write!(f, "; {} MiB", self.memory >> 20)?;
        }
        Ok(())
    }
}

/// In order once they are complete.
#[derive(Default)]
struct Latencies(Vec<Duration>);

impl Latencies {
    /// In milliseconds.
    fn at(&self, share: f64) -> f64 {
        let last = self.0.len().saturating_sub(1) as f64;
        self.0.get((last * share) as usize).map_or(0.0, |latency| latency.as_secs_f64() * 1000.0)
    }
}

impl std::fmt::Display for Latencies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "p50 {:.1} ms, p99 {:.1} ms", self.at(0.5), self.at(0.99))
    }
}
