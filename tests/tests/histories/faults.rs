//! Faults of nodes and of the database: which, when and for how long is drawn from a seed.

use super::nodes::Nodes;
use fastrand::Rng;
use fasttrack_tests::history::{Outcome, Recorder, Request};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{task::spawn_blocking, time::sleep};

/// The client of a fault in a history.
const NOBODY: u32 = u32::MAX;

/// How many milliseconds there are between two faults of a track, and how long a fault lasts.
const BETWEEN: [u64; 2] = [300, 1300];
const LASTS: [u64; 2] = [100, 2400];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// The node is killed, and started again.
    Kill,
    /// The node is stopped in order, and started again.
    Restart,
    /// The node's process does nothing.
    Freeze,
    /// PostgreSQL crashes, and is started again.
    Crash,
    /// Sessions of PostgreSQL are read-only, as those of a standby, and those of before have ended.
    Failover,
    /// Nothing passes between the node and its database, while connections stay open.
    Silence,
    /// Connections between the node and its database are closed, and new ones at once.
    Cut,
    /// The answers of the database are lost to the node, while it gets what the node sends.
    LostAnswers,
    /// All between the node and its database is late.
    Latency,
}

const OF_NODES: [Kind; 3] = [Kind::Kill, Kind::Freeze, Kind::Restart];
const OF_DATABASE: [Kind; 6] =
    [Kind::Crash, Kind::LostAnswers, Kind::Failover, Kind::Silence, Kind::Cut, Kind::Latency];

#[derive(Clone, Copy, Debug)]
struct Fault {
    kind: Kind,
    /// The node that it hits; a fault of the database itself hits all of them.
    node: usize,
    after: Duration,
    lasts: Duration,
}

/// Makes faults for this long, and returns when all of them are over and all nodes are ready.
pub(super) async fn make(nodes: &Arc<Nodes>, recorder: &Arc<Recorder>, rng: &mut Rng, length: Duration) {
    let of_nodes = Track::new(nodes, recorder, &OF_NODES, rng);
    let until = Instant::now() + length;
    if nodes.has_cluster() {
        let of_database = Track::new(nodes, recorder, &OF_DATABASE, rng);
        tokio::join!(of_nodes.run(until), of_database.run(until));
    } else {
        of_nodes.run(until).await;
    }
    for node in 0..nodes.count() {
        nodes.ready(node).await;
    }
    // None fits in what is left.
    sleep(until.saturating_duration_since(Instant::now())).await;
}

/// Faults that come one after the other, each kind once before one comes again.
struct Track {
    nodes: Arc<Nodes>,
    recorder: Arc<Recorder>,
    kinds: Vec<Kind>,
    rng: Rng,
}

impl Track {
    fn new(nodes: &Arc<Nodes>, recorder: &Arc<Recorder>, kinds: &[Kind], rng: &mut Rng) -> Self {
        let mut rng = rng.fork();
        let mut kinds = kinds.to_vec();
        rng.shuffle(&mut kinds);
        Self { nodes: Arc::clone(nodes), recorder: Arc::clone(recorder), kinds, rng }
    }

    async fn run(mut self, until: Instant) {
        for round in 0.. {
            let fault = self.draw(round);
            if Instant::now() + fault.after + fault.lasts > until {
                return;
            }
            sleep(fault.after).await;
            self.make(fault).await;
        }
    }

    fn draw(&mut self, round: usize) -> Fault {
        let node = self.rng.usize(..self.nodes.count());
        let [after, lasts] = [BETWEEN, LASTS].map(|[from, until]| Duration::from_millis(self.rng.u64(from..until)));
        Fault { kind: self.kinds[round % self.kinds.len()], node, after, lasts }
    }

    /// Makes a fault, ends it, and records it until the nodes are ready again that it has hit.
    async fn make(&self, Fault { kind, node, lasts, .. }: Fault) {
        let hit = if matches!(kind, Kind::Crash | Kind::Failover) { 0..self.nodes.count() } else { node..node + 1 };
        let call = |node: usize| {
            let what = format!("{kind:?} for {lasts:?}");
            self.recorder.call(NOBODY, u32::try_from(node).unwrap(), None, Request::Fault { what })
        };
        let calls: Vec<_> = hit.clone().map(call).collect();
        let outage = if OF_DATABASE.contains(&kind) { Some(self.nodes.outage.lock().await) } else { None };
        self.begin(kind, node).await;
        sleep(lasts).await;
        self.end(kind, node).await;
        drop(outage);
        for node in hit {
            self.nodes.ready(node).await;
        }
        for call in calls {
            call.returned(Outcome::Done);
        }
    }

    async fn begin(&self, kind: Kind, node: usize) {
        match kind {
            Kind::Kill => self.nodes.kill(node),
            Kind::Restart => self.nodes.stop(node).await,
            Kind::Freeze => self.nodes.freeze(node),
            Kind::Crash => {
                let cluster = self.nodes.cluster();
                spawn_blocking(move || cluster.stop()).await.unwrap();
            }
            Kind::Failover => {
                self.set_read_only("on").await;
                let sessions = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                                WHERE datname = current_database() AND application_name = 'fasttrack'";
                self.execute(sessions.to_owned()).await;
            }
            Kind::Silence => self.nodes.relay(node).stop_forwarding(),
            Kind::Cut => self.nodes.relay(node).cut(),
            Kind::LostAnswers => self.nodes.relay(node).close_answers(),
            Kind::Latency => self.nodes.relay(node).slow_down(),
        }
    }

    async fn end(&self, kind: Kind, node: usize) {
        match kind {
            Kind::Kill | Kind::Restart => self.nodes.start(node).await,
            Kind::Freeze => self.nodes.thaw(node),
            Kind::Crash => {
                let cluster = self.nodes.cluster();
                spawn_blocking(move || cluster.start_again()).await.unwrap();
            }
            Kind::Failover => self.set_read_only("off").await,
            Kind::Silence | Kind::Cut | Kind::LostAnswers | Kind::Latency => self.nodes.relay(node).resume_forwarding(),
        }
    }

    /// Makes new sessions read-only, or writable again. Present ones stay as they are.
    async fn set_read_only(&self, value: &str) {
        let alter = format!("ALTER DATABASE postgres SET default_transaction_read_only = {value}");
        self.execute(format!("BEGIN READ WRITE; {alter}; COMMIT")).await;
    }

    async fn execute(&self, sql: String) {
        let cluster = self.nodes.cluster();
        spawn_blocking(move || cluster.execute(&sql)).await.unwrap();
    }
}
