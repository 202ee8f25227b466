//! The project that requests are about, and the loads of requests.

use super::{CLOSED, LOAD, SETTLE, load::Load};
use fasttrack_tests::{Account, DEADLINE, Server, eventually};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::{sleep_until, timeout},
};

/// Connections over which the open loop spreads its requests.
const CONNECTIONS: usize = 3_000;

/// One of this many requests creates a task, the others list 100: that costs the server much more than the clients.
const CREATE_EVERY: usize = 4;

/// A project, and the requests for its tasks.
pub struct Target {
    pub account: Account,
    project: i64,
    address: SocketAddr,
    list: String,
    create: String,
    /// The number of tasks that a warm-up created.
    earlier: AtomicU64,
}

impl Target {
    pub async fn new(server: &Server) -> Arc<Self> {
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
        let earlier = AtomicU64::new(0);
        Arc::new(Self { account, project, address, list, create, earlier })
    }

    fn request(&self, n: usize) -> &[u8] {
        if n.is_multiple_of(CREATE_EVERY) { self.create.as_bytes() } else { self.list.as_bytes() }
    }

    /// Sends as many requests as are answered, for this time.
    pub async fn closed(self: &Arc<Self>, time: Duration) -> Load {
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
                    load.count(connection.send(target.request(n)).await, due.elapsed());
                    n += 1;
                }
                load
            });
        }
        let load = Load::sum(clients.join_all().await, begin.elapsed());
        if time < LOAD {
            self.earlier.fetch_add(load.created, Ordering::Relaxed);
        }
        load
    }

    /// Sends this many requests a second.
    pub async fn open(self: &Arc<Self>, server: &Server, rate: f64) -> Load {
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
                    let status = connection.send(request).await;
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
    pub async fn has_all(&self, created: u64) {
        let created = created + self.earlier.load(Ordering::Relaxed);
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

    /// Sends a request and returns the status of the response.
    async fn send(&mut self, request: &[u8]) -> u16 {
        self.stream.write_all(request).await.unwrap();
        self.buffer.clear();
        loop {
            let length = timeout(DEADLINE, self.stream.read_buf(&mut self.buffer)).await.unwrap().unwrap();
            assert!(length > 0, "the server closed the connection");
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
