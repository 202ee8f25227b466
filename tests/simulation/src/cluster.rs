//! Several nodes on one database, which crash and start again.

use crate::{
    background,
    observer::Observer,
    outside::{
        AnyEndpoint, AuditLines, MailServer, NodeClock, Passwords, PlainEncoder, PlainTokens, Received, Receivers,
        Secrets,
    },
    ports::{Line, faulty},
    scheduler::{Sim, Tasks},
};
use fasttrack_app::{Config, Error, Ports, UseCases};
use fasttrack_domain::{job::WorkerId, ports::clock::Clock, token::TokenError};
use fasttrack_infra_diesel::sqlite::Database;
use fasttrack_infra_notify::bus::LocalNotificationBus;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::sync::oneshot;

/// What a client got for a request.
pub(crate) enum Answer<T> {
    Done(T),
    /// Nothing was changed.
    Refused(Error),
    /// The node crashed, or could not say what became of it.
    Unknown,
}

/// The nodes. Tasks share it by [`Rc`].
pub(crate) struct Cluster {
    pub(crate) sim: Arc<Sim>,
    pub(crate) tasks: Tasks,
    pub(crate) observer: Arc<Observer>,
    pub(crate) received: Arc<Received>,
    /// The connection of each node.
    databases: Vec<Database>,
    /// By how much each node's clock is wrong.
    clock_errors: Vec<Arc<AtomicI64>>,
    nodes: RefCell<Vec<Option<Rc<Node>>>>,
    starts: Cell<u64>,
}

/// A node that runs.
pub(crate) struct Node {
    pub(crate) sim: Arc<Sim>,
    pub(crate) observer: Arc<Observer>,
    pub(crate) use_cases: UseCases,
    /// Unlike that of any other start of a node.
    name: String,
    tasks: Tasks,
    /// What is dropped when it crashes.
    own: RefCell<Vec<u64>>,
}

impl Node {
    /// Runs a task until the node crashes.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        let id = self.tasks.spawn(task);
        self.own.borrow_mut().push(id);
    }

    pub(crate) fn worker_id(&self, kind: &str) -> WorkerId {
        WorkerId::new(format!("{kind} of {}", self.name))
    }

    /// The value of a result. An error that is a defect is a finding.
    pub(crate) fn checked<T>(&self, result: Result<T, Error>) -> Option<T> {
        check(&self.observer, &result);
        result.ok()
    }
}

fn check<T>(observer: &Observer, result: &Result<T, Error>) {
    if let Err(Error::Internal(source)) = result {
        observer.found("an internal error", Some(format!("{source:?}")));
    }
}

impl Cluster {
    pub(crate) fn new(sim: Arc<Sim>, observer: Arc<Observer>, databases: Vec<Database>) -> Rc<Self> {
        let tasks = Tasks::new(Arc::clone(&sim));
        let clock_errors = databases.iter().map(|_| Arc::default()).collect();
        let nodes = RefCell::new(databases.iter().map(|_| None).collect());
        let received = Arc::default();
        Rc::new(Self { sim, tasks, observer, received, databases, clock_errors, nodes, starts: Cell::new(0) })
    }

    pub(crate) fn size(&self) -> usize {
        self.databases.len()
    }

    pub(crate) fn clock(&self, node: usize) -> Arc<dyn Clock> {
        Arc::new(NodeClock { sim: Arc::clone(&self.sim), error: Arc::clone(&self.clock_errors[node]) })
    }

    /// Makes a node's clock jump, back where the number is negative.
    pub(crate) fn jump(&self, node: usize, milliseconds: i64) {
        self.sim.note(Some(node), format_args!("clock jumps by {milliseconds} ms"));
        self.clock_errors[node].fetch_add(milliseconds * 1_000, Ordering::Relaxed);
    }

    /// Makes all clocks equal, and later than each was.
    pub(crate) fn set_clocks_right(&self, later_by: Duration) {
        let latest = self.clock_errors.iter().map(|error| error.load(Ordering::Relaxed)).max().unwrap_or_default();
        let error = latest.max(0) + i64::try_from(later_by.as_micros()).unwrap();
        self.clock_errors.iter().for_each(|own| own.store(error, Ordering::Relaxed));
    }

