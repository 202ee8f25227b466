//! One or two servers on one database. Faults end and start them while clients use them.

use crate::relay::Relay;
use fasttrack_testkit::postgres::Cluster;
use fasttrack_tests::{Account, Client, Installation, Server, cluster, eventually};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    task::spawn_blocking,
    time::{sleep, timeout},
};

/// How long a node may take to say whether it is ready.
const READINESS: Duration = Duration::from_secs(2);

/// The servers of a history, by their numbers. A server that is started again keeps its number and gets another port.
pub(super) struct Nodes {
    all: Vec<Node>,
    /// A PostgreSQL of its own, which faults may stop.
    cluster: Option<Arc<Cluster>>,
    /// Held while the database can't be used, as a server doesn't start then.
    pub(super) outage: tokio::sync::Mutex<()>,
}

struct Node {
    installation: Installation,
    /// The way to the database of a node, on PostgreSQL.
    relay: Option<Relay>,
    /// `None` while the server doesn't run.
    running: Mutex<Option<Running>>,
    /// What its former servers have logged.
    logged: Mutex<String>,
}

struct Running {
    server: Server,
    client: Client,
}

impl Nodes {
    /// One node with these settings, for a history without faults of nodes.
    pub(super) async fn one(installation: Installation) -> Arc<Self> {
        Self::start_all(vec![Node::new(installation, None)], None).await
    }

    /// The nodes of a history with faults: one on SQLite; two on a PostgreSQL of their own, each with a relay to it.
    pub(super) async fn several() -> Arc<Self> {
        let installation = Installation::new();
        if !installation.is_on_postgres() {
            return Self::one(installation).await;
        }
        let cluster = spawn_blocking(cluster).await.unwrap();
        let installation = Installation::on(&cluster.url("postgres"));
        let mut nodes = Vec::new();
        for _ in 0..2 {
            let relay = Relay::to(installation.database_url()).await;
            nodes.push(Node::new(installation.clone().with("DATABASE_URL", relay.url()), Some(relay)));
        }
        Self::start_all(nodes, Some(Arc::new(cluster))).await
    }

    async fn start_all(nodes: Vec<Node>, cluster: Option<Arc<Cluster>>) -> Arc<Self> {
        let nodes = Self { all: nodes, cluster, outage: tokio::sync::Mutex::default() };
        for node in 0..nodes.count() {
            nodes.start(node).await;
        }
        Arc::new(nodes)
    }

    pub(super) fn count(&self) -> usize {
        self.all.len()
    }

    /// Whether faults may stop the database.
    pub(super) fn has_cluster(&self) -> bool {
        self.cluster.is_some()
    }

    /// A client of a node without a token; `None` while its server doesn't run.
    pub(super) fn client(&self, node: usize) -> Option<Client> {
        self.all[node].running.lock().unwrap().as_ref().map(|running| running.client.clone())
    }

    /// The first node that runs, from this one on. Waits for one.
    pub(super) async fn available(&self, from: usize) -> usize {
        loop {
            let mut numbers = (from..from + self.count()).map(|node| node % self.count());
            if let Some(node) = numbers.find(|node| self.client(*node).is_some()) {
                return node;
            }
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Creates an administrator and logs in.
    pub(super) async fn admin(&self, email: &str) -> Account {
        self.all[0].installation.create_admin(email).await;
        let node = self.available(0).await;
        Account::log_in(&self.client(node).unwrap(), email, fasttrack_tests::PASSWORD).await
    }

    /// Runs SQL in the database beneath the servers.
    pub(super) fn sql(&self, statements: &str) {
        self.all[0].installation.sql(statements);
    }

    /// Returns the PostgreSQL that faults may stop. Panics on SQLite, which has none.
    pub(super) fn cluster(&self) -> Arc<Cluster> {
        Arc::clone(self.cluster.as_ref().unwrap())
    }

    /// Returns the way of a node to its PostgreSQL. Panics on SQLite, which has none.
    pub(super) fn relay(&self, node: usize) -> &Relay {
        self.all[node].relay.as_ref().unwrap()
    }

    /// Starts a node, once the database can be used.
    pub(super) async fn start(&self, node: usize) {
        let _usable = self.outage.lock().await;
        let node = &self.all[node];
        let installation = node.installation.clone();
        let server = spawn_blocking(move || installation.start()).await.unwrap();
        let client = server.anonymous();
        *node.running.lock().unwrap() = Some(Running { server, client });
    }

    /// Kills a node (SIGKILL).
    pub(super) fn kill(&self, node: usize) {
        let server = self.take(node);
        self.keep_log(node, &server.log());
        server.kill();
    }

    /// Stops a node (SIGTERM), and waits until it has ended.
    pub(super) async fn stop(&self, node: usize) {
        let mut server = self.take(node);
        server.terminate();
        let status = server.ended().await;
        let log = server.log_at_end().await;
        assert!(status.success(), "node {node}: {status}\n{log}");
        self.keep_log(node, &log);
    }

    fn keep_log(&self, node: usize, log: &str) {
        self.all[node].logged.lock().unwrap().push_str(log);
    }

    fn take(&self, node: usize) -> Server {
        self.all[node].running.lock().unwrap().take().unwrap().server
    }

    /// Freezes a node: its process does nothing, and its connections stay open.
    pub(super) fn freeze(&self, node: usize) {
        self.signal(node, Signal::STOP);
    }

    /// Lets a frozen node go on.
    pub(super) fn thaw(&self, node: usize) {
        self.signal(node, Signal::CONT);
    }

    fn signal(&self, node: usize, signal: Signal) {
        let running = self.all[node].running.lock().unwrap();
        let id = i32::try_from(running.as_ref().unwrap().server.process_id()).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
    }

    /// Waits until a node is ready.
    pub(super) async fn ready(&self, node: usize) {
        eventually(&format!("node {node} is ready"), async || {
            let Some(client) = self.client(node) else { return false };
            let answer = timeout(READINESS, client.get("/health/ready").try_send()).await;
            answer.is_ok_and(|answer| answer.is_some_and(|answer| answer.status == 200))
        })
        .await;
    }

    /// What the servers have logged, node by node.
    pub(super) fn logs(&self) -> String {
        let log = |node: &Node| {
            let running = node.running.lock().unwrap().as_ref().map(|running| running.server.log());
            node.logged.lock().unwrap().clone() + &running.unwrap_or_default()
        };
        self.all.iter().map(log).collect::<Vec<_>>().join("\n")
    }
}

impl Node {
    fn new(installation: Installation, relay: Option<Relay>) -> Self {
        Self { installation, relay, running: Mutex::default(), logged: Mutex::default() }
    }
}