    fn ports(&self, node: usize) -> Ports {
        let line = Line { sim: Arc::clone(&self.sim), observer: Arc::clone(&self.observer), node };
        let repositories = faulty(&self.databases[node].repositories(), &line);
        let secrets = Arc::new(Secrets(Arc::clone(&self.sim)));
        let tokens = Arc::new(PlainTokens {
            sim: Arc::clone(&self.sim),
            storage: repositories.api_tokens.clone(),
            secrets: secrets.clone(),
            uses: Mutex::default(),
        });
        Ports {
            uncounted: repositories.clone(),
            repositories,
            hasher: Arc::new(Passwords),
            issuer: tokens.clone(),
            verifier: tokens.clone(),
            api_tokens: tokens.clone(),
            external: None,
            secrets,
            blocklist: tokens,
            bus: Arc::new(LocalNotificationBus::default()),
            audit: Arc::new(AuditLines),
            mailer: Arc::new(MailServer(line.clone())),
            webhook_transport: Arc::new(Receivers { line, received: Arc::clone(&self.received) }),
            endpoint_policy: Arc::new(AnyEndpoint),
            delivery_encoder: Arc::new(PlainEncoder),
            clock: self.clock(node),
        }
    }

    /// Starts a node that doesn't run, with its background work.
    pub(crate) fn start(&self, node: usize) {
        self.sim.note(Some(node), format_args!("starts"));
        let config = Config { webhook_retries: "1,2,4".parse().unwrap(), ..Config::default() };
        self.starts.set(self.starts.get() + 1);
        let started = Rc::new(Node {
            sim: Arc::clone(&self.sim),
            observer: Arc::clone(&self.observer),
            use_cases: UseCases::new(&self.ports(node), &config),
            name: format!("node {node}, start {}", self.starts.get()),
            tasks: self.tasks.clone(),
            own: RefCell::default(),
        });
        background::start(&started);
        self.nodes.borrow_mut()[node] = Some(started);
    }

    /// Drops all that a node does, wherever it waits.
    pub(crate) fn crash(&self, node: usize) {
        let crashed = self.nodes.borrow_mut()[node].take();
        let Some(crashed) = crashed else { return };
        self.sim.note(Some(node), format_args!("crashes"));
        for task in crashed.own.take() {
            self.tasks.abort(task);
        }
    }

    /// The nodes that run, by number.
    pub(crate) fn running(&self) -> Vec<(usize, Rc<Node>)> {
        let nodes = self.nodes.borrow();
        nodes.iter().enumerate().filter_map(|(number, node)| Some((number, Rc::clone(node.as_ref()?)))).collect()
    }

    /// Sends a request to a node that is drawn.
    pub(crate) async fn request<T: 'static, F>(&self, what: &str, work: impl FnOnce(Rc<Node>) -> F) -> Answer<T>
    where
        F: Future<Output = Result<T, Error>> + 'static,
    {
        let Some((number, node)) = self.sim.choice(&self.running()) else { return Answer::Unknown };
        self.sim.note(Some(number), format_args!("request: {what}"));
        let (sender, receiver) = oneshot::channel();
        let work = work(Rc::clone(&node));
        node.spawn(async move {
            let _ = sender.send(work.await);
        });
        drop(node);
        let result = receiver.await;
        let answer = match result {
            Err(_) | Ok(Err(Error::Unavailable { .. } | Error::Token(TokenError::Unavailable))) => Answer::Unknown,
            Ok(result) => {
                check(&self.observer, &result);
                match result {
                    Ok(done) => Answer::Done(done),
                    Err(Error::Internal(_)) => Answer::Unknown,
                    Err(error) => Answer::Refused(error),
                }
            }
        };
        let outcome = match &answer {
            Answer::Done(_) => "done".to_owned(),
            Answer::Refused(error) => format!("refused: {error}"),
            Answer::Unknown => "unknown".to_owned(),
        };
        self.sim.note(Some(number), format_args!("answer to {what}: {outcome}"));
        answer
    }
}
